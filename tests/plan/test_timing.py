"""What a trial's timing promises: a steady window, users who are all there, time for the last answers."""

import pytest

from harness.plan.timing import Timing, cold_timing, timing


@pytest.mark.parametrize(
    ("wait_s", "suits"),
    [
        (2.0, True),
        (2.01, False),
    ],
)
def test_a_window_shorter_than_three_waits_is_not_steady(wait_s: float, suits: bool) -> None:
    assert Timing(spread_s=1.0, warmup_s=60.0, window_s=6.0, drain_s=1.0).suits(wait_s) is suits


@pytest.mark.parametrize(("wait_s", "suits"), [(2.0, True), (2.01, False)])
def test_a_warm_up_shorter_than_two_and_a_half_waits_is_not_steady(wait_s: float, suits: bool) -> None:
    assert Timing(spread_s=1.0, warmup_s=5.0, window_s=60.0, drain_s=1.0).suits(wait_s) is suits


def test_a_cold_window_opens_as_the_load_starts_whatever_the_wait_and_is_not_asked_to_be_steady() -> None:
    cold = cold_timing(10.0, 0.5, 2.0)

    assert (cold.spread_s, cold.warmup_s, cold.window_s) == (0.0, 0.0, 2.0)
    assert cold.suits(10.0)
    assert cold.drain_s == timing(10.0, 0.5, 2.0).drain_s


def test_the_drain_has_room_for_three_waits_and_the_longest_delay() -> None:
    assert timing(2.0, 10.0, 2.0).drain_s > 3 * 2.0 + 10.0


def test_users_start_over_whole_waits_and_the_last_of_them_have_time_for_a_first_answer() -> None:
    planned = timing(0.2, 0.5, 2.0)

    waits = planned.spread_s / 0.2
    assert waits == pytest.approx(round(waits))
    assert planned.warmup_s - planned.spread_s >= 0.5
    assert planned.warmup_s - (planned.spread_s + 0.2) < 0.5 * 1.2


def test_a_user_who_thinks_has_a_longer_cycle_and_no_longer_drain() -> None:
    thinking, waiting = timing(0.2, 0.1, 1.0, think_s=1.8), timing(2.0, 0.1, 1.0)

    assert (thinking.warmup_s, thinking.window_s, thinking.after_s) == (
        waiting.warmup_s,
        waiting.window_s,
        waiting.after_s,
    )
    assert thinking.drain_s < waiting.drain_s
    assert thinking.suits(0.2)
    assert not thinking.suits(3.0)
