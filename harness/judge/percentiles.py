"""Percentiles as they are shown: from merged histograms, with an interval, or as a bound where failures reach them."""

import scipy  # its parts load when they are used: half a second that most commands can do without
from hdrh.histogram import HdrHistogram

from harness.facts.figures import is_thin, rank_of, too_few_beyond
from harness.facts.summary import Percentile
from harness.judge.histograms import value_at_rank_ms
from harness.judge.statistics import CONFIDENCE


def percentile(good: HdrHistogram, percent: float, slower: int = 0, slowest_ms: float = 0.0) -> Percentile | None:
    """Return a percentile of good answers by nearest rank; None with fewer than ten requests beyond it.

    `slower` failed or censored requests rank slowest; `slowest_ms` is how long the slowest of them is known to have
    taken. The interval is that of the requests, as if they were independent: how blocks differ is not in it.
    """
    answers = good.get_total_count()
    total = answers + slower
    rank = rank_of(percent, total)
    if too_few_beyond(percent, total):
        return None
    low, high = _interval_ranks(percent, total)
    at_least = rank > answers
    return Percentile(
        ms=max(_value_ms(good, answers) or 0.0, slowest_ms) if at_least else value_at_rank_ms(good, rank),
        low_ms=_value_ms(good, low),
        high_ms=_value_ms(good, high),
        at_least=at_least,
        thin=is_thin(percent, total),
    )


def _interval_ranks(percent: float, total: int) -> tuple[int, int]:
    """Return the ranks between which the true percentile lies with at least 95 %, whatever the distribution.

    How many of `total` values are at most the true percentile is binomial: the order-statistic interval of Conover,
    Practical Nonparametric Statistics, 3rd edition (1999), section 3.2. A rank of 0 or above `total` is no bound.
    """
    below = scipy.stats.binom(total, percent / 100)
    tail = (1 - CONFIDENCE) / 2
    return int(below.ppf(tail)), int(below.ppf(1 - tail)) + 1


def _value_ms(good: HdrHistogram, rank: int) -> float | None:
    """Return the good answer of a rank; None where that rank has no good answer."""
    return value_at_rank_ms(good, rank) if 1 <= rank <= good.get_total_count() else None
