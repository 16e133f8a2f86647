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
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
import pytest
from polling import poll
from running import ROOT
from tried import in_three_tries

from harness.measure.generator import read_results
from loadtests.arrivals import Arrivals

GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
PLAN: dict[str, Any] = {
    "identity": None,
    "ready": "/ready",
    "users": 5,
    "spread_s": 0.05,
    "warmup_s": 1.0,
    "window_s": 1.0,
    "after_s": 0.0,
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


def load(
    url: str,
    tmp_path: Path,
    *options: str,
    meanwhile: Callable[["subprocess.Popen[str]"], object] = lambda _: None,
    **plan: Any,
) -> dict[str, Any]:
    """Run one trial and return what the generator recorded; `meanwhile` is called with its process under load."""
    out = tmp_path / "out.json"
    trial = {**PLAN, "url": url, "routes": [{"name": "/x", "path": "/x", "expect": "ok"}], "out": str(out), **plan}
    plan_file = tmp_path / "plan.json"
    plan_file.write_text(json.dumps(trial))
    users = str(trial["users"])
    command = [sys.executable, "-m", "locust", "--locustfile", str(ROOT / "loadtests" / "trial.py"), "--headless"]
    kind = "OpenUser" if "arrivals" in trial else "ClosedUser"
    command += ["--users", users, "--spawn-rate", users, "--trial", str(plan_file), *options, kind]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as generator:
        assert generator.stdin is not None
        assert generator.stdout is not None
        assert generator.stdout.readline() == "ready\n"
        generator.stdin.write("go\n")
        generator.stdin.flush()
        assert generator.stdout.readline().startswith("window")
        meanwhile(generator)
        generator.communicate(timeout=60)
    return read_results(out)


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


@pytest.mark.parametrize(
    ("answer", "error", "body"),
    [
        (b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok", "status 201", "ok"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", "status 204", ""),
        (b"HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Length: 5\r\n\r\nmoved", "status 302", "moved"),
        (b"HTTP/1.1 500 Oh\r\nContent-Length: 6\r\n\r\noh\x1bno\n", "status 500", "oh no "),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nsunk", "wrong answer: no 'ok' in it", "sunk"),
    ],
)
def test_a_wrong_answer_is_kept_with_its_error_and_how_its_body_begins(
    answer: bytes, error: str, body: str, tmp_path: Path
) -> None:
    def reply(connection: socket.socket, _: int) -> None:
        threading.Event().wait(0.02)
        connection.sendall(answer)

    with server(reply) as (url, _):
        recorded = load(url, tmp_path, users=1)

    assert set(recorded["requests"]["error"]) == {error}
    assert recorded["bodies"] == {error: body}


@pytest.mark.parametrize("length", [b"1", b"100"])
def test_an_answer_of_another_length_than_it_says_is_one_failed_request(length: bytes, tmp_path: Path) -> None:
    def misstate(connection: socket.socket, _: int) -> None:
        threading.Event().wait(0.02)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: " + length + b"\r\n\r\nok")
        if length == b"100":  # the rest is waited for; where there is too much, a request may be on its way already
            connection.shutdown(socket.SHUT_RDWR)

    with server(misstate) as (url, received):
        recorded = load(url, tmp_path, users=1)

    assert set(outcomes(recorded)) == {"failed"}
    assert recorded["started"] == len(received) == outcomes(recorded)["failed"] > 1


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


def locally(processes: int) -> list[str]:
    """Return Locust's options for several processes on this machine."""
    if processes == 1:
        return []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
    host = ["--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--master-port", port]
    return ["--processes", str(processes), *host]


@in_three_tries
def answered(url: str, tmp_path: Path, *options: str, **plan: Any) -> dict[str, Any]:
    """Return such a trial in which every request was answered: a busy machine may not come to it in time."""
    recorded = load(url, tmp_path, *options, identity="steady", **plan)
    assert recorded["started"] > 0
    assert "censored" not in outcomes(recorded)
    return recorded


@pytest.mark.parametrize("processes", [1, 2])
def test_every_request_has_its_own_id_and_the_users_are_numbered_through(
    processes: int, steady: str, tmp_path: Path
) -> None:
    recorded = answered(steady, tmp_path, *locally(processes), users=6)

    ids = recorded["requests"]["id"]
    assert len(ids) == len(set(ids)) == recorded["started"]
    assert {int(name.split("-")[0]) for name in ids} == set(range(6))
    assert outcomes(recorded) == {"ok": recorded["started"]}


def test_an_answer_of_another_app_is_a_failed_request(steady: str, tmp_path: Path) -> None:
    recorded = load(steady, tmp_path, identity="flask", users=1)

    assert set(outcomes(recorded)) == {"failed"}
    assert recorded["requests"]["error"][0] == "wrong identity: X-App is 'steady', not 'flask'"


OPEN: dict[str, Any] = {"users": 20, "arrivals": {"rate": 50, "spacing": "poisson", "seed": "1"}}


@pytest.mark.parametrize("processes", [1, 2])
def test_open_load_sends_every_arrival_of_its_schedule_once_whoever_sends_it(
    processes: int, steady: str, tmp_path: Path
) -> None:
    due = list(Arrivals(50, "poisson", "1").due_s(PLAN["warmup_s"] + PLAN["window_s"]))
    senders = 2 * len(due)  # so that none has to wait for one, however busy the machine

    recorded = answered(steady, tmp_path, *locally(processes), **OPEN | {"users": senders})

    sent = dict(zip(map(int, recorded["requests"]["id"]), recorded["requests"]["start_s"], strict=True))
    start_s = recorded["window"][0] - PLAN["warmup_s"]
    assert [sent[number] - start_s for number in range(len(due))] == pytest.approx(due)
    assert outcomes(recorded) == {"ok": len(due)}
    assert recorded["waited"] == 0


@in_three_tries
def test_arrivals_keep_their_schedule_while_the_server_stalls_and_their_waiting_counts(tmp_path: Path) -> None:
    """One answer takes 0.6 s; in closed load nobody would be sent meanwhile."""

    def stall_once(connection: socket.socket, number: int) -> None:
        if number == 30:
            stalled.set()
            threading.Event().wait(0.6)
            stalled.clear()
        while number > 30 and stalled.is_set():
            threading.Event().wait(0.005)
        connection.sendall(GOOD)

    stalled = threading.Event()
    with server(stall_once) as (url, _):
        recorded = load(url, tmp_path, **OPEN | {"users": 60})

    slow = [seconds for seconds in recorded["requests"]["latency_s"] if seconds > 0.1]
    assert len(slow) > 10
    assert max(slow) > 0.5
    assert max(recorded["requests"]["late_s"]) < 0.3


def test_an_arrival_that_finds_no_free_sender_waits_and_its_waiting_is_latency(steady: str, tmp_path: Path) -> None:
    """One sender of 50 ms answers cannot carry 50 arrivals a second."""
    recorded = answered(steady, tmp_path, **OPEN | {"users": 1, "drain_s": 10.0})

    late = recorded["requests"]["late_s"]
    assert recorded["waited"] > 20
    assert max(late) > 0.5
    assert all(latency > waited for latency, waited in zip(recorded["requests"]["latency_s"], late, strict=True))


def test_a_user_of_closed_load_keeps_its_pace(steady: str, tmp_path: Path) -> None:
    recorded = load(steady, tmp_path, identity="steady", users=1, pace_s=0.2)

    starts = recorded["requests"]["start_s"]
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    assert min(gaps) >= 0.199


def test_a_worker_that_is_lost_is_counted_and_the_others_rows_are_kept(steady: str, tmp_path: Path) -> None:
    def kill_one(master: subprocess.Popen[str]) -> None:
        workers = poll(lambda: two_or_more(psutil.Process(master.pid).children()), 60, "the workers run")
        workers[0].kill()

    recorded = load(steady, tmp_path, *locally(2), meanwhile=kill_one, identity="steady", **OPEN)

    assert recorded["lost_workers"] == 1
    assert 0 < len(recorded["requests"]["id"]) == recorded["started"]


def two_or_more(children: list[psutil.Process]) -> list[psutil.Process]:
    return children if len(children) >= 2 else []
