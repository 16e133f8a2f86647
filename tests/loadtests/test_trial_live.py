"""The load generator as a process, against servers that behave and servers that do not."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from running import ROOT

GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
PLAN = {
    "identity": None,
    "ready": "/ready",
    "users": 5,
    "spread_s": 0.05,
    "warmup_s": 1.0,
    "window_s": 1.0,
    "drain_s": 1.0,
}


@contextmanager
def server(answer: Callable[[socket.socket, int], None]) -> Iterator[tuple[str, list[int]]]:
    """Serve connections with `answer(connection, number of the request)`; yield the URL and one entry per request."""
    received: list[int] = []

    def serve(connection: socket.socket) -> None:
        with connection:
            while request := connection.recv(65536):
                if b" /ready " in request:
                    connection.sendall(GOOD)
                    continue
                received.append(1)
                answer(connection, len(received))

    listener = socket.create_server(("127.0.0.1", 0), backlog=512)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=_quietly(serve), args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", received
    finally:
        listener.close()


def _quietly(serve: Callable[[socket.socket], None]) -> Callable[[socket.socket], None]:
    def run(connection: socket.socket) -> None:
        try:
            serve(connection)
        except OSError:
            return

    return run


def load(url: str, tmp_path: Path, *options: str, **plan: Any) -> dict[str, Any]:
    """Run one trial and return what the generator recorded."""
    out = tmp_path / "out.json"
    trial = {**PLAN, "url": url, "routes": [{"path": "/x", "expect": "ok"}], "out": str(out), **plan}
    users = str(trial["users"])
    command = [sys.executable, "-m", "locust", "--locustfile", str(ROOT / "loadtests" / "trial.py"), "--headless"]
    command += ["--users", users, "--spawn-rate", users, "--trial", json.dumps(trial), *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    subprocess.run(
        command, cwd=tmp_path, env=environment, input="go\n", capture_output=True, text=True, timeout=60, check=False
    )
    loaded: dict[str, Any] = json.loads(out.read_text())
    return loaded


def outcomes(recorded: dict[str, Any]) -> dict[str, int]:
    found = recorded["requests"]["outcome"]
    return {word: found.count(word) for word in sorted(set(found))}


def test_a_dropped_connection_is_one_failed_request_and_one_request_received(tmp_path: Path) -> None:
    """The client library alone would have sent each of these up to eleven times."""

    def drop_every_third(connection: socket.socket, number: int) -> None:
        threading.Event().wait(0.01)
        if number % 3 == 0:
            connection.shutdown(socket.SHUT_RDWR)
        else:
            connection.sendall(GOOD)

    with server(drop_every_third) as (url, received):
        recorded = load(url, tmp_path)

    found = outcomes(recorded)
    assert found["failed"] > 10
    assert recorded["started"] == len(received) == found["ok"] + found["failed"]
    assert abs(found["failed"] - len(received) / 3) < 1


def test_a_request_without_an_answer_is_censored_and_does_not_vanish(tmp_path: Path) -> None:
    def answer_only_the_first(connection: socket.socket, number: int) -> None:
        if number <= 5:
            connection.sendall(GOOD)

    with server(answer_only_the_first) as (url, received):
        recorded = load(url, tmp_path)

    assert outcomes(recorded) == {"censored": 5, "ok": 5}
    assert recorded["started"] == len(received) == 10
    assert min(recorded["requests"]["latency_s"][-5:]) > 1


def test_a_refused_connection_is_a_failed_request(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    recorded = load(f"http://127.0.0.1:{port}", tmp_path, users=1)

    assert set(outcomes(recorded)) == {"failed"}
    assert "refused" in recorded["requests"]["error"][0]


class Steady(BaseHTTPRequestHandler):
    """Answers after 50 ms."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        threading.Event().wait(0.05)
        self.send_response(200)
        self.send_header("X-App", "steady")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: Any) -> None:
        """Be quiet."""


@pytest.fixture
def steady() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Steady) as http:
        http.daemon_threads = True
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_address[1]}"
        http.shutdown()


@pytest.mark.parametrize("options", [(), ("--processes", "2", "--master-bind-host", "127.0.0.1")])
def test_every_request_has_its_own_id_and_the_users_are_numbered_through(
    options: tuple[str, ...], steady: str, tmp_path: Path
) -> None:
    if options:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = str(listener.getsockname()[1])
        options = (*options, "--master-bind-port", port, "--master-port", port)

    recorded = load(steady, tmp_path, *options, identity="steady", users=6)

    ids = recorded["requests"]["id"]
    assert len(ids) == len(set(ids)) == recorded["started"]
    assert {int(name.split("-")[0]) for name in ids} == set(range(6))
    assert outcomes(recorded) == {"ok": recorded["started"]}


def test_an_answer_of_another_app_is_a_failed_request(steady: str, tmp_path: Path) -> None:
    recorded = load(steady, tmp_path, identity="flask", users=1)

    assert set(outcomes(recorded)) == {"failed"}
    assert recorded["requests"]["error"][0] == "wrong identity: X-App is 'steady', not 'flask'"
