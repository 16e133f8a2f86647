"""Open load's rates follow from the capacities that were measured."""

from pathlib import Path

import pytest
from measured_trials import trial

from harness.errors import UsageError
from harness.facts.config import Config, Profile
from harness.facts.parsing import parse_config
from harness.facts.point import Point
from harness.plan.basis import Basis
from harness.plan.closed_load import Delays
from harness.plan.open_load import capacities, make_open_plan, rates_of, senders, settling_s, with_at_most

SECONDS = dict.fromkeys(("location", "sun", "weather"), 0.1)
FIXED = Delays(SECONDS, SECONDS)
CAPACITY = {"quart": 1000.0, "flask-threads-300": 600.0, "flask-threads-64": 310.0}


def config() -> Config:
    return parse_config(Path("bench.toml").read_text())


def profile(**more: object) -> Profile:
    return (
        config()
        .profiles["quick"]
        .model_copy(update={"own_shares": (), "pair_shares": (), "rates": (), "blocks": 3, **more})
    )


def levels(points: list[Point]) -> list[float]:
    return [point.level for point in points]


def test_a_lanes_capacity_is_its_best_median_over_valid_blocks() -> None:
    found = capacities(
        [
            *(trial("quart", block, throughput_rps=rps) for block, rps in ((1, 900.0), (2, 1000.0), (3, 1100.0))),
            trial("quart", 4, status="invalid", throughput_rps=9e9),
            *(trial("quart", block, at=16, throughput_rps=80.0) for block in (1, 2)),
        ]
    )

    assert found == {"quart": 1000.0}


def test_both_lanes_of_a_pair_meet_the_same_shares_of_its_smaller_capacity() -> None:
    shares = profile(pair_shares=(0.5, 0.8))

    assert levels(rates_of("quart", config(), shares, CAPACITY)) == [300, 480]
    assert levels(rates_of("flask-threads-300", config(), shares, CAPACITY)) == [300, 480]
    assert levels(rates_of("flask-threads-64", config(), shares, CAPACITY)) == []


def test_each_lane_is_measured_at_shares_of_its_own_capacity() -> None:
    shares = profile(own_shares=(0.5, 0.95))

    assert levels(rates_of("quart", config(), shares, CAPACITY)) == [500, 950]
    assert levels(rates_of("flask-threads-64", config(), shares, CAPACITY)) == [155, 294]


def test_open_loads_blocks_are_numbered_on_and_hold_every_rate_of_every_lane() -> None:
    asked = profile(pair_shares=(0.5, 0.8), own_shares=(0.5,))

    plan = make_open_plan(Basis(config(), asked, config().scenarios["sun"], FIXED, CAPACITY), first=11)

    assert {turn.block for turn in plan.turns} == set(range(11, 21))
    assert {turn.block for turn in plan.others} == {11, 12, 13}
    assert {trial.point.load for trial in plan.trials} == {"open"}
    judged = {(lane, Point("open", 480.0)) for lane in ("quart", "flask-threads-300")}
    assert plan.judged == judged
    assert {primary.metric for primary in plan.primaries} == {"p95", "cpu_adjusted"}
    assert len(plan.until(20).trials) == 10 * 2
    assert not judged & {trial.place for trial in plan.rest.trials}
    assert len({trial.name for trial in plan.trials}) == len(plan.trials)


def test_a_lane_whose_capacity_was_not_measured_is_left_out() -> None:
    asked = profile(own_shares=(0.5,))

    plan = make_open_plan(Basis(config(), asked, config().scenarios["sun"], FIXED, {"quart": 100.0}), first=1)

    assert {trial.lane for trial in plan.trials} == {"quart"}


def test_senders_suffice_for_three_times_what_theory_has_in_flight() -> None:
    assert senders(100, 0.2, 1) >= 3 * 100 * 0.2


@pytest.mark.parametrize("rate", [1234.0, 0.125, 987.654321])
def test_a_rate_that_was_asked_for_is_kept_to_the_digit_and_never_dropped(rate: float) -> None:
    asked = profile(rates=(rate,), max_wait_s=0.001)
    capacity = {"quart": rate * 1.001}

    trials = make_open_plan(Basis(config(), asked, config().scenarios["sun"], FIXED, capacity), first=1).trials

    quart = [trial for trial in trials if trial.lane == "quart"]
    assert {trial.point.level for trial in quart} == {rate}
    assert all(repr(rate).removesuffix(".0") in trial.name for trial in quart)


def test_two_asked_rates_that_differ_in_a_late_digit_have_two_names() -> None:
    assert Point("open", 1234.00000001).slug != Point("open", 1234.00000002).slug
    assert Point("open", 1234.00000001).label != Point("open", 1234.00000002).label


def test_a_rate_beyond_what_locust_can_hold_is_an_error_that_says_how_many_processes_it_takes() -> None:
    with pytest.raises(UsageError, match="need 20,050 connections") as raised:
        senders(100_000, 0.2, 1)

    assert "--processes 23" in raised.value.hint


def test_a_derived_rate_beyond_what_locust_can_hold_gets_all_that_there_is() -> None:
    assert senders(100_000, 0.2, 1, asked=False) == 900


def test_a_derived_rate_has_no_more_senders_than_there_are_files_for() -> None:
    plan = make_open_plan(
        Basis(config(), profile(own_shares=(0.1, 0.8)), config().scenarios["sun"], FIXED, CAPACITY), first=1
    )

    held = with_at_most(120, plan)

    assert max(trial.clients for trial in plan.trials) > 120
    assert [trial.clients for trial in held.trials] == [min(120, trial.clients) for trial in plan.trials]
    assert [trial.name for trial in held.trials] == [trial.name for trial in plan.trials]


def test_a_queue_settles_later_the_nearer_it_is_to_its_capacity() -> None:
    times = [settling_s(load * 100, 100) for load in (0.5, 0.8, 0.95)]

    assert times == sorted(times)
    assert settling_s(80, 100) == pytest.approx(2 / (100 * (1 - 0.8**0.5) ** 2))
    assert settling_s(100, 100) == settling_s(50, None) == 0


def test_the_warm_up_lasts_until_the_queue_has_settled_and_a_share_that_never_does_is_left_out() -> None:
    asked = profile(own_shares=(0.8, 0.95), max_wait_s=10.0)
    capacity = {"flask-sync-4": 19.5, "quart": 1000.0}

    trials = make_open_plan(Basis(config(), asked, config().scenarios["sun"], FIXED, capacity), first=1).trials

    planned = {(trial.lane, trial.point.level): trial.timing.warmup_s for trial in trials}
    assert set(planned) == {("flask-sync-4", 15.6), ("quart", 800.0), ("quart", 950.0)}
    assert planned["flask-sync-4", 15.6] >= settling_s(15.6, 19.5) > 9


def test_a_window_of_open_load_has_room_for_a_hundred_arrivals() -> None:
    asked = profile(rates=(10.0, 500.0))

    trials = make_open_plan(Basis(config(), asked, config().scenarios["sun"], FIXED, {}), first=1).trials

    assert all(trial.point.level * trial.timing.window_s >= 100 for trial in trials)
