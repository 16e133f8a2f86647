"""Histograms: exact to one part in a thousand, and the same merged or not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.judge.histograms import histogram_of, merged, percentile_ms

latencies = st.lists(st.floats(1e-5, 100), min_size=1, max_size=200)


@given(latencies, st.sampled_from([50, 95, 99, 99.9, 100]))
def test_a_percentile_is_the_nearest_rank_to_one_part_in_a_thousand(seconds: list[float], percent: float) -> None:
    exact = float(np.percentile(seconds, percent, method="inverted_cdf")) * 1000

    assert percentile_ms(histogram_of(seconds), percent) == pytest.approx(exact, rel=0.001, abs=0.001)


@given(latencies, latencies)
def test_merged_histograms_are_the_histogram_of_all(first: list[float], second: list[float]) -> None:
    together = merged([histogram_of(first), histogram_of(second)])

    assert together.get_total_count() == len(first) + len(second)
    for percent in (50, 95, 100):
        assert percentile_ms(together, percent) == percentile_ms(histogram_of(first + second), percent)


def test_slower_requests_move_the_percentiles_and_then_take_them() -> None:
    good = histogram_of([n / 100 for n in range(1, 101)])

    assert percentile_ms(good, 50) == pytest.approx(500, rel=0.001)
    assert percentile_ms(good, 50, slower=50) == pytest.approx(750, rel=0.001)
    assert percentile_ms(good, 95, slower=50) is None


def test_what_is_out_of_range_is_kept_at_the_edge() -> None:
    assert histogram_of([0.0, 1e9]).get_total_count() == 2


def test_no_answers_have_no_percentile() -> None:
    assert percentile_ms(histogram_of([]), 50) is None
