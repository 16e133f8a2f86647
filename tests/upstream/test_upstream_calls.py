"""Calls to a live stub: what they get, and what is known of them afterwards."""

import gc
import signal
import socket
import time
from contextlib import ExitStack, closing

import pytest
import uvloop
from aiohttp import ClientSession
from polling import poll

from tests.upstream.stub_process import RunningStub, running_stub
from upstream.delays import Fixed
from upstream.server import allow_connections, listen
from upstream.stub import Stub

MANY = 1200


@pytest.mark.parametrize(
    ("path", "status", "key"),
    [
        ("/location/us/97201", 200, "time_zone"),
        ("/sun?latitude=45.5&longitude=-122.7", 200, "sunrise"),
        ("/weather/DE/10115", 200, "temperature_c"),
        ("/location/us/00000", 404, "error"),
        ("/sun?latitude=high", 400, "error"),
    ],
)
def test_a_call_waits_is_answered_in_json_and_says_its_delay(
    stub: RunningStub, path: str, status: int, key: str
) -> None:
    began_s = time.perf_counter()
    answer = stub.call(path)
    took_s = time.perf_counter() - began_s

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Delay-Ms"] == "20.000"
    assert key in answer.json()
    assert took_s >= 0.0195


def test_the_log_has_every_call_by_column(stub: RunningStub) -> None:
    before_s = time.monotonic()

    stub.call("/location/us/97201", "3-0")
    stub.call("/weather/us/00000", "3-1")

    log = stub.log()
    assert (log["id"], log["endpoint"], log["status"]) == (["3-0", "3-1"], ["location", "weather"], [200, 404])
    assert log["injected_s"] == [0.02, 0.02]
    assert before_s <= log["start_s"][0] < log["start_s"][1] <= time.monotonic()
    assert all(0.0195 <= delivered < 1 for delivered in log["delivered_s"])


def test_stats_add_up_with_the_log(stub: RunningStub) -> None:
    stub.statuses(["1-1", "1-2", "1-3"])

    stats, log = stub.stats(), stub.log()

    assert stats["calls"] == {"location": 3, "sun": 0, "weather": 0}
    assert (stats["in_flight"], stats["max_in_flight"]) == (0, 1)
    assert stats["delivered_mean_s"] == {"location": pytest.approx(sum(log["delivered_s"]) / 3)}
    assert stats["lateness_ms"]["max"] == pytest.approx((max(log["delivered_s"]) - 0.02) * 1000, abs=0.01)


def test_another_stub_with_the_same_seed_injects_the_same_delays(stub: RunningStub) -> None:
    ids = ["0-0", "7-3", "41", "free text"]
    stub.reset(seed=5, delay="lognormal:0.01:0.5")
    stub.statuses(ids)

    with running_stub("--seed", "5", "--delay", "lognormal:0.01:0.5") as other:
        other.statuses(ids)
        assert other.log()["injected_s"] == stub.log()["injected_s"]
    assert len(set(stub.log()["injected_s"])) == len(ids)


def test_calls_without_an_id_draw_in_turn(stub: RunningStub) -> None:
    stub.reset(delay="lognormal:0.01:0.5")
    for _ in range(3):
        stub.ask("GET", "/location/us/97201")
    unnamed = stub.log()
    stub.reset()
    stub.statuses(["0", "1", "2"])

    assert unnamed["id"] == ["", "", ""]
    assert unnamed["injected_s"] == stub.log()["injected_s"]


def test_an_id_that_is_not_text_is_served_and_logged(stub: RunningStub) -> None:
    with socket.create_connection(stub.address, timeout=10) as caller:
        caller.sendall(b"GET /location/us/97201 HTTP/1.1\r\nHost: stub\r\nX-Request-Id: \xff\xfe\r\n\r\n")
        assert caller.recv(100).startswith(b"HTTP/1.1 200")

    assert len(stub.log()["id"]) == 1


@pytest.mark.parametrize("faults", [[], [{"kind": "hang", "share": 1}]], ids=["waiting", "hanging"])
def test_a_caller_that_goes_away_frees_its_slot_and_stays_in_the_log(
    stub: RunningStub, faults: list[dict[str, object]]
) -> None:
    stub.reset(delay="fixed:60")
    stub.set_faults(*faults)
    caller = stub.open_call()
    poll(lambda: stub.stats()["in_flight"] == 1, 60, "the call in flight")

    caller.close()

    poll(lambda: stub.stats()["in_flight"] == 0, 60, "the slot free")
    log = stub.log()
    assert (log["id"], log["delivered_s"], log["status"]) == (["1-1"], [None], [None])
    assert stub.stats()["lateness_ms"] is None


def test_more_than_a_thousand_calls_are_held_at_once_without_an_error(stub: RunningStub) -> None:
    allow_connections(2 * MANY)
    stub.reset(delay="fixed:2")

    with ExitStack() as callers:
        open_calls = [callers.enter_context(closing(stub.open_call(str(number)))) for number in range(MANY)]
        statuses = [caller.getresponse().status for caller in open_calls]

    stats = stub.stats()
    assert statuses == [200] * MANY
    assert (stats["calls"]["location"], stats["in_flight"]) == (MANY, 0)
    assert stats["max_in_flight"] >= 1000


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once_and_silently_whatever_is_in_flight(number: signal.Signals) -> None:
    with running_stub("--delay", "fixed:60") as stub, closing(stub.open_call()):
        poll(lambda: stub.stats()["in_flight"] == 1, 60, "the call in flight")

        stub.process.send_signal(number)
        output, errors = stub.process.communicate(timeout=5)

    assert (stub.process.returncode, output, errors) == (0, "", "")


def test_calls_leave_the_garbage_collector_nothing_to_do() -> None:
    async def unreachable_after(calls: int) -> int:
        server = await listen(Stub(1, Fixed(0.001)), "127.0.0.1", 0)
        async with ClientSession(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as session:
            gc.collect()
            for _ in range(calls):
                async with session.get("/location/us/97201") as answer:
                    await answer.read()
            server.close()
            return gc.collect()

    gc.disable()
    try:
        assert uvloop.run(unreachable_after(200)) < 200
    finally:
        gc.enable()
