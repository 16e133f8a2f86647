"""An upstream that answers with whatever bytes a test writes down, for what no well-behaved server would send."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import NamedTuple


class Reply(NamedTuple):
    """The bytes to send, and whether the connection stays open after them."""

    data: bytes
    keep: bool = True


class ScriptedUpstream(ThreadingTCPServer):
    """Calls `script` with each request's head and its number on its connection; keeps the heads."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.heads: list[str] = []
        self.script: Callable[[str, int], Reply] = lambda _head, _number: Reply(b"", keep=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def play(self, script: Callable[[str, int], Reply]) -> None:
        """Use another script from now on, and forget the heads."""
        self.heads.clear()
        self.script = script


class _Connection(StreamRequestHandler):
    server: ScriptedUpstream

    def handle(self) -> None:
        number = 0
        while head := self._read_head():
            number += 1
            self.server.heads.append(head)
            reply = self.server.script(head, number)
            self.wfile.write(reply.data)
            if not reply.keep:
                return

    def _read_head(self) -> str:
        lines = []
        while (line := self.rfile.readline()) not in (b"\r\n", b""):
            lines.append(line)
        return b"".join(lines).decode("latin-1")


@contextmanager
def scripted_upstream() -> Iterator[ScriptedUpstream]:
    """Serve in a thread while the block runs."""
    with ScriptedUpstream() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
