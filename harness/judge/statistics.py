"""Means and comparisons on the log scale, paired and unpaired, with SciPy's t distribution."""

import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

import numpy as np
import scipy  # its parts load when they are used: half a second that most commands can do without

CONFIDENCE = 0.95
SIGNIFICANCE = 0.05
POWER = 0.8
EQUIVALENCE = 1.05  # two lanes within this ratio either way are equal for every practical purpose
MOST_LOG = 700  # what a float holds the exponential of
LEAST_FOR_AN_INTERVAL = 3  # blocks: with two, Student's t is thirteen deviations wide
ROUNDING = 1e-9  # a deviation below it is what floats leave over, and no noise


@dataclass(frozen=True)
class Ratio:
    """A geometric mean ratio with its 95 % interval and two-sided p; `spread` is the deviation of the log ratios.

    Unpaired, `pairs` is the smaller number of blocks of the two, and `spread` what the log ratio of any block of the
    one to any block of the other would have. `error` is the standard error of the mean log ratio, with `df` degrees of
    freedom.
    """

    pairs: int
    value: float
    low: float
    high: float
    p: float
    spread: float
    error: float = 0.0
    df: float = 1.0

    def at_level(self, level: float) -> "Ratio":
        """Return the ratio with the interval of confidence 1 - `level`."""
        log, room = math.log(self.value), float(scipy.stats.t.isf(level / 2, self.df)) * self.error
        return replace(self, low=_ratio_of(log - room), high=_ratio_of(log + room))


def paired_ratio(pairs: Sequence[tuple[float, float]]) -> Ratio | None:
    """Return the ratio first / second over pairs of positive figures; None for fewer than two pairs.

    Student's t on the log ratios: it keeps its coverage at small n, where bootstrap percentile intervals do not
    (`tests/judge/test_statistics.py` simulates it).
    """
    if len(pairs) < 2:
        return None
    logs = np.log([first / second for first, second in pairs])
    spread = float(np.std(logs, ddof=1))
    if spread < ROUNDING:
        return _exact(len(pairs), float(logs.mean()))
    test = scipy.stats.ttest_1samp(logs, 0.0)
    interval = test.confidence_interval(CONFIDENCE)
    value, low, high = (math.exp(float(log)) for log in (logs.mean(), interval.low, interval.high))
    return Ratio(len(pairs), value, low, high, float(test.pvalue), spread, spread / math.sqrt(len(logs)), len(logs) - 1)


def unpaired_ratio(first: Sequence[float], second: Sequence[float]) -> Ratio | None:
    """Return the ratio first / second of positive figures that no block pairs; None for fewer than two on a side.

    Welch's t on the logs: it needs neither the same spread nor the same number on both sides.
    """
    blocks = min(len(first), len(second))
    if blocks < 2:
        return None
    ours, theirs = np.log(first), np.log(second)
    mean, spread = float(ours.mean() - theirs.mean()), math.hypot(np.std(ours, ddof=1), np.std(theirs, ddof=1))
    if spread < ROUNDING:
        return _exact(blocks, mean)
    with warnings.catch_warnings(action="ignore", category=RuntimeWarning):  # one side alone may be without noise
        test = scipy.stats.ttest_ind(ours, theirs, equal_var=False)
    interval = test.confidence_interval(CONFIDENCE)
    value, low, high = map(_ratio_of, (mean, interval.low, interval.high))
    error = math.hypot(np.std(ours, ddof=1) / math.sqrt(len(ours)), np.std(theirs, ddof=1) / math.sqrt(len(theirs)))
    return Ratio(blocks, value, low, high, float(test.pvalue), spread, error, float(test.df))


def _exact(pairs: int, log: float) -> Ratio:
    """Return a ratio that no noise blurs."""
    value = _ratio_of(log)
    return Ratio(pairs, value, value, value, 1.0 if abs(value - 1) < ROUNDING else 0.0, 0.0)


def _ratio_of(log: float) -> float:
    return math.exp(max(-MOST_LOG, min(MOST_LOG, log)))


def holm(p: Mapping[str, float]) -> dict[str, float]:
    """Return p values adjusted for their number (Holm 1979): the family-wise error stays at most the level."""
    adjusted: dict[str, float] = {}
    highest = 0.0
    for rank, name in enumerate(sorted(p, key=lambda name: p[name])):
        highest = max(highest, min(1.0, (len(p) - rank) * p[name]))
        adjusted[name] = highest
    return adjusted


def is_equivalent(ratio: Ratio) -> bool:
    """Say whether the whole interval lies within a ratio of 1.05 either way.

    With the 90 % interval that is two one-sided tests at 5 % each (Schuirmann 1987).
    """
    return ratio.low >= 1 / EQUIVALENCE and ratio.high <= EQUIVALENCE


@dataclass(frozen=True)
class Mean:
    """A geometric mean over blocks with its 95 % interval; without an interval where the blocks are too few."""

    value: float
    low: float | None = None
    high: float | None = None


def geometric_mean(values: Iterable[float | None]) -> Mean | None:
    """Return the geometric mean of the figures that exist, with Student's t interval on the logs; None without any.

    Of figures that are not all positive it is the arithmetic mean, without an interval.
    """
    known = [value for value in values if value is not None]
    if not known:
        return None
    if min(known) <= 0:
        return Mean(fmean(known))
    logs = np.log(known)
    mean = float(logs.mean())
    value = known[0] if min(known) == max(known) else _ratio_of(mean)  # as it is, where rounding would change it
    if len(known) < LEAST_FOR_AN_INTERVAL:
        return Mean(value)
    error = float(np.std(logs, ddof=1)) / math.sqrt(len(known))
    room = float(scipy.stats.t.isf((1 - CONFIDENCE) / 2, len(known) - 1)) * error
    return Mean(value, min(value, _ratio_of(mean - room)), max(value, _ratio_of(mean + room)))
