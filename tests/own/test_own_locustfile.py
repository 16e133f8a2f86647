"""Locustfiles in the styles that people write them, unchanged against both lanes."""

from pathlib import Path

import pytest
from bounds import WIDE
from running import in_process, only_run, outcome

from harness.store.run_folder import RunFolder

SERVER = """
import sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        time.sleep(0.02)
        body = b'{"ok": true}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    do_GET = do_POST = answer
    def log_message(self, *args):
        pass

ThreadingHTTPServer.request_queue_size = 128
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
CONFIG = """
[scenarios.unused]
routes = [{ path = "/" }]

[lanes.one]
command = "python server.py {port}"
cwd = "."
ready = "/"

[lanes.two]
command = "python server.py {port}"
cwd = "."
ready = "/"

[[primaries]]
lane = "one"
baseline = "two"
metric = "p95"
load = "open"

[profiles.quick]
lanes = ["one", "two"]
points = [7]
blocks = 1
verdict_blocks = 1
window_s = 0.75
pair_shares = [0.8]
calibrate = false
"""
HTTP_USER = """
from locust import HttpUser, constant, task

class Shopper(HttpUser):
    host = "http://example.invalid"
    wait_time = constant(0.02)

    def on_start(self):
        self.client.post("/login", json={"name": "me"})

    @task(3)
    def read(self):
        with self.client.get("/items/17", name="/items/[id]", catch_response=True) as answer:
            if not answer.json()["ok"]:
                answer.failure("not ok")

    @task
    def buy(self):
        self.client.post("/items/17", name="/items/[id]", json={"buy": 1})
"""
SEQUENCE = """
from locust import HttpUser, SequentialTaskSet, between, task

class Visit(SequentialTaskSet):
    @task
    def first(self):
        self.client.get("/first")

    @task
    def second(self):
        self.client.get("/second")

class Visitor(HttpUser):
    tasks = [Visit]
    wait_time = between(0.01, 0.02)
"""
NESTED = """
from locust import FastHttpUser, TaskSet, constant_pacing, tag, task

class Browse(TaskSet):
    @task(5)
    def look(self):
        self.client.get("/look")

    @task
    class Deeper(TaskSet):
        @task
        def dig(self):
            self.client.get("/dig")
            self.interrupt()

    @task
    def leave(self):
        self.interrupt()

class Guest(FastHttpUser):
    wait_time = constant_pacing(0.02)
    tasks = {Browse: 1}

    @tag("home")
    @task
    def home(self):
        self.client.get("/")
"""
WEIGHTS = """
from locust import FastHttpUser, HttpUser, constant, task

class Reader(HttpUser):
    weight = 2
    wait_time = constant(0.02)

    @task
    def read(self):
        self.client.get("/read")

class Writer(FastHttpUser):
    weight = 1
    wait_time = constant(0.02)

    @task
    def write(self):
        self.client.post("/write", json={"a": 1})
"""
EVENTS = """
from locust import HttpUser, constant, events, task

SEEN = []

@events.init.add_listener
def begin(environment, **_):
    environment.greeting = "hello"

@events.test_start.add_listener
def start(environment, **_):
    SEEN.append(environment.greeting)

@events.request.add_listener
def count(name, response_time, exception, **_):
    SEEN.append(name)

@events.test_stop.add_listener
def stop(**_):
    assert SEEN[0] == "hello"

class Counter(HttpUser):
    wait_time = constant(0.02)

    @task
    def ask(self):
        self.client.get("/asked")
        events.request.fire(
            request_type="CUSTOM", name="sum", response_time=1.5, response_length=0, exception=None, context={}
        )
"""
STYLES = {
    "HttpUser": (HTTP_USER, {"/items/[id]", "POST /items/[id]"}),
    "SequentialTaskSet": (SEQUENCE, {"/first", "/second"}),
    "nested TaskSet": (NESTED, {"/", "/dig", "/look"}),
    "weights": (WEIGHTS, {"/read", "POST /write"}),
    "events": (EVENTS, {"/asked", "CUSTOM sum"}),
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return the folder of a run with all styles in one file, and what its command said."""
    folder = tmp_path_factory.mktemp("locustfile")
    (folder / "server.py").write_text(SERVER)
    (folder / "mine.py").write_text("".join(mine for mine, _ in STYLES.values()))
    config = folder / "bench.toml"
    config.write_text(CONFIG + WIDE)
    words = ("--locustfile", folder / "mine.py", "--results", folder / "results")
    ended = in_process("bench", "--config", config, *words, charts=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return only_run(folder / "results"), ended.stderr


def test_a_locustfile_runs_as_it_is_against_both_lanes(run: tuple[Path, str]) -> None:
    for trial in outcome(run[0]):
        assert trial["status"] == "valid", trial["reasons"]
        assert "requests by id" in trial["not_checked"]
        assert float(trial["throughput_rps"]) > 10
    assert list((run[0] / "locust").glob("one@7_*.csv"))
    assert in_process("verify", run[0]).returncode == 0


def test_a_host_of_its_own_is_overridden_and_said(run: tuple[Path, str]) -> None:
    assert "Shopper names the host http://example.invalid: each lane is asked at its own address" in run[1]


@pytest.mark.parametrize("names", [names for _, names in STYLES.values()], ids=STYLES)
def test_each_style_has_its_requests_by_their_names(names: set[str], run: tuple[Path, str]) -> None:
    for counts in RunFolder(run[0]).read_counts().values():
        assert names <= {route.route for route in counts.routes if route.ok}
