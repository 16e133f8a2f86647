"""A cold window's answers, as wrk counts them."""

import pytest

from harness.judge.cold import cold
from harness.judge.histograms import histogram_of


def test_answers_beyond_wrks_two_seconds_are_counted_and_left_out_of_the_mean() -> None:
    found = cold(histogram_of([0.1, 0.1, 0.4, 1.99, 2.5, 30.0]))

    assert found.steady is False
    assert found.slow_ok == 2
    assert found.quick_mean_ms == pytest.approx((100 + 100 + 400 + 1990) / 4, rel=0.001)


@pytest.mark.parametrize(("seconds", "slow"), [([], 0), ([3.0], 1)])
def test_a_cold_window_without_a_quick_answer_has_no_mean(seconds: list[float], slow: int) -> None:
    found = cold(histogram_of(seconds))

    assert (found.slow_ok, found.quick_mean_ms) == (slow, None)
