"""A run whose trials the model made: calibration finds what they were made of."""

import math
from functools import cache

import pytest
from bounds import config_of
from measured_trials import trial
from show_runs import make_run

from harness.facts.config import Lane
from harness.facts.point import users
from harness.facts.routes import Route, Scenario
from harness.facts.run import Run
from harness.facts.trial import Trial
from harness.model.calibrate import calibrate, calibration_points
from harness.model.closed import closed
from harness.model.server import Demand, Server

OVERHEAD_S = 0.001
LOOP = Server(0.2 + OVERHEAD_S, Demand((1, 300), (0.003, 0.001)))
THREADS = Server(0.2 + OVERHEAD_S, Demand((1, 64), (0.004, 0.002)), slots=64)
LANES = {"loop": Lane(command="serve {port}"), "threads": Lane(command="serve {port}", slots=64)}
ROUTE = Route(path="/sun", upstream=(("location",), ("sun",)))


def measured(lane: str, server: Server, at: int, block: int = 1, **changed: object) -> Trial:
    """Return a trial as the model would have it."""
    found = closed(server, at)
    cpu_s = server.demand.at(min(at, server.slots))
    figures: dict[str, object] = {
        "throughput_rps": found.throughput_rps,
        "latency_mean_ms": 1000 * found.latency_s,
        "upstream_mean_ms": 200.0,
        "cpu_ms_per_request": 1000 * cpu_s,
        "cpu_share": found.throughput_rps * cpu_s,
    }
    status = str(changed.pop("status", "valid"))
    return trial(lane, block, at=at, status=status, **(figures | changed))


@cache
def any_run() -> Run:
    return make_run()


def run_of(*trials: Trial) -> Run:
    run = any_run()
    config = config_of(scenarios={"sun": Scenario(routes=(ROUTE,))}, lanes=LANES)
    return run.model_copy(
        update={"trials": trials, "summaries": (), "info": run.info.model_copy(update={"config": config})}
    )


@pytest.mark.parametrize(("lane", "server"), [("loop", LOOP), ("threads", THREADS)])
def test_it_finds_what_the_points_were_made_of_and_predicts_the_others(lane: str, server: Server) -> None:
    run = run_of(*(measured(lane, server, at) for at in (1, 16, 300)))

    found = calibrate(run)[lane]

    assert found.points == (users(300), users(1))
    assert found.demand.seconds == pytest.approx(server.demand.seconds, rel=1e-3)
    assert found.overhead_s == pytest.approx(OVERHEAD_S, rel=0.01)
    assert found.calls == 2
    assert found.core_bound is (lane == "loop")
    assert closed(found.server(), 16).latency_s == pytest.approx(closed(server, 16).latency_s, rel=1e-4)


def test_a_busy_core_is_calibrated_by_its_throughput_whatever_its_clock_says() -> None:
    run = run_of(measured("loop", LOOP, 300, cpu_ms_per_request=0.9), measured("loop", LOOP, 1))

    assert calibrate(run)["loop"].demand.at(300) == pytest.approx(0.001, rel=1e-3)


def test_at_twice_the_upstream_time_a_rate_keeps_its_demand() -> None:
    found = calibrate(run_of(*(measured("loop", LOOP, at) for at in (1, 300))))["loop"]
    near, far = found.server(), found.server(upstream_s=2 * LOOP.upstream_s - OVERHEAD_S)

    assert far.upstream_s == pytest.approx(2 * near.upstream_s)
    assert far.demand.at(40) == pytest.approx(near.demand.at(20))


def test_the_spread_is_that_of_the_blocks_and_unknown_from_one() -> None:
    factors = (1.0, math.e**0.1)
    two = [measured("loop", LOOP, 300, block, throughput_rps=900 * f) for block, f in enumerate(factors, 1)]

    assert calibrate(run_of(*two))["loop"].spread == pytest.approx(0.1 / math.sqrt(2))
    assert calibrate(run_of(two[0]))["loop"].spread is None


def test_a_lane_without_a_valid_closed_point_is_left_out() -> None:
    spoiled = measured("loop", LOOP, 300, status="invalid")
    cold = measured("loop", LOOP, 16, steady=False)

    run = run_of(spoiled, cold, measured("threads", THREADS, 16))

    assert set(calibrate(run)) == {"threads"}
    assert calibration_points(run, "loop") == ()
