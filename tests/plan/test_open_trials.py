"""Each trial of open load: its senders, its warm-up, its place in the order."""

import math
from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.facts.config import Config, Profile
from harness.facts.parsing import parse_config
from harness.facts.point import Load
from harness.facts.routes import Scenario
from harness.plan.basis import Basis
from harness.plan.closed_load import Delays, Plan
from harness.plan.open_load import expected_capacities, make_open_plan, senders, settling_s

DELAYS = Delays(dict.fromkeys(("location", "sun", "weather"), 0.1), dict.fromkeys(("location", "sun", "weather"), 0.1))
CONFIG = parse_config(Path("bench.toml").read_text())
PAIR = {"quart": 1000.0, "flask-threads-300": 600.0}


def profile(**asked: object) -> Profile:
    nothing = {"own_shares": (), "pair_shares": (), "rates": ()}
    return CONFIG.profiles["quick"].model_copy(update={**nothing, **asked})


def seeded(seed: int) -> Config:
    return CONFIG.model_copy(update={"upstream": CONFIG.upstream.model_copy(update={"seed": seed})})


def sun() -> Scenario:
    return CONFIG.scenarios["sun"]


def plan(config: Config = CONFIG, **asked: object) -> Plan:
    return make_open_plan(Basis(config, profile(**asked), sun(), DELAYS, PAIR), first=1)


def test_senders_hold_three_times_what_theory_has_in_flight_and_fifty_more() -> None:
    planned = plan(rates=(400.0,), lanes=("quart",)).trials[0]

    assert planned.clients == 3 * 400 * 0.2 + 50  # two calls of 0.1 s, one after the other


def test_the_senders_of_a_lane_with_one_slot_are_those_of_a_request_that_waits_for_no_other() -> None:
    assert plan(rates=(4.0,), lanes=("flask-sync-1",)).trials[0].clients == math.ceil(3 * 4 * 0.2) + 50


def test_a_lane_of_unknown_upstream_calls_gets_senders_for_half_a_second() -> None:
    stranger = CONFIG.lanes["quart"].model_copy(update={"path": "/", "upstream_calls": None})
    config = CONFIG.model_copy(update={"lanes": {**CONFIG.lanes, "quart": stranger}})

    assert plan(config, rates=(100.0,), lanes=("quart",)).trials[0].clients == 3 * 100 * 0.5 + 50


def test_more_processes_hold_more_senders_and_a_rate_that_they_just_hold_is_taken() -> None:
    assert senders(10_000, 0.5, 6) == 6 * 900
    assert senders(850, 1.0, 1) == 900


def test_a_rate_that_was_asked_for_and_cannot_be_held_is_refused_but_a_share_is_tried() -> None:
    with pytest.raises(UsageError, match="arrivals/s need"):
        plan(rates=(10_000.0,))

    huge = make_open_plan(Basis(CONFIG, profile(own_shares=(0.5,)), sun(), DELAYS, {"quart": 20_000.0}), first=1)
    assert {trial.clients for trial in huge.trials} == {900}


def test_an_asked_rate_warms_up_as_usual_however_near_to_the_capacity_it_is() -> None:
    near = plan(rates=(599.0,), lanes=("flask-threads-300",))
    far = plan(rates=(60.0,), lanes=("flask-threads-300",))

    assert near.trials[0].timing == far.trials[0].timing


def test_a_slow_rate_gets_a_window_of_a_hundred_arrivals_but_never_more_than_half_a_minute() -> None:
    windows = {trial.point.level: trial.timing.window_s for trial in plan(rates=(0.5, 5.0, 500.0)).trials}

    assert windows == {0.5: 30.0, 5.0: 20.0, 500.0: profile().window_s}


def test_open_loads_own_window_is_taken_where_the_profile_has_one() -> None:
    assert {trial.timing.window_s for trial in plan(rates=(500.0,), open_window_s=7.0).trials} == {7.0}


def test_the_seed_chooses_the_order_of_lanes_and_of_rates() -> None:
    orders = [
        [trial.name for trial in plan(seeded(seed), rates=(10.0, 20.0, 30.0), blocks=4).trials] for seed in (1, 2, 1)
    ]

    assert orders[0] == orders[2] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1])


def test_each_block_of_open_load_has_an_order_of_its_own() -> None:
    turns = plan(rates=(10.0, 20.0, 30.0, 40.0), blocks=6, lanes=("quart",)).others

    assert len({tuple(trial.point for trial in turn.trials) for turn in turns}) > 1


@pytest.mark.parametrize("load", ["closed", "open"])
def test_a_control_is_measured_in_the_load_that_it_is_declared_for(load: Load) -> None:
    pair = next(primary for primary in CONFIG.primaries if primary.load == load)
    control = pair.model_copy(update={"lane": "quart-again", "baseline": "quart"})
    lanes = {**CONFIG.lanes, "quart-again": CONFIG.lanes["quart"]}
    config = CONFIG.model_copy(update={"lanes": lanes, "controls": (control,)})

    planned = plan(config, rates=(10.0, 20.0), lanes=("quart", "flask-threads-300", "quart-again"))

    controls = {trial.point.level for trial in planned.trials if trial.lane == "quart-again"}
    assert controls == ({20.0} if load == "open" else set())


def test_all_lanes_at_a_rate_are_given_the_time_of_the_one_whose_queue_settles_last() -> None:
    asked = profile(pair_shares=(0.8,))

    planned = make_open_plan(
        Basis(CONFIG, asked, sun(), DELAYS, {"quart": 1000.0, "flask-threads-300": 100.0}), first=1
    )

    assert len({trial.timing for trial in planned.trials}) == 1
    assert planned.trials[0].timing.warmup_s == pytest.approx(settling_s(80.0, 100.0))


def test_theory_expects_of_a_lane_what_its_slots_or_the_most_users_allow() -> None:
    stranger = CONFIG.lanes["quart"].model_copy(update={"path": "/", "upstream_calls": None})
    config = CONFIG.model_copy(update={"lanes": {**CONFIG.lanes, "quart-uvloop": stranger}})
    lanes = ("flask-sync-4", "quart", "quart-uvloop")

    expected = expected_capacities(config, profile(lanes=lanes, points=(1, 100)), sun(), DELAYS)

    assert expected == pytest.approx({"flask-sync-4": 4 / 0.2, "quart": 100 / 0.2, "quart-uvloop": 100 / 0.5})


def test_a_share_whose_queue_relaxes_just_in_time_is_measured() -> None:
    bound = 1 / (1000 * (1 - math.sqrt(0.9)) ** 2)

    for spare, measured in ((1.001, {900.0}), (0.999, set())):
        trials = plan(own_shares=(0.9,), lanes=("quart",), max_wait_s=bound * spare).trials
        assert {trial.point.level for trial in trials} == measured
