"""Percentiles with their intervals, against sorted lists and simulated truth."""

import math

import numpy as np
import pytest
from hdrh.histogram import HdrHistogram
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.facts.summary import Percentile
from harness.judge.histograms import histogram_of, percentile_ms
from harness.judge.percentiles import percentile

SIMULATED = 500
latencies = st.lists(st.floats(1e-4, 100), min_size=10, max_size=300)
percents = st.sampled_from([1, 50, 90, 95])
numbers_of_slower = st.integers(0, 40)


def spread(count: int) -> HdrHistogram:
    """Return the latencies 1, 2, ... count ms."""
    return histogram_of([n / 1000 for n in range(1, count + 1)])


def shown(good: HdrHistogram, percent: float, slower: int = 0, slowest_ms: float = 0.0) -> Percentile:
    found = percentile(good, percent, slower, slowest_ms)
    assert found is not None
    return found


def milliseconds(ms: float) -> object:
    return pytest.approx(ms, rel=0.001, abs=0.001)


@given(latencies, percents, numbers_of_slower)
def test_value_and_interval_are_those_of_the_sorted_list(seconds: list[float], percent: int, slower: int) -> None:
    ranked = sorted(1000 * second for second in seconds) + [math.inf] * slower
    total = len(ranked)
    rank = max(1, -(-percent * total // 100))
    below = stats.binom(total, percent / 100).cdf(np.arange(total + 1))
    ends = int(np.argmax(below >= 0.025)), int(np.argmax(below >= 0.975)) + 1

    found = percentile(histogram_of(seconds), percent, slower)

    assert (found is None) == (total - rank < 10)
    if found is not None:
        assert found.at_least == (rank > len(seconds))
        assert found.ms == milliseconds(ranked[min(rank, len(seconds)) - 1])
        for end, shown_ms in zip(ends, (found.low_ms, found.high_ms), strict=True):
            assert shown_ms == (milliseconds(ranked[end - 1]) if 1 <= end <= len(seconds) else None)


@given(latencies, percents, numbers_of_slower, st.floats(0, 1e6))
def test_the_value_lies_in_its_interval(seconds: list[float], percent: float, slower: int, slowest_ms: float) -> None:
    found = percentile(histogram_of(seconds), percent, slower, slowest_ms)

    if found is not None:
        assert found.low_ms is None or found.low_ms <= found.ms
        assert found.high_ms is None or found.ms <= found.high_ms


@given(latencies, percents, numbers_of_slower, numbers_of_slower, st.floats(0, 1e6))
def test_more_slower_requests_never_lower_a_percentile(
    seconds: list[float], percent: float, slower: int, more: int, slowest_ms: float
) -> None:
    good = histogram_of(seconds)
    before, after = (percentile(good, percent, count, slowest_ms) for count in (slower, slower + more))

    if before is not None:
        assert after is not None
        assert after.ms >= before.ms
        assert after.at_least >= before.at_least


@given(latencies, percents, numbers_of_slower)
def test_a_percentile_that_is_no_bound_is_the_one_of_the_histogram(
    seconds: list[float], percent: float, slower: int
) -> None:
    good = histogram_of(seconds)
    found = percentile(good, percent, slower)

    if found is not None:
        assert percentile_ms(good, percent, slower) == (None if found.at_least else found.ms)


@pytest.mark.parametrize(("percent", "count"), [(50, 60), (95, 400), (99, 1500)])
def test_the_interval_covers_the_truth_of_skewed_latencies_in_95_of_100_samples(percent: float, count: int) -> None:
    luck = np.random.default_rng(count)
    truth_ms = 1000 * float(stats.lognorm.ppf(percent / 100, 0.8))
    samples = [shown(histogram_of(luck.lognormal(0, 0.8, count)), percent) for _ in range(SIMULATED)]

    covered = sum((one.low_ms or 0) <= truth_ms <= (one.high_ms or math.inf) for one in samples) / SIMULATED

    assert 0.94 <= covered <= 0.98


@pytest.mark.parametrize(("count", "percent"), [(19, 50), (199, 95), (999, 99)])
def test_fewer_than_ten_requests_beyond_it_give_no_percentile(count: int, percent: float) -> None:
    assert percentile(spread(count), percent) is None
    assert shown(spread(count + 1), percent).thin


def test_slower_requests_count_among_those_beyond() -> None:
    assert percentile(spread(190), 95, slower=9) is None
    assert shown(spread(190), 95, slower=10).ms == milliseconds(190)


@pytest.mark.parametrize(("count", "thin"), [(1999, True), (2000, False)])
def test_a_percentile_with_fewer_than_a_hundred_beyond_it_is_thin(count: int, thin: bool) -> None:
    assert shown(spread(count), 95).thin == thin


def test_a_percentile_that_reaches_the_slower_ones_is_at_least_the_slowest_known() -> None:
    good = spread(900)

    by_good, by_slowest = shown(good, 95, slower=100), shown(good, 95, slower=100, slowest_ms=5000)

    assert by_good == Percentile(ms=by_good.ms, low_ms=None, high_ms=None, at_least=True, thin=True)
    assert by_good.ms == milliseconds(900)
    assert by_slowest.ms == 5000


def test_an_interval_may_begin_among_the_good_and_end_among_the_slower() -> None:
    found = shown(spread(955), 95, slower=45)

    assert not found.at_least
    assert found.ms == milliseconds(950)
    assert found.low_ms == milliseconds(936)
    assert found.high_ms is None


def test_a_bound_keeps_the_lower_end_where_that_is_a_good_answer() -> None:
    found = shown(spread(945), 95, slower=55, slowest_ms=3000)

    assert (found.at_least, found.ms, found.high_ms) == (True, 3000, None)
    assert found.low_ms == milliseconds(936)


def test_failures_alone_have_nothing_but_their_own_bound() -> None:
    assert percentile(histogram_of([]), 50, slower=100, slowest_ms=30) == Percentile(30, None, None, True, True)


def test_no_requests_have_no_percentile() -> None:
    assert percentile(histogram_of([]), 50) is None
