"""Declared looks: a plan may stop after so many pairs once a difference is sure, and its 5 % still holds.

How much of the 5 % a look may use is given by a spending function (Lan and DeMets 1983) of the power family (Kim and
DeMets 1987): 5 % times the third power of the share of pairs that are measured. That is little early on, so that the
last look keeps most of it, and yet enough for a plain difference to be sure after four pairs where several primaries
share the 5 %: there the function that resembles the bounds of O'Brien and Fleming (1979) seldom stops so soon. Looks
stop for a difference alone, never because lanes seem equal: equal lanes get the full number of pairs.

The levels are exact for Student's t of normal log ratios. Those in use are of normal deviates, and t's p is put in
their place (Jennison and Turnbull 2000, chapters 7 and 11); with looks after 4, 7 and 10 pairs that gives 5.3 % of
false alarms, since the t of two looks are less alike than two normal deviates. The exact calculation (Jennison and
Turnbull 1991) is short, because one number describes a look:

Write u for sum / sqrt(n * sum of squares) of n log ratios, so t = sqrt(n - 1) * u / sqrt(1 - u^2). Between equal lanes
u does not depend on the sum of squares (it is a direction, and directions are uniform). So with k more pairs

    next u = sqrt(n / N) * z * u + sqrt(k / N) * sqrt(1 - z^2) * v,    N = n + k,

where v is the u of the k new pairs alone and z^2, the share of the old pairs in the sum of squares, follows
Beta(n / 2, k / 2). The next u depends on the last one only, and its density is integrated look by look.
"""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np
import scipy  # its parts load when they are used

from harness.judge.rows import Floats
from harness.judge.statistics import CONFIDENCE, ROUNDING, SIGNIFICANCE, Ratio

TENTHS = (7, 4)  # of all pairs, before the looks that come before the last, from the last back
SPENDING_POWER = 3
EARLIEST = 4  # pairs before a look that a plan declares
LEAST_PAIRS = 3  # before the first of several looks
LEAST_STEP = 2  # pairs between two looks: the u of one pair alone is 1 or -1 and has no density
NODES, INNER_NODES, GRID = 32, 12, 65  # with more, no declared level changes by a ten-thousandth of itself
NEGLIGIBLE = 1e-8  # to spend at a look: its level is then taken for that, since so few plans have stopped before
# Between these the sequential p is interpolated.
DEVIATES = np.sort([0.01, *np.linspace(0.1, 4.9, 25), NormalDist().inv_cdf(1 - SIGNIFICANCE / 2)])

Density = Callable[[Floats], Floats]  # of an angle whose sine is u


@dataclass(frozen=True)
class Looks:
    """After how many pairs a plan looks at its result; the last number is all of them.

    Declare them before the first pair.
    """

    pairs: tuple[int, ...] = (4, 7, 10)

    def __post_init__(self) -> None:
        first, *steps = np.diff((0, *self.pairs)) if self.pairs else [0]
        if first < (LEAST_PAIRS if steps else 1) or any(step < LEAST_STEP for step in steps):
            raise ValueError(f"looks take {LEAST_PAIRS} pairs or more, then {LEAST_STEP} or more each: {self.pairs}")

    def ending_at(self, pairs: int) -> "Looks":
        """Return the looks of a plan whose last look is at so many pairs after all.

        Only for pairs that were lost for a reason that has nothing to do with the result. The earlier looks then count
        as having spent more than they did, so the last one is held to a stricter level than it need be.
        """
        return Looks((*(look for look in self.pairs if look <= pairs - LEAST_STEP), pairs))


def declared(pairs: int) -> Looks:
    """Return the looks of a plan of so many pairs: after 40, 70 and 100 %; fewer where they would crowd."""
    looks = [pairs]
    for tenths in TENTHS:
        earlier = max(EARLIEST, math.ceil(pairs * tenths / 10))
        if looks[0] - earlier >= LEAST_STEP:
            looks.insert(0, earlier)
    return Looks(tuple(looks))


@lru_cache(maxsize=256)
def levels(looks: Looks, alpha: float = SIGNIFICANCE) -> tuple[float, ...]:
    """Return for each look the level that the two-sided p of the paired t test must reach there.

    Equal lanes reach any of them with probability `alpha`, above 0 and below 1.
    """
    found: list[float] = []
    density, spent, last = _first_density(looks.pairs[0]), 0.0, 0
    for pairs in looks.pairs:
        if last:
            density = _next_density(density, _angle(found[-1], last), last, pairs)
        to_spend = _spending(alpha, pairs / looks.pairs[-1])
        found.append(_level(density, pairs, to_spend - spent, to_spend) if last else to_spend)
        spent, last = to_spend, pairs
    return tuple(found)


def sequential_p(looks: Looks, pairs: int, p: float) -> float:
    """Return the p of a plan that stopped at the look after so many pairs, from the two-sided p of the t test there.

    It is the least `alpha` with which that look would have stopped the plan (Liu and Anderson 2008). Of plans of equal
    lanes, at most 5 % have one of at most 0.05 at any look, so it keeps its meaning whatever made the plan stop: give
    Holm the p of every primary at the same look. p at earlier looks is left out on purpose: a difference that all the
    pairs together do not show is not called one. After the first look no p is less than a millionth.
    """
    return float(sequential_ps(looks, pairs, np.array([p]))[0])


def sequential_ps(looks: Looks, pairs: int, p: Floats) -> Floats:
    """Return sequential_p of many plans."""
    if pairs == looks.pairs[0]:
        return np.asarray(np.minimum(1.0, p / _spending(1.0, pairs / looks.pairs[-1])))
    deviates = scipy.stats.norm.isf(p / 2)
    at_look = _deviates(looks)[:, looks.pairs.index(pairs)]
    alpha_of = scipy.interpolate.PchipInterpolator(at_look, DEVIATES)
    found = np.where(deviates < at_look[0], 0.0, alpha_of(np.clip(deviates, at_look[0], at_look[-1])))
    return np.asarray(2 * scipy.stats.norm.sf(found))


def repeated_interval(looks: Looks, ratio: Ratio, confidence: float = CONFIDENCE) -> Ratio:
    """Return the ratio at a look with the interval of that look's level (Jennison and Turnbull 1989).

    The intervals of all looks hold the truth together with this confidence, so whichever look the plan stops at, its
    interval does with at least that. ratio.p stays that of the t test at this look.
    """
    return ratio.at_level(levels(looks, 1 - confidence)[looks.pairs.index(ratio.pairs)])


def _spending(alpha: float, share: float) -> float:
    """Return how much of alpha may be spent once this share of all pairs is measured."""
    return alpha * share**SPENDING_POWER


@lru_cache(maxsize=16)
def _deviates(looks: Looks) -> Floats:
    """Return the levels of all looks as normal deviates, a row for each of DEVIATES: nearly straight lines."""
    return np.asarray(
        scipy.stats.norm.isf(np.array([levels(looks, float(2 * scipy.stats.norm.sf(z))) for z in DEVIATES]) / 2)
    )


def _angle(level: float, pairs: int) -> float:
    """Return the angle whose sine is the u at which p of the t test is the level."""
    return math.atan(float(scipy.stats.t.isf(level / 2, pairs - 1)) / math.sqrt(pairs - 1))


def _level(density: Density, pairs: int, to_spend: float, spent_then: float) -> float:
    """Return the level that plans which have gone on so far reach with the probability `to_spend`.

    It is no less than that, and no more than what is spent then in all.
    """
    if to_spend < NEGLIGIBLE:
        return to_spend

    def excess(log_level: float) -> float:
        return math.log(max(sys.float_info.min, _tail(density, _angle(math.exp(log_level), pairs))) / to_spend)

    least, most = math.log(to_spend) - 0.01, min(0.0, math.log(spent_then) + 0.01)  # with room for rounding
    return math.exp(scipy.optimize.brentq(excess, least, most, xtol=1e-7))


def _tail(density: Density, angle: float) -> float:
    """Return the probability of a larger angle, either way."""
    points, weights = _quadrature(0.0, 1.0, NODES)
    span = math.pi / 2 - angle
    return 2 * span * float(density(angle + span * points) @ weights)


def _first_density(pairs: int) -> Density:
    return lambda angles: np.cos(angles) ** (pairs - 2) / scipy.special.beta(0.5, (pairs - 1) / 2)


def _next_density(density: Density, edge: float, pairs: int, more: int) -> Density:
    """Return the density after more pairs, of plans whose angle was within the edge; for angles from 0 up.

    A u beyond that of the new pairs alone takes an old u of at least `least`, near which the density is a root.
    """
    grid = np.linspace(0.0, edge, GRID)
    before = scipy.interpolate.CubicSpline(grid, density(grid))
    points, weights = _quadrature(0.0, 1.0, NODES)

    def after(angles: Floats) -> Floats:
        u = np.sin(angles)[:, np.newaxis]
        least = np.sqrt(np.maximum(0.0, (more * u**2 - (more - pairs)) / pairs))
        low = np.where(least > 0, np.minimum(edge, np.arcsin(np.minimum(1.0, least))), -edge)
        old = low + (edge - low) * points**2
        inner = before(np.abs(old)) * _transition(np.sin(old), u, pairs, more)
        return np.asarray(np.cos(angles) * np.sum(inner * 2 * points * weights * (edge - low), axis=1))

    return after


def _transition(old: Floats, new: Floats, pairs: int, more: int) -> Floats:
    """Return the density of the new u after `more` pairs in all, given the old one after `pairs`.

    Of z, the root of the old pairs' share: with v put in terms of it, the density of z and v is z^(pairs - 1) times a
    power of a quadratic in z, integrated from root to root, or from 0, along mid + half * sin(angle).
    """
    step = more - pairs
    weight = 1 + pairs / step * old**2
    mid = math.sqrt(pairs * more) / step * old * new / weight
    half = np.sqrt(np.maximum(ROUNDING**2, mid**2 + (1 - more / step * new**2) / weight))
    start = np.arcsin(np.clip(-mid / half, -1.0, 1.0))
    points, weights = _quadrature(0.0, 1.0, INNER_NODES + (pairs + step) // 4)
    angles = start[..., np.newaxis] + (math.pi / 2 - start)[..., np.newaxis] * points
    z = np.maximum(0.0, mid[..., np.newaxis] + half[..., np.newaxis] * np.sin(angles))
    integral = (z ** (pairs - 1) * np.cos(angles) ** (step - 2)) @ weights * (math.pi / 2 - start)
    scale = (
        2 * math.sqrt(more / step) / scipy.special.beta(pairs / 2, step / 2) / scipy.special.beta(0.5, (step - 1) / 2)
    )
    return np.asarray(scale * weight ** ((step - 3) / 2) * half ** (step - 2) * integral)


@lru_cache(maxsize=64)
def _quadrature(low: float, high: float, nodes: int) -> tuple[Floats, Floats]:
    """Return points and weights of Gauss and Legendre."""
    points, weights = np.polynomial.legendre.leggauss(nodes)
    return low + (high - low) * (points + 1) / 2, weights * (high - low) / 2
