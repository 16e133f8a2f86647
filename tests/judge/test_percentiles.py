"""Percentiles over blocks, and the bound where lost requests reach one."""

import pytest
from hdrh.histogram import HdrHistogram
from hypothesis import given
from hypothesis import strategies as st

from harness.facts.summary import Percentile
from harness.judge.histograms import histogram_of, percentile_ms
from harness.judge.percentiles import percentile
from harness.judge.statistics import geometric_mean

latencies = st.lists(st.floats(1e-4, 100), min_size=10, max_size=300)
percents = st.sampled_from([1, 50, 90, 95])
numbers_of_slower = st.integers(0, 40)


def spread(count: int) -> HdrHistogram:
    """Return the latencies 1, 2, ... count ms."""
    return histogram_of([n / 1000 for n in range(1, count + 1)])


def alone(good: HdrHistogram, percent: float, slower: int = 0, slowest_ms: float = 0.0) -> Percentile | None:
    """Return the percentile of one block."""
    return percentile(good, percent, [percentile_ms(good, percent, slower)], slower, slowest_ms)


def shown(good: HdrHistogram, percent: float, slower: int = 0, slowest_ms: float = 0.0) -> Percentile:
    found = alone(good, percent, slower, slowest_ms)
    assert found is not None
    return found


def milliseconds(ms: float) -> object:
    return pytest.approx(ms, rel=0.001, abs=0.001)


def test_a_percentile_is_the_geometric_mean_of_its_blocks_with_their_interval() -> None:
    blocks = [100.0, 120.0, 150.0]
    mean = geometric_mean(blocks)
    assert mean is not None

    found = percentile(spread(900), 95, blocks)

    assert found == Percentile(mean.value, mean.low, mean.high, at_least=False, thin=True)


@pytest.mark.parametrize("blocks", [[100.0], [100.0, 120.0]])
def test_one_or_two_blocks_have_no_interval(blocks: list[float]) -> None:
    found = percentile(spread(900), 95, blocks)

    assert found is not None
    assert (found.low_ms, found.high_ms) == (None, None)


def test_a_percentile_that_lost_requests_reach_in_one_block_is_a_bound() -> None:
    found = percentile(spread(900), 95, [100.0, None, 150.0], slower=5, slowest_ms=30.0)

    assert found is not None
    assert (found.at_least, found.low_ms, found.high_ms) == (True, None, None)
    assert found.ms == milliseconds(860)  # the percentile of all requests together


@given(latencies, percents, numbers_of_slower, numbers_of_slower, st.floats(0, 1e6))
def test_more_slower_requests_never_lower_a_percentile(
    seconds: list[float], percent: float, slower: int, more: int, slowest_ms: float
) -> None:
    good = histogram_of(seconds)
    before, after = (alone(good, percent, count, slowest_ms) for count in (slower, slower + more))

    if before is not None:
        assert after is not None
        assert after.ms >= before.ms
        assert after.at_least >= before.at_least


@given(latencies, percents, numbers_of_slower)
def test_the_percentile_of_one_block_is_its_own(seconds: list[float], percent: float, slower: int) -> None:
    good = histogram_of(seconds)
    found = alone(good, percent, slower)

    if found is not None:
        assert percentile_ms(good, percent, slower) == (None if found.at_least else found.ms)


@pytest.mark.parametrize(("count", "percent"), [(19, 50), (199, 95), (999, 99)])
def test_fewer_than_ten_requests_beyond_it_give_no_percentile(count: int, percent: float) -> None:
    assert alone(spread(count), percent) is None
    assert shown(spread(count + 1), percent).thin


def test_slower_requests_count_among_those_beyond() -> None:
    assert alone(spread(190), 95, slower=9) is None
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


def test_failures_alone_have_nothing_but_their_own_bound() -> None:
    assert alone(histogram_of([]), 50, slower=100, slowest_ms=30) == Percentile(30, None, None, True, True)


def test_no_requests_have_no_percentile() -> None:
    assert alone(histogram_of([]), 50) is None
