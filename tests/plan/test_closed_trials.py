"""What the plan of closed load measures where, and what it says of itself."""

from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.facts.config import Config, Pair
from harness.facts.parsing import parse_config
from harness.facts.point import users
from harness.plan.closed_load import Delays, Plan, again, describe, make_plan

SAYS = {"mean_s": dict.fromkeys(("location", "sun", "weather"), 0.1), "longest_s": {"location": 0.4, "sun": 0.3}}
DELAYS = Delays(SAYS["mean_s"], SAYS["mean_s"])
CONFIG = parse_config(Path("bench.toml").read_text())


def plan(config: Config = CONFIG, **asked: object) -> Plan:
    usual: dict[str, object] = {"points": (1, 4, 16, 64, 100, 300), "blocks": 3, "ladder_blocks": 0}
    return make_plan(config, CONFIG.profiles["quick"].model_copy(update=usual | asked), CONFIG.scenarios["sun"], DELAYS)


def controlled() -> Config:
    control = Pair(lane="quart-again", baseline="quart", metric="throughput")
    lanes = {**CONFIG.lanes, "quart-again": CONFIG.lanes["quart"]}
    return CONFIG.model_copy(update={"lanes": lanes, "controls": (control,)})


def seeded(seed: int) -> Config:
    return CONFIG.model_copy(update={"upstream": CONFIG.upstream.model_copy(update={"seed": seed})})


def test_a_control_is_measured_at_the_verdict_point_alone_and_in_as_many_blocks_as_its_pair() -> None:
    planned = plan(controlled(), lanes=("quart", "flask-threads-300", "quart-again"))

    control = [trial for trial in planned.trials if trial.lane == "quart-again"]
    assert {trial.point for trial in control} == {users(300)}
    assert sorted(trial.block for trial in control) == list(range(1, 11))
    assert {trial.point.level for trial in planned.trials if trial.lane == "quart"} == {1, 4, 16, 64, 100, 300}
    assert planned.judged_lanes == {"quart", "flask-threads-300", "quart-again"}


def test_a_pair_of_which_one_lane_is_not_measured_is_not_judged() -> None:
    assert plan(lanes=("quart", "flask-sync-4")).primaries == ()
    assert [primary.metric for primary in plan().primaries] == ["throughput_adjusted"]


def test_without_a_longest_wait_every_point_is_measured() -> None:
    planned = plan(max_wait_s=None)

    assert planned.skipped == ()
    assert any((trial.lane, trial.point) == ("flask-sync-4", users(300)) for trial in planned.trials)


def test_a_wait_of_exactly_the_longest_is_measured() -> None:
    assert plan(lanes=("flask-sync-4",), points=(60,), max_wait_s=3.0).skipped == ()


def test_a_plan_that_measures_nothing_says_the_wait_and_what_to_change() -> None:
    with pytest.raises(UsageError, match=r"wait up to 15\.0 s") as raised:
        plan(lanes=("flask-sync-4",), points=(300,))

    assert "--points" in raised.value.hint
    assert "max_wait_s (1.5 s)" in raised.value.hint


def test_a_point_at_which_a_single_user_waits_as_long_is_measured_however_long_that_is() -> None:
    slow = dict.fromkeys(SAYS["mean_s"], 10.0)
    asked = CONFIG.profiles["quick"].model_copy(update={"lanes": ("flask-sync-4",), "ladder_blocks": 0})

    planned = make_plan(CONFIG, asked, CONFIG.scenarios["sun"], Delays(slow, slow))

    assert {trial.point for trial in planned.trials} == {users(1), users(4)}
    assert [round(skipped.wait_s) for skipped in planned.skipped] == [80, 320, 1500]


def test_what_is_judged_comes_first_so_that_a_look_may_end_it_early() -> None:
    planned = plan(ladder_blocks=4)

    assert {trial.place for turn in planned.turns for trial in turn.trials if turn.block > 4} == planned.judged
    assert {trial.lane for turn in planned.until(4).turns for trial in turn.trials} == set(CONFIG.ladder_lanes)
    assert planned.until(4).trials == [trial for turn in planned.turns for trial in turn.trials if trial.block <= 4]
    assert planned.rest.trials == planned.trials[len(planned.until(10).trials) :]
    places = [trial.name for trial in planned.trials]
    assert len(set(places)) == len(places)


def test_the_seed_chooses_the_order_of_lanes_and_points() -> None:
    one, other, same = ((*made.turns, *made.others) for made in (plan(seeded(seed)) for seed in (1, 2, 1)))

    assert one == same
    assert [turn.lane for turn in one] != [turn.lane for turn in other]
    assert {turn.trials for turn in one} != {turn.trials for turn in other}


def test_each_block_and_each_lane_has_an_order_of_its_own() -> None:
    turns = [turn for turn in plan(lanes=("quart", "flask-threads-64", "flask-threads-300")).others if turn.block <= 3]

    orders = [tuple(trial.point for trial in turn.trials) for turn in turns]
    assert len(set(orders)) > 6  # of nine, 720 are possible
    assert {len(order) for order in orders} == {5, 6}  # the verdict point is measured before


def test_a_user_of_closed_load_is_a_client() -> None:
    assert all(trial.clients == trial.point.level for trial in plan().trials)


def test_a_repeated_trial_warms_up_twice_as_long_although_its_wait_would_not_ask_for_it() -> None:
    trial = plan().trials[0]

    assert again(trial, 0.001, 0.0).timing.warmup_s == pytest.approx(2 * trial.timing.warmup_s)


def test_the_stub_says_its_mean_and_its_longest_delay() -> None:
    assert Delays.of(SAYS) == Delays(SAYS["mean_s"], SAYS["longest_s"])


def test_a_cold_profile_has_windows_without_warm_up() -> None:
    assert {(trial.timing.cold, trial.timing.warmup_s) for trial in plan(cold=True).trials} == {(True, 0.0)}


def test_plans_are_described_by_their_trials_lanes_blocks_and_minutes() -> None:
    first, second = plan(lanes=("quart",), points=(1,), blocks=1), plan(lanes=("quart", "flask-sync-4"), points=(1,))

    said = describe([first, second])

    trials, load_s = first.trials + second.trials, first.load_s + second.load_s
    minutes = (first.expected_s + second.expected_s) / 60
    assert said == f"{len(trials)} trials of 2 lanes in 3 blocks, {load_s:.0f} s of load, about {minutes:.1f} min"
