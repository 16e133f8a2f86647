"""Percentiles of open load without a simulation: upstream time, core and slot, added up on a grid of latencies."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from harness.model.closed import Floats
from harness.model.open_load import Steady, capacity_of, steady_of
from harness.model.server import Served

CELLS = 2048  # of the grid
FAR = 16.0  # means of an exponential time that the grid holds: one in ten million takes longer
RARE = 0.99999  # the share of upstream calls that the grid holds
STEPS = 40  # of the search for a rate
EXTREME = 3.719  # standard deviations, beyond which a normal value in 10,000 lies: the longest delay that is expected
_STANDARD = NormalDist()
_DEVIATIONS = np.linspace(-8, 8, 4001)
_BELOW = np.array([_STANDARD.cdf(float(deviations)) for deviations in _DEVIATIONS])


@dataclass(frozen=True)
class Upstream:
    """What a request waits for: `calls` in a row that take `mean_s` together, all alike.

    `sigma` is the deviation of the logarithm of one call's time (log-normal); 0: all take the same.
    """

    mean_s: float
    calls: int = 1
    sigma: float = 0.0

    @property
    def scv(self) -> float:
        """The squared coefficient of variation of the whole."""
        return (math.exp(self.sigma**2) - 1) / self.calls if self.calls else 0.0


def sigma_of(tail: float) -> float:
    """Return the deviation of the logarithm of a time whose p99 is `tail` times its median."""
    return math.log(tail) / _STANDARD.inv_cdf(0.99)


def sigma_of_longest(longest: float) -> float:
    """Return the same of a time of which 1 in 10,000 is `longest` times the mean; 0 where all are alike."""
    if longest <= 1:
        return 0.0
    room = EXTREME**2 - 2 * math.log(longest)
    return EXTREME - math.sqrt(room) if room > 0 else EXTREME


def service_scv(upstream: Upstream, excess_s: float) -> float:
    """Return the squared coefficient of variation of the time that a request holds a slot.

    Upstream time and the time at the cores are independent; the latter is about exponential in each of calls + 1 parts.
    """
    whole_s = upstream.mean_s + excess_s
    variance = upstream.scv * upstream.mean_s**2 + excess_s**2 / (upstream.calls + 1)
    return variance / whole_s**2 if whole_s else 0.0


def steady_with(served: Served, rate_rps: float, upstream: Upstream) -> Steady | None:
    """Return the steady state where a slot is held for these upstream times; None where the backlog grows for ever.

    `served.each.upstream_s` holds their mean, and what else a request waits for without a core.
    """
    first = steady_of(served, rate_rps)
    return first and steady_of(served, rate_rps, service_scv(upstream, first.excess_s))


def percentile_s(state: Steady, percent: float, upstream: Upstream) -> float:
    """Return the latency in seconds that `percent` of the requests do not exceed.

    Latency is the sum of independent parts: upstream times; the time at the cores, of calls + 1 exponential parts
    (Erlang-k, k stages of mean excess / k); and for a share of the requests an exponential wait for a slot. What the
    upstream time of `state` has beyond that of `upstream` is the same for all.
    """
    fixed_s = state.latency_s - state.excess_s - state.wait_s
    varying = upstream.sigma > 0 and upstream.calls > 0
    base_s = fixed_s - (upstream.mean_s if varying else 0.0)
    conditional_s = state.wait_s / state.waiting if state.waiting else 0.0
    stage_s = state.excess_s / (upstream.calls + 1)
    longest_s = FAR * (conditional_s + stage_s) + state.excess_s
    call_s = upstream.mean_s / upstream.calls * math.exp(-(upstream.sigma**2) / 2) if varying else 0.0
    if varying:
        longest_s += upstream.calls * call_s * math.exp(upstream.sigma * _STANDARD.inv_cdf(RARE))
    if longest_s == 0:
        return base_s
    edges = np.linspace(0, longest_s, CELLS + 1)
    parts = [_masses(_erlang(edges, upstream.calls + 1, stage_s)), _masses(_wait(edges, state.waiting, conditional_s))]
    if varying:
        parts += [_masses(_log_normal(edges, call_s, upstream.sigma))] * upstream.calls
    return base_s + _quantile(parts, percent / 100, longest_s / CELLS)


def highest_rate(served: Served, upstream: Upstream, percent: float, within_s: float) -> float:
    """Return the most arrivals/s at which `percent` of the requests take at most `within_s`; 0 where none do."""

    def keeps(rate_rps: float) -> bool:
        state = steady_with(served, rate_rps, upstream)
        return state is not None and percentile_s(state, percent, upstream) <= within_s

    most = capacity_of(served)
    if not keeps(most * 1e-6):
        return 0.0
    low, high = 0.0, most
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if keeps(middle) else (low, middle)
        if high - low < 1e-3 * high:
            break
    return low


def _erlang(edges: Floats, stages: int, stage_s: float) -> Floats:
    """Return the share below each edge of a sum of exponential times."""
    if stage_s == 0:
        return np.ones_like(edges)
    scaled = edges / stage_s
    terms = [np.ones_like(edges)]
    for number in range(1, stages):
        terms.append(terms[-1] * scaled / number)
    return np.asarray(1 - np.exp(-scaled) * np.sum(terms, axis=0))


def _wait(edges: Floats, waiting: float, conditional_s: float) -> Floats:
    """Return the share below each edge of a time that is 0 for most, and exponential for those who wait."""
    if conditional_s == 0:
        return np.ones_like(edges)
    return np.asarray(1 - waiting * np.exp(-edges / conditional_s))


def _log_normal(edges: Floats, median_s: float, sigma: float) -> Floats:
    below = np.interp(np.log(edges[1:] / median_s) / sigma, _DEVIATIONS, _BELOW)
    return np.append(0.0, below)


def _masses(below: Floats) -> Floats:
    """Return the share in each cell; what is 0 at once belongs to the first edge."""
    return np.append(below[0], np.diff(below))


def _quantile(parts: list[Floats], share: float, cell_s: float) -> float:
    """Return the quantile of a sum: the first mass of a part lies at 0, the others at the middles of their cells."""
    length = sum(len(part) for part in parts)
    size = 1 << (length - 1).bit_length()
    shifted = [_at_middles(part) for part in parts]
    spectrum = np.prod([np.fft.rfft(part, size) for part in shifted], axis=0)
    below = np.cumsum(np.fft.irfft(spectrum, size))
    after = int(np.searchsorted(below, share))
    before = float(below[after - 1]) if after else 0.0
    inside = (share - before) / (float(below[after]) - before) if after < size and below[after] > before else 0.0
    return max(0.0, (after - 1 + inside)) * cell_s


def _at_middles(masses: Floats) -> Floats:
    """Return the masses on the edges: half of a cell's to its lower one, half to its upper one."""
    on_edges = masses.copy()
    on_edges[1:] /= 2
    on_edges[:-1] += on_edges[1:]
    return on_edges
