"""A run whose trials the model made: calibration finds what they were made of."""

import math

import pytest
from modelled import LOOP, OVERHEAD_S, THREADS, measured, run_of

from harness.facts.point import users
from harness.model.calibrate import calibrate, calibration_points
from harness.model.closed import closed
from harness.model.open_load import capacity
from harness.model.server import Server, constant


@pytest.mark.parametrize(("lane", "server", "unseen"), [("loop", LOOP, 64), ("threads", THREADS, 32)])
def test_it_finds_what_the_points_were_made_of_and_predicts_the_others(lane: str, server: Server, unseen: int) -> None:
    run = run_of(*(measured(lane, server, at) for at in (1, 16, 300)))

    found = calibrate(run)[lane]

    assert found.points == (users(300), users(16))
    assert [found.demand.at(level) for level in (16, 300)] == pytest.approx(
        [server.demand.at(level) for level in (16, 300)], rel=1e-3
    )
    assert found.overhead_s == pytest.approx(OVERHEAD_S, rel=0.01)
    assert found.calls == 2
    assert found.core_bound is (lane == "loop")
    assert closed(found.server(), unseen).latency_s == pytest.approx(closed(server, unseen).latency_s, rel=1e-4)


def test_the_other_point_is_the_highest_that_leaves_the_core_time_to_spare() -> None:
    run = run_of(*(measured("loop", LOOP, at) for at in (1, 16, 190, 300)))

    assert calibration_points(run, "loop") == (users(300), users(16))


def test_a_bunch_at_the_lower_point_is_not_taken_for_the_lane_s_overhead() -> None:
    bunched = measured("loop", LOOP, 16, latency_mean_ms=230.0)

    assert calibrate(run_of(bunched, measured("loop", LOOP, 300)))["loop"].overhead_s == pytest.approx(
        2 * LOOP.demand.at(16)
    )


def test_what_a_single_user_waits_for_and_nobody_sees_holds_a_slot_all_the_same() -> None:
    slots = Server(0.1, constant(0.0002), slots=64)
    run = run_of(*(measured("threads", slots, at, upstream_mean_ms=0.0) for at in (1, 16, 300)))

    found = calibrate(run)["threads"]

    assert found.points == (users(300), users(1))
    assert found.overhead_s == pytest.approx(0.1, rel=0.01)
    assert capacity(found.server()) == pytest.approx(64 / 0.1, rel=0.02)


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


def test_one_odd_block_of_many_does_not_set_the_spread() -> None:
    even = [measured("loop", LOOP, 300, n, throughput_rps=900 + 10 * n) for n in range(6)]
    odd = measured("loop", LOOP, 300, 7, throughput_rps=400)

    assert calibrate(run_of(*even, odd))["loop"].spread == pytest.approx(0.03, abs=0.01)


def test_a_lane_without_a_valid_closed_point_is_left_out() -> None:
    spoiled = measured("loop", LOOP, 300, status="invalid")
    cold = measured("loop", LOOP, 16, steady=False)

    run = run_of(spoiled, cold, measured("threads", THREADS, 16))

    assert set(calibrate(run)) == {"threads"}
    assert calibration_points(run, "loop") == ()
