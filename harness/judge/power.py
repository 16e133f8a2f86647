"""What a plan can resolve: noise pooled over groups of pairs, power, and the least effect that is likely to be found.

Planning information, not a threshold: no verdict depends on it.
"""

import bisect
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy  # its parts load when they are used: half a second that most commands can do without

from harness.judge.statistics import (
    CONFIDENCE,
    EQUIVALENCE,
    MOST_LOG,
    POWER,
    ROUNDING,
    SIGNIFICANCE,
    Ratio,
)

MOST_BLOCKS = 1000  # more are not planned for
POINTS, WEIGHTS = np.polynomial.legendre.leggauss(100)  # with more, no chance changes by a ten-thousandth


@dataclass(frozen=True)
class DetectableEffect:
    """The least effect (ratio - 1) that so many pairs find with 80 % power, with its 95 % interval.

    `sd` is the pooled deviation of the log ratios; the interval is that of the deviation, carried over.
    """

    pairs: int
    sd: float
    effect: float
    effect_low: float
    effect_high: float


@dataclass(frozen=True)
class Settling:
    """How many pairs would settle a question, and the chance that they do."""

    pairs: int
    chance: float


def resolution(groups: Sequence[Sequence[float]], pairs: int, alpha: float = SIGNIFICANCE) -> DetectableEffect | None:
    """Return what `pairs` pairs resolve at the level `alpha` with the noise of these groups of log ratios.

    None without a group of two, or for fewer than two pairs.
    """
    sd, freedom = pooled_deviation(groups)
    interval = interval_of_deviation(sd, freedom)
    if interval is None:
        return None
    effect, low, high = (detectable_effect(deviation, pairs, alpha=alpha) for deviation in (sd, *interval))
    if effect is None or low is None or high is None:
        return None
    return DetectableEffect(pairs, sd, effect, low, high)


def pooled_deviation(log_ratio_groups: Sequence[Sequence[float]]) -> tuple[float, int]:
    """Return the deviation within groups of log ratios, each around its own mean, and its degrees of freedom.

    A group of fewer than two has none to give; without any other the answer is (0.0, 0).
    """
    groups = [np.asarray(group, dtype=float) for group in log_ratio_groups if len(group) >= 2]
    freedom = sum(len(group) - 1 for group in groups)
    squares = sum(float(np.sum((group - group.mean()) ** 2)) for group in groups)
    return (math.sqrt(squares / freedom), freedom) if freedom else (0.0, 0)


def interval_of_deviation(sd: float, df: int) -> tuple[float, float] | None:
    """Return the 95 % interval of a deviation with `df` degrees of freedom (chi square); None for fewer than one."""
    if df < 1:
        return None
    tail = (1 - CONFIDENCE) / 2
    low, high = (sd * math.sqrt(df / float(scipy.stats.chi2.isf(share, df))) for share in (tail, 1 - tail))
    return low, high


def detectable_effect(sd: float, pairs: int, power: float = POWER, alpha: float = SIGNIFICANCE) -> float | None:
    """Return the least ratio - 1 that the two-sided paired t test finds with this power; None for fewer than two pairs.

    `sd` is the deviation of the log ratios. Exact, by the noncentral t distribution. The bound of the search suffices
    for any power: both the noise of the mean and that of the deviation exceed it with half of 1 - power at most.
    """
    if pairs < 2:
        return None
    if power <= alpha:
        return 0.0
    df, spare = pairs - 1, (1 - power) / 2
    bound = _critical(df, alpha) * math.sqrt(scipy.stats.chi2.isf(spare, df) / df) + scipy.stats.norm.isf(spare)
    shift = scipy.optimize.brentq(lambda noncentrality: _power(noncentrality, df, alpha) - power, 0.0, bound)
    return math.expm1(min(MOST_LOG, shift * sd / math.sqrt(pairs)))


def power_of(effect_ratio: float, sd: float, pairs: int, alpha: float = SIGNIFICANCE) -> float:
    """Return the probability that the two-sided paired t test finds this (positive) ratio; 0 for fewer than two pairs.

    `sd` is the deviation of the log ratios; without any, every ratio but 1 is found.
    """
    effect = abs(math.log(effect_ratio))
    if pairs < 2:
        return 0.0
    if sd < ROUNDING:
        return float(effect >= ROUNDING)
    return _power(effect / sd * math.sqrt(pairs), pairs - 1, alpha)


def chance_of_equality(sd: float, pairs: int, level: float = SIGNIFICANCE, ratio: float = 1.0) -> float:
    """Return the probability that lanes of this true ratio are called equivalent; 0 for fewer than two pairs.

    They are if the whole interval of confidence 1 - `level` lies within a ratio of 1.05 either way. 0.1 is the two
    one-sided tests at 5 % each (Schuirmann 1987). `sd` is the deviation of the log ratios. Exact: the chance for a
    known half width is normal, and the half width follows the chi distribution.
    """
    room, shift = math.log(EQUIVALENCE), math.log(ratio)
    if pairs < 2:
        return 0.0
    if sd < ROUNDING:
        return float(abs(shift) <= room)
    df, error = pairs - 1, sd / math.sqrt(pairs)
    half_width = _critical(df, level) * error / math.sqrt(df)  # for a chi of 1

    def chance(chi: float) -> float:
        left = room - chi * half_width
        inside = scipy.stats.norm.cdf((left - shift) / error) - scipy.stats.norm.cdf((-left - shift) / error)
        return float(inside * scipy.stats.chi.pdf(chi, df))

    low, high = (float(scipy.stats.chi.ppf(share, df)) for share in (1e-12, 1 - 1e-12))
    most = min(high, room / half_width)
    return float(scipy.integrate.quad(chance, low, most)[0]) if most > low else 0.0


def pairs_to_settle(ratio: Ratio, alpha: float = SIGNIFICANCE, level: float = SIGNIFICANCE) -> Settling | None:
    """Return the least number of pairs, more than were measured, that settle it with 80 % chance; None if 1,000 do not.

    Settled is a difference at the level `alpha`, which is to be adjusted for the family and the looks, or equality by
    the interval of `level`. Ratio and spread are taken to be those that were seen.
    """

    def chance(pairs: int) -> float:
        found = power_of(ratio.value, ratio.spread, pairs, alpha)
        return max(found, chance_of_equality(ratio.spread, pairs, level, ratio.value))

    numbers = range(max(3, ratio.pairs + 1), MOST_BLOCKS + 1)
    place = bisect.bisect_left(numbers, POWER, key=chance)
    return Settling(numbers[place], chance(numbers[place])) if place < len(numbers) else None


def rate_interval(hits: int, trials: int) -> tuple[float, float]:
    """Return the 95 % interval of a rate (Clopper and Pearson 1934, exact); no trials bound nothing: 0 to 1."""
    if trials < 1:
        return 0.0, 1.0
    interval = scipy.stats.binomtest(hits, trials).proportion_ci(CONFIDENCE, method="exact")
    return float(interval.low), float(interval.high)


def _critical(df: int, alpha: float) -> float:
    return float(scipy.stats.t.isf(alpha / 2, df))


def _power(noncentrality: float, df: int, alpha: float) -> float:
    """Return how often |t| passes the critical value; the lower tail is the upper one mirrored, since its cdf is NaN
    where it is tiny.
    """
    critical = _critical(df, alpha)
    return float(scipy.stats.nct.sf(critical, df, noncentrality) + scipy.stats.nct.sf(critical, df, -noncentrality))
