"""Pairs that were lost to an invalid trial are planned again."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from measured_trials import trial

from harness.facts.config import Config
from harness.facts.parsing import parse_config
from harness.facts.point import users
from harness.facts.trial import Trial
from harness.plan.blocks import PlannedTrial
from harness.plan.closed_load import Delays, Plan, make_plan
from harness.plan.repeats import APART, MOST_ATTEMPTS, repeats, repetition
from harness.plan.timing import timing

SECONDS = dict.fromkeys(("location", "sun", "weather"), 0.1)
FIXED = Delays(SECONDS, SECONDS)


def config() -> Config:
    return parse_config(Path("bench.toml").read_text())


def plan() -> Plan:
    return make_plan(config(), config().profiles["quick"], config().scenarios["sun"], FIXED)


PAIR = ("quart", "flask-threads-300")


def healthy(blocks: range) -> list[Trial]:
    return [trial(lane, block, latency_mean_ms=300.0) for block in blocks for lane in PAIR]


def again(trials: list[Trial]) -> Plan:
    return repeats(plan(), trials, longest_delay_s=0.2)


def once_more(attempt: int = 1, *, is_disturbed: bool = False, **figures: Any) -> PlannedTrial | None:
    planned = replace(plan().trials[0], attempt=attempt, timing=timing(0.3, 0.2, 2.0))
    known: dict[str, Any] = {"window_ok": 600, "latency_mean_ms": 300.0, **figures}
    return repetition(planned, trial(planned.lane, 1, **known), 0.2, is_disturbed=is_disturbed)


def test_a_trial_that_was_too_short_is_repeated_longer_as_often_as_is_allowed() -> None:
    slow = once_more(latency_mean_ms=900.0)

    assert slow is not None
    assert slow.attempt == 2
    assert slow.timing.suits(0.9)
    assert once_more(late_users=1) is not None
    assert once_more(MOST_ATTEMPTS, latency_mean_ms=900.0) is None


def test_a_disturbed_trial_is_repeated_once_as_it_was() -> None:
    repeated = once_more(is_disturbed=True)

    assert repeated is not None
    assert (repeated.attempt, repeated.timing) == (2, timing(0.3, 0.2, 2.0))
    assert once_more(2, is_disturbed=True) is None
    assert once_more() is None
    assert once_more(is_disturbed=True, window_ok=0) is None


def test_nothing_is_repeated_where_every_pair_is_valid() -> None:
    assert again(healthy(range(1, 11))).turns == ()


def test_a_lost_pair_is_repeated_whole_in_a_block_of_its_own() -> None:
    extra = again([*healthy(range(2, 11)), trial("quart", 1), trial("flask-threads-300", 1, status="invalid")])

    assert sorted(turn.lane for turn in extra.turns) == sorted(PAIR)
    assert {(trial.block, trial.point, trial.attempt) for trial in extra.trials} == {(1 + APART, users(300), 1)}


@pytest.mark.parametrize("block", [1, 2])
def test_a_repeat_takes_the_order_of_the_block_that_it_replaces_so_that_the_order_stays_balanced(block: int) -> None:
    others = [number for number in range(1, 11) if number != block]
    spoiled = [*(trial(lane, number, latency_mean_ms=300.0) for number in others for lane in PAIR)]

    extra = again([*spoiled, trial("quart", block), trial("flask-threads-300", block, status="invalid")])

    planned = [turn.lane for turn in plan().turns if turn.block == block and turn.lane in PAIR]
    assert [turn.lane for turn in extra.turns] == planned


def test_the_blocks_that_count_go_first_equally_often_whatever_was_repeated() -> None:
    lost = {1, 4, 7}
    spoiled = [
        trial(lane, block, status="invalid" if block in lost and lane == "quart" else "valid", latency_mean_ms=300.0)
        for block in range(1, 11)
        for lane in PAIR
    ]

    turns = [turn for turn in (*plan().turns, *again(spoiled).turns) if turn.lane in PAIR and turn.block not in lost]

    first = {turn.block: turn.lane for turn in reversed(turns)}
    assert sorted(first.values()) == sorted([*PAIR] * 5)


def test_a_repeat_that_is_lost_too_is_repeated_once_more_and_then_no_more() -> None:
    spoiled = [*healthy(range(2, 11)), trial("quart", 1, status="invalid"), trial("flask-threads-300", 1)]
    second = [*spoiled, trial("quart", 1 + APART, status="invalid"), trial("flask-threads-300", 1 + APART)]
    third = [*second, trial("quart", 1 + 2 * APART, status="invalid"), trial("flask-threads-300", 1 + 2 * APART)]

    assert {turn.block for turn in again(second).turns} == {1 + APART, 1 + 2 * APART}
    assert {turn.block for turn in again(third).turns} == {1 + APART, 1 + 2 * APART}


def test_an_interrupted_runs_missing_blocks_are_not_taken_for_lost() -> None:
    assert again(healthy(range(1, 4))).turns == ()


def test_a_block_that_was_interrupted_is_finished_and_not_replaced() -> None:
    half = [
        *healthy(range(2, 11)),
        trial("quart", 1),
        trial("flask-threads-300", 1, status="invalid"),
        trial("quart", 1 + APART),
    ]

    assert {turn.block for turn in again(half).turns} == {1 + APART}


def test_a_pair_that_was_too_slow_for_its_timing_is_repeated_longer_for_both_lanes() -> None:
    slow = trial("flask-threads-300", 1, status="invalid", latency_mean_ms=4000.0)

    extra = again([*healthy(range(2, 11)), trial("quart", 1), slow])

    assert all(trial.timing.suits(4.0) for trial in extra.trials)
    assert len({trial.timing for trial in extra.trials}) == 1


def lost(block: int = 1, **figures: Any) -> list[Trial]:
    return [trial("quart", block, **figures), trial("flask-threads-300", block, status="invalid", **figures)]


def test_repeats_are_timed_as_planned_where_the_answers_were_in_time() -> None:
    extra = again([*healthy(range(2, 11)), *lost(latency_mean_ms=300.0)])

    planned = {(trial.lane, trial.timing) for trial in plan().trials if trial.point == users(300)}
    assert {(trial.lane, trial.timing) for trial in extra.trials} <= planned


def test_repeats_are_planned_where_no_answer_came_at_all() -> None:
    nothing = [trial(lane, block, status="invalid") for block in range(1, 11) for lane in PAIR]

    assert len(again(nothing).turns) == 2 * 10


def test_the_last_block_of_the_verdict_is_repeated_too_and_later_ones_are_not() -> None:
    before = healthy(range(1, 10))

    assert {turn.block for turn in again([*before, *lost(10)]).turns} == {10 + APART}
    fewer = repeats(plan().until(9), [*before, *lost(10)], longest_delay_s=0.2)
    assert fewer.turns == ()


def test_a_patient_repeat_is_a_first_attempt_in_its_own_block_at_the_same_point() -> None:
    extra = again([*healthy(range(2, 11)), *lost(latency_mean_ms=4000.0)])

    assert {(trial.attempt, trial.block, trial.point) for trial in extra.trials} == {(1, 1 + APART, users(300))}
    assert all(4.0 * 3 <= trial.timing.window_s < 4.0 * 4 for trial in extra.trials)


def test_only_judged_lanes_at_the_verdict_point_say_how_slow_a_repeat_must_be() -> None:
    strangers = [
        trial("quart", 1, at=16, latency_mean_ms=9000.0),
        trial("flask-threads-64", 1, latency_mean_ms=9000.0),
    ]

    extra = again([*healthy(range(2, 11)), *lost(latency_mean_ms=300.0), *strangers])

    assert all(trial.timing.window_s < 9.0 for trial in extra.trials)


def test_a_lane_that_is_not_judged_costs_no_pair() -> None:
    other = [trial("flask-threads-64", block, status="invalid") for block in range(1, 4)]

    assert again([*healthy(range(1, 11)), *other]).turns == ()


def test_a_pair_that_is_judged_at_two_points_is_repeated_at_both_each_with_its_own_time() -> None:
    calm = [primary.model_copy(update={"point": users(16)}) for primary in plan().primaries]
    both = replace(plan(), primaries=(*plan().primaries, *calm))
    trials = [
        trial(lane, block, at=level, latency_mean_ms=3000.0 if level == 300 else 205.0, status=status)
        for block in range(1, 11)
        for lane in PAIR
        for level in (16, 300)
        for status in ["invalid" if (lane, block, level) == ("quart", 2, 16) else "valid"]
    ]

    extra = repeats(both, trials, longest_delay_s=0.2)

    assert {(trial.block, *trial.place) for trial in extra.trials} == {
        (2 + APART, lane, users(level)) for lane in PAIR for level in (16, 300)
    }
    planned = {trial.place: trial.timing for trial in plan().trials}
    assert all((trial.timing == planned[trial.place]) == (trial.point == users(16)) for trial in extra.trials)


def test_a_block_that_is_not_measured_to_its_end_is_not_repeated_yet() -> None:
    assert again([*healthy(range(1, 10)), trial("quart", 10, status="invalid")]).turns == ()
