"""Each fault, as a caller of a live stub meets it."""

import json
import socket

import pytest

from tests.upstream.stub_process import RunningStub


def test_an_error_hits_the_same_calls_every_time_and_only_its_endpoint(stub: RunningStub) -> None:
    ids = [f"{user}-0" for user in range(16)]
    stub.reset(delay="fixed:0")
    stub.set_faults({"kind": "error", "share": 0.5, "endpoint": "location", "status": 502})

    first, again = stub.statuses(ids), stub.statuses(ids)
    weather = stub.statuses(ids, "/weather/us/97201")

    assert first == again
    assert set(first) == {200, 502}
    assert set(weather) == {200}


@pytest.mark.parametrize(("body", "is_json"), [("not-json", False), ("wrong-shape", True)])
def test_garbage_is_200_with_nonsense(stub: RunningStub, body: str, is_json: bool) -> None:
    stub.set_faults({"kind": "garbage", "share": 1, "body": body})

    answer = stub.call()

    assert answer.status_code == 200
    if is_json:
        assert not isinstance(answer.json(), dict)
    else:
        with pytest.raises(json.JSONDecodeError):
            json.loads(answer.text)


@pytest.mark.parametrize("fault", [{"kind": "reset", "share": 1}, {"kind": "hang", "share": 1, "cap_s": 0.1}])
def test_a_reset_and_the_end_of_a_hang_abort_the_connection(stub: RunningStub, fault: dict[str, object]) -> None:
    stub.set_faults(fault)

    with socket.create_connection(stub.address, timeout=10) as caller:
        caller.sendall(b"GET /location/us/97201 HTTP/1.1\r\nHost: stub\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            caller.recv(100)

    assert stub.log()["status"] == [None]
    assert stub.stats()["in_flight"] == 0


def test_a_slow_call_waits_longer_and_says_so(stub: RunningStub) -> None:
    stub.set_faults({"kind": "slow", "share": 1, "extra_s": 0.1})

    answer = stub.call()

    assert answer.headers["X-Delay-Ms"] == "120.000"
    assert stub.log()["injected_s"] == [pytest.approx(0.12)]
    assert stub.log()["delivered_s"][0] >= 0.1195


def test_a_brown_out_slows_every_call_and_fails_some(stub: RunningStub) -> None:
    stub.set_faults({"kind": "brown-out", "share": 0.5, "extra_s": 0.03})

    answers = stub.statuses([f"{user}-0" for user in range(16)])

    assert set(answers) == {200, 503}
    assert stub.log()["injected_s"] == [pytest.approx(0.05)] * 16
