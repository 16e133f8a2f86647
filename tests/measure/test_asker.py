"""Asking for health as an orchestrator does: on time, on new connections, for a second at most."""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from harness.measure.trouble import ASKER

OK, BUSY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"


@contextmanager
def answering(*answers: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A server that gives each connection the next answer, an empty one never coming; and what it was asked."""
    asked: list[bytes] = []
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with ExitStack() as held:
                for answer in answers:
                    connection = held.enter_context(listener.accept()[0])
                    asked.append(connection.recv(4096).split(b"\r\n")[0])
                    connection.sendall(answer)
                over.wait(10)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1], asked
        over.set()
        thread.join(10)


def ask(port: int, count: int, every_s: float = 0.1, timeout_s: float = 0.3) -> list[tuple[float, float, int | None]]:
    """Let the asker ask; return moment (since the first one was due), seconds and status of each answer."""
    words = [sys.executable, "-SE", str(ASKER), "127.0.0.1", str(port), "/health", str(every_s), str(timeout_s)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "ready\n"
        first_s = time.monotonic()
        said, _ = process.communicate(f"{first_s} {count}\n", timeout=30)
    return [(at_s - first_s, took_s, status) for at_s, took_s, status in json.loads(said)]


def test_each_question_is_asked_on_time_whatever_became_of_the_one_before() -> None:
    with answering(OK, b"", BUSY, OK) as (port, asked):
        answers = ask(port, 4)

    assert [status for _, _, status in answers] == [200, None, 503, 200]
    assert asked == [b"GET /health HTTP/1.1"] * 4
    assert all(at_s >= number * 0.1 - 0.001 for number, (at_s, _, _) in enumerate(answers))
    assert answers[1][1] == pytest.approx(0.3, abs=0.25)
    assert answers[2][0] < answers[1][0] + answers[1][1]  # it did not wait for the answer before


def test_nobody_who_listens_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    assert [status for _, _, status in ask(port, 2)] == [None, None]
