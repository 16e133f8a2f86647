"""The control routes of a live stub."""

import socket
from contextlib import closing

import pytest
from polling import poll

from tests.upstream.stub_process import RunningStub


def test_it_answers_health_without_counting_it(stub: RunningStub) -> None:
    answer = stub.ask("GET", "/health")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert sum(stub.stats()["calls"].values()) == 0


def test_a_reset_is_refused_while_calls_are_in_flight(stub: RunningStub) -> None:
    stub.reset(delay="fixed:60")
    with closing(stub.open_call()):
        poll(lambda: stub.stats()["in_flight"] == 1, 60, "the call in flight")
        refused = stub.reset()

    assert (refused.status_code, refused.json()["in_flight"]) == (409, 1)
    poll(lambda: stub.reset().ok, 60, "a reset")
    assert stub.log()["id"] == []


def test_a_reset_clears_faults_unless_they_are_to_be_kept(stub: RunningStub) -> None:
    stub.set_faults({"kind": "error", "share": 1})

    stub.reset(keep_faults=True)
    kept = stub.call().status_code
    stub.reset()
    cleared = stub.call().status_code

    assert (kept, cleared) == (500, 200)


def test_the_planned_delays_are_told(stub: RunningStub) -> None:
    delays = stub.ask("GET", "/control/delays").json()

    assert delays["mean_s"] == delays["longest_s"] == {"location": 0.02, "sun": 0.02, "weather": 0.02}


@pytest.mark.parametrize(
    ("method", "path", "body", "problem"),
    [
        ("POST", "/control/reset", "{", "JSON"),
        ("POST", "/control/reset", '{"sede": 1}', "sede"),
        ("POST", "/control/reset", '{"seed": "one"}', "seed"),
        ("POST", "/control/reset", '{"delay": "fast"}', "fixed:SECONDS"),
        ("PUT", "/control/faults", "{}", "array"),
        ("PUT", "/control/faults", '[{"kind": "flood", "share": 1}]', "flood"),
        ("PUT", "/control/faults", b"\xff", "JSON"),
        (
            "PUT",
            "/control/faults",
            '[{"kind": "reset", "share": 1, "endpoint": "moon"}]',
            "moon is none of location, sun",
        ),
    ],
)
def test_a_bad_order_is_400_with_the_reason_and_changes_nothing(
    stub: RunningStub, method: str, path: str, body: str | bytes, problem: str
) -> None:
    answer = stub.ask(method, path, data=body)

    assert answer.status_code == 400
    assert problem in answer.json()["error"]
    assert stub.call().headers["X-Delay-Ms"] == "20.000"


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nothing", 404), ("POST", "/sun", 405)])
def test_what_is_not_served_is_refused_and_not_counted(stub: RunningStub, method: str, path: str, status: int) -> None:
    assert stub.ask(method, path).status_code == status
    assert sum(stub.stats()["calls"].values()) == 0


def test_the_control_routes_say_which_methods_they_take(stub: RunningStub) -> None:
    answer = stub.ask("DELETE", "/control/faults")

    assert (answer.status_code, answer.headers["Allow"]) == (405, "PUT")


@pytest.mark.parametrize(
    "line", ["OPTIONS *", "GET http://elsewhere/sun", "GET /%ff", "GET /control/stats?x=1", "PUT /"]
)
def test_strange_targets_never_break_it(stub: RunningStub, line: str) -> None:
    with socket.create_connection(stub.address, timeout=10) as caller:
        caller.sendall(f"{line} HTTP/1.1\r\nHost: stub\r\n\r\n".encode())
        status = int(caller.recv(100).split()[1])

    assert status in (200, 400, 404, 405)
