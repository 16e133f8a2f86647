"""Comparisons on the log scale, paired and unpaired, with SciPy's t distribution."""

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy  # its parts load when they are used: half a second that most commands can do without

CONFIDENCE = 0.95
SIGNIFICANCE = 0.05
POWER = 0.8
EQUIVALENCE = 1.05  # two lanes within this ratio either way are equal for every practical purpose
MOST_BLOCKS = 1000
MOST_LOG = 700  # what a float holds the exponential of
ROUNDING = 1e-9  # a deviation below it is what floats leave over, and no noise


@dataclass(frozen=True)
class Ratio:
    """A geometric mean ratio with its 95 % interval and two-sided p; `spread` is the deviation of the log ratios.

    Unpaired, `pairs` is the smaller number of blocks of the two, and `spread` what the log ratio of any block of the
    one to any block of the other would have.
    """

    pairs: int
    value: float
    low: float
    high: float
    p: float
    spread: float


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
    return Ratio(len(pairs), value, low, high, float(test.pvalue), spread)


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
    return Ratio(blocks, value, low, high, float(test.pvalue), spread)


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
    """Say whether the whole interval lies within a ratio of 1.05 either way."""
    return ratio.low >= 1 / EQUIVALENCE and ratio.high <= EQUIVALENCE


def blocks_to_settle(ratio: Ratio) -> int | None:
    """Return how many blocks would make this ratio significant or equivalent; None if 1,000 would not.

    With the spread that was seen: significant with 80 % power, or an interval that is as wide as the room which the
    ratio leaves to the bound of equivalence.
    """
    effect = abs(math.log(ratio.value))
    room = math.log(EQUIVALENCE) - effect
    for blocks in range(max(3, ratio.pairs + 1), MOST_BLOCKS + 1):
        error = ratio.spread / math.sqrt(blocks)
        sure = float(scipy.stats.t.ppf(0.5 + CONFIDENCE / 2, blocks - 1)) * error
        if effect >= sure + float(scipy.stats.t.ppf(POWER, blocks - 1)) * error or room >= sure:
            return blocks
    return None
