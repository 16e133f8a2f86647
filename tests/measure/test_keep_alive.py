"""The tell-tale of the 40 ms: seen on a server that sends head and body apart, not on one that sends them together."""

import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tried import in_three_tries

from harness.measure.keep_alive import kept_extra_ms
from harness.measure.site import free_port


class Apart(BaseHTTPRequestHandler):
    """Sends the head, then the body."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Together(Apart):
    """Sends both at once."""

    wbufsize = -1


@pytest.fixture
def port(request: pytest.FixtureRequest) -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), request.param) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@in_three_tries
@pytest.mark.skipif(sys.platform != "linux", reason="Linux delays an acknowledgement by 40 ms")
@pytest.mark.parametrize("port", [Apart], indirect=True)
def test_a_server_that_sends_head_and_body_apart_makes_a_kept_connection_wait(port: int) -> None:
    extra = kept_extra_ms(f"http://127.0.0.1:{port}", "/")

    assert extra is not None
    assert 30 < extra < 300  # a busy machine adds to it


@pytest.mark.parametrize("port", [Together], indirect=True)
def test_a_server_that_sends_both_at_once_does_not(port: int) -> None:
    found = [kept_extra_ms(f"http://127.0.0.1:{port}", "/") for _ in range(5)]

    assert min(extra for extra in found if extra is not None) < 20


def test_where_nobody_answers_nothing_is_known() -> None:
    assert kept_extra_ms(f"http://127.0.0.1:{free_port()}", "/") is None
