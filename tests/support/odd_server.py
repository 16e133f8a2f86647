"""`python odd_server.py PORT MODE`: servers as they should not be, one mode each; PLAIN is as it should be."""

import gzip
import os
import signal
import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT, MODE = int(sys.argv[1]), sys.argv[2]
BODY = b'{"ok": true}'
BIG = b"x" * 5_000_000
BEGAN = time.monotonic()
SERVED = 0
THINKS_S = 0.02  # so that two users do not keep two cores busy


class Handler(BaseHTTPRequestHandler):
    """Answers /health with 200, and anything else in its mode."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one write
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        """Stay silent."""

    def answer(self, status: int = 200, body: bytes = BODY, length: int | None = None, **headers: str) -> None:
        """Send an answer."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if length != -1:
            self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        """Answer as the mode says."""
        global SERVED
        if self.path == "/health" and MODE not in ("slow-start", "early"):
            self.answer()
            return
        SERVED += self.path != "/health"
        time.sleep(THINKS_S)
        answer = MODES.get(MODE)
        if answer is None:
            self.answer()
        else:
            answer(self)

    def chunked(self) -> None:
        """Send the body in two chunks."""
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in (b'{"ok": ', b"true}", b""):
            self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")

    def closing(self) -> None:
        """Close the connection after the answer."""
        self.answer(Connection="close")
        self.close_connection = True

    def close_per_half(self) -> None:
        """Reset every fifth connection without an answer."""
        if SERVED % 5:
            self.answer()
        else:
            self.connection.close()

    def too_short(self) -> None:
        """Promise more than is sent, and close."""
        self.answer(length=1000)
        self.close_connection = True

    def slow_start(self) -> None:
        """Be ready after two seconds."""
        self.answer(200 if time.monotonic() - BEGAN > 2 else 503)

    def early(self) -> None:
        """Say that all is well, and fail for a second."""
        self.answer(200 if self.path == "/health" or time.monotonic() - BEGAN > 4 else 500)

    def recycled(self) -> None:
        """End after many answers, as a worker that is recycled and has no other beside it."""
        if SERVED > 60:
            os._exit(0)
        self.answer()

    def talkative(self) -> None:
        """Print much with every answer."""
        sys.stdout.write("talk " * 20_000 + "\n")
        self.answer()


def no_length(handler: Handler) -> None:
    """End the answer by closing the connection."""
    handler.answer(200, BODY, -1)
    handler.close_connection = True


def slow(handler: Handler) -> None:
    """Take a while."""
    time.sleep(0.3)
    handler.answer()


def hangs(handler: Handler) -> None:
    """Answer some, and then no more."""
    if SERVED > 20:
        time.sleep(60)
    handler.answer()


MODES: dict[str, Callable[[Handler], None]] = {
    "201": lambda handler: handler.answer(201),
    "204": lambda handler: handler.answer(204, b"", -1),
    "302": lambda handler: handler.answer(302, b"", Location="/elsewhere"),
    "404": lambda handler: handler.answer(404, b"not here"),
    "500": lambda handler: handler.answer(500, b"oh no"),
    "empty": lambda handler: handler.answer(200, b""),
    "gzip": lambda handler: handler.answer(200, gzip.compress(BODY), Content_Encoding="gzip"),
    "big": lambda handler: handler.answer(200, BIG),
    "chunked": Handler.chunked,
    "close": Handler.closing,
    "no-length": no_length,
    "resets": Handler.close_per_half,
    "too-short": Handler.too_short,
    "slow-start": Handler.slow_start,
    "early": Handler.early,
    "recycled": Handler.recycled,
    "talkative": Handler.talkative,
    "slow": slow,
    "hangs": hangs,
}

if __name__ == "__main__":
    if MODE == "ignores-term":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if MODE == "forks" and os.fork():
        signal.pause()
    if MODE == "leaves":  # the parent ends, a child goes on
        if os.fork():
            os._exit(0)
        os.setsid()
    if MODE == "late-port":
        time.sleep(1.5)
    port = PORT + 1 if MODE == "other-port" else PORT
    ThreadingHTTPServer.request_queue_size = 128
    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
