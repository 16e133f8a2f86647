"""From a lane's second block on a trial takes as long as its answers were seen to need."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from measured_trials import trial

from harness.facts.point import Point, users
from harness.plan.as_measured import as_measured
from harness.plan.blocks import PlannedTrial
from harness.plan.repeats import APART
from harness.plan.timing import cold_timing, timing

LONGEST_S = 0.2
WINDOW_S = 2.25
PLANNED = PlannedTrial(2, "quart", users(300), timing(0.9, LONGEST_S, WINDOW_S), 300)


def again(planned: PlannedTrial, *waits_ms: float | None, lane: str = "quart") -> PlannedTrial:
    done = [trial(lane, block, latency_mean_ms=wait_ms) for block, wait_ms in enumerate(waits_ms, 1)]
    return as_measured(planned, done, LONGEST_S, WINDOW_S)


@given(waits_s=st.lists(st.floats(0.001, 2.0), min_size=1, max_size=4))
def test_it_is_long_enough_for_the_slowest_answers_so_far_and_longer_only_if_it_must(waits_s: list[float]) -> None:
    timed = again(PLANNED, *(1000 * wait_s for wait_s in waits_s)).timing

    assert timed.suits(max(waits_s))
    assert timed.load_s <= PLANNED.timing.load_s or not PLANNED.timing.suits(max(waits_s))


def test_answers_in_a_third_of_the_time_need_half_of_the_trial() -> None:
    assert again(PLANNED, 300.0).timing.load_s == pytest.approx(PLANNED.timing.load_s / 2, rel=0.1)


def test_what_was_not_measured_or_not_here_changes_nothing() -> None:
    assert again(PLANNED) == PLANNED
    assert again(PLANNED, None) == PLANNED
    assert again(PLANNED, 300.0, lane="flask-threads-300") == PLANNED


@pytest.mark.parametrize(
    "kept",
    [
        replace(PLANNED, block=2 + APART),
        replace(PLANNED, attempt=2),
        replace(PLANNED, timing=cold_timing(0.9, LONGEST_S, 15.0)),
        replace(PLANNED, point=Point("open", 300.0)),
    ],
    ids=["a lost pair", "a repetition", "cold", "open load"],
)
def test_a_repeat_a_cold_window_and_open_load_keep_their_time(kept: PlannedTrial) -> None:
    levels: dict[str, dict[str, Any]] = {"closed": {"users": 300}, "open": {"users": None, "rate_rps": 300.0}}
    done = [trial(kept.lane, 1, latency_mean_ms=300.0, load=kept.point.load, **levels[kept.point.load])]

    assert as_measured(kept, done, LONGEST_S, WINDOW_S) == kept
