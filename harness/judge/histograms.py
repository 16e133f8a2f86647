"""Exact latencies as HdrHistograms: they merge, and every percentile comes from them."""

from collections.abc import Iterable

import numpy as np
from hdrh.histogram import HdrHistogram

from harness.facts.figures import rank_of

LOWEST_US = 1
HIGHEST_US = 3_600_000_000  # an hour
DIGITS = 3  # a value is known to one part in a thousand


def new_histogram() -> HdrHistogram:
    """Return an empty histogram of microseconds, from 1 us to an hour with three significant digits."""
    return HdrHistogram(LOWEST_US, HIGHEST_US, DIGITS)


def histogram_of(latencies_s: Iterable[float]) -> HdrHistogram:
    """Return the histogram of latencies given in seconds."""
    histogram = new_histogram()
    for latency_s in latencies_s:
        # record_value drops what is out of range without a word
        histogram.record_value(min(HIGHEST_US, max(LOWEST_US, round(latency_s * 1e6))))
    return histogram


def merged(histograms: Iterable[HdrHistogram]) -> HdrHistogram:
    """Return the sum of histograms."""
    total = new_histogram()
    for histogram in histograms:
        total.add(histogram)
    return total


def percentile_ms(good: HdrHistogram, percent: float, slower: int = 0) -> float | None:
    """Return a percentile in ms by nearest rank; None where there is none.

    `slower` requests without a good answer rank behind all good ones: a percentile that reaches them does not exist.
    """
    rank = rank_of(percent, good.get_total_count() + slower)
    return value_at_rank_ms(good, rank) if rank <= good.get_total_count() else None


def value_at_rank_ms(good: HdrHistogram, rank: int) -> float:
    """Return the value of a rank, from 1 to the number of values, in ms.

    The library's own method visits every bucket in Python for each percentile, which takes 10 ms.
    """
    index = int(np.searchsorted(np.cumsum(np.ctypeslib.as_array(good.counts)), rank))
    return float(good.get_highest_equivalent_value(good.get_value_from_index(index))) / 1000
