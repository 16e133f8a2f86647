"""What the live page asks of servers and stub: real processes and sockets, also such as go away."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import psutil
import pytest
from polling import poll

from loadtests.live.probes import Processor, Upstream

BUSY = "while True: pass"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BUSY!r}])"


def started(program: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE)


def test_the_cpu_time_of_a_server_counts_the_processes_it_started() -> None:
    with started(PARENT) as parent:
        processor = Processor(parent.pid)
        worker = poll(psutil.Process(parent.pid).children, 60, "the parent starts its child")[0]
        used_s = [0.0]

        def busy() -> bool:
            used_s.append(processor.used_s() or 0.0)
            return sum(used_s) > 0.3

        poll(busy, 60, "the child's CPU time shows")
        worker.kill()
        parent.wait(10)


def test_the_cpu_time_of_a_child_that_ended_stays_counted() -> None:
    work = "import time\nwhile time.process_time() < 0.5: pass"
    with started(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {work!r}]); input()") as parent:
        processor = Processor(parent.pid)
        total_s = [0.0]

        def ended() -> bool:
            total_s.append(processor.used_s() or 0.0)
            return sum(total_s) > 0.39 and not psutil.Process(parent.pid).children()

        try:
            poll(ended, 60, "the child has worked and ended")
        finally:
            parent.kill()


def test_a_child_that_ends_while_it_is_read_takes_no_figure_away(monkeypatch: pytest.MonkeyPatch) -> None:
    with started(BUSY) as child:
        ended = psutil.Process(child.pid)
        child.kill()
    with started(BUSY) as parent:
        processor = Processor(parent.pid)
        monkeypatch.setattr(psutil.Process, "children", lambda *_, **__: [ended])

        poll(processor.used_s, 60, "the parent's CPU time shows")
        parent.kill()


@pytest.mark.parametrize(
    ("totals_s", "used_s"),
    [
        pytest.param([0.0, 0.25, 0.125, 0.5], [0.25, 0.0, 0.25], id="the parent says it next time"),
        pytest.param([8.0, 2.0, 2.5, 3.0], [0.0, 0.0, 0.5], id="nobody waits for the child"),
        pytest.param([8.0, 2.0, 9.0, 8.5, 9.5], [0.0, 1.0, 0.0, 0.5], id="twice"),
    ],
)
def test_what_an_ended_child_used_is_counted_once(
    totals_s: list[float], used_s: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    totals = iter(totals_s)
    monkeypatch.setattr(Processor, "_total_s", lambda _: next(totals))
    processor = Processor(0)

    assert [processor.used_s() for _ in used_s] == used_s


def test_a_process_that_is_gone_has_no_figure() -> None:
    with started(BUSY) as process:
        watched = Processor(process.pid)
        process.kill()
    never = Processor(process.pid)

    assert (watched.used_s(), never.used_s()) == (None, None)


@contextmanager
def stub_that_says(body: bytes) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("body", "in_flight"), [(b'{"in_flight": 7}', 7), (b"{}", None), (b"not json", None), (b'["x"]', None)]
)
def test_calls_in_flight_are_those_the_stub_tells_of(body: bytes, in_flight: int | None) -> None:
    with stub_that_says(body) as url:
        upstream = Upstream(url)
        assert upstream.in_flight() == in_flight
        upstream.http.close()


def test_a_stub_that_is_gone_has_no_figure() -> None:
    with stub_that_says(b"{}") as url:
        pass

    assert Upstream(url).in_flight() is None
