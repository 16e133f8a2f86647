"""The map: which lane is the cheapest that keeps p95 near the upstream time, by arrival rate and upstream time."""

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise

from harness.facts.config import Lane
from harness.model.advice import MORE, Known
from harness.model.calibrate import Calibrated
from harness.model.interval import factor
from harness.model.latency import Upstream, percentile_s, steady_with
from harness.model.server import Served, Server
from harness.model.stacks import SMALLEST_FIRST, SYNCHRONOUS, stack_of

COLUMNS, ROWS = 16, 20  # cells of upstream time and of rate
FULL = 0.9  # of the slots: where more are held, requests that find none free are many
PERCENT = 95.0


@dataclass(frozen=True)
class Grid:
    """The edges of the cells, rising: seconds of upstream time and arrivals/s. A cell is asked about at its middle."""

    upstream_s: tuple[float, ...]
    rates_rps: tuple[float, ...]


@dataclass(frozen=True)
class Area:
    """Neighbouring cells of one upstream time with one answer: `lane` is the cheapest that meets the SLO.

    It is `sure` where the intervals of this lane and of all cheaper ones lie on one side of the SLO.
    """

    upstream_s: tuple[float, float]
    rates_rps: tuple[float, float]
    lane: str
    sure: bool


def grid_of(upstream_s: tuple[float, float], rates_rps: tuple[float, float]) -> Grid:
    """Return cells that are equally wide on logarithmic axes between these ends."""
    return Grid(_edges(*upstream_s, COLUMNS), _edges(*rates_rps, ROWS))


def smallest_first(known: Known) -> tuple[Calibrated, ...]:
    """Return lanes by how small the change to them is: by stack, then by slots.

    Of lanes that share both one stands for all: a preferred one, else the first.
    """
    order = list(known.lanes)
    found: dict[tuple[int, float], Calibrated] = {}
    for lane in sorted(known.calibrated, key=lambda lane: (lane not in known.preferred, order.index(lane))):
        one = known.calibrated[lane]
        found.setdefault((SMALLEST_FIRST.index(stack_of(known.lanes[lane])), one.slots), one)
    return tuple(found[size] for size in sorted(found))


@lru_cache(maxsize=16)
def areas(lanes: tuple[Calibrated, ...], grid: Grid, room: float) -> tuple[Area, ...]:
    """Return where which lane is the cheapest that keeps p95 within `room` times the upstream time.

    `lanes`: the cheapest first. Where no lane does there is no area.
    """
    columns = (_column(lanes, column, grid.rates_rps, room) for column in pairwise(grid.upstream_s))
    return tuple(area for column in columns for area in column)


def most_slots(lanes: Sequence[Calibrated], of: Mapping[str, Lane]) -> Calibrated | None:
    """Return the lane of unchanged synchronous code that has the most slots; None without any."""
    found = [one for one in lanes if stack_of(of[one.lane]) in SYNCHRONOUS]
    return max(found, key=lambda one: one.slots, default=None)


def threads_stop_helping_rps(one: Calibrated, upstream_s: float) -> float:
    """Return the rate of S* = cores x (1 + Z / D) slots, beyond which more do not help.

    Goetz, Java Concurrency in Practice, 8.2. By Little's law it is S* / (Z + D): the cores are full.
    """
    server = one.server(upstream_s)
    demand_s = server.demand.at(math.inf)
    return server.cores * (1 + server.upstream_s / demand_s) / (server.upstream_s + demand_s)


def outruns_rps(one: Calibrated, upstream_s: float) -> float:
    """Return the rate below which synchronous code has slots enough: λ (Z + D) = FULL x S (Little's law)."""
    server = one.server(upstream_s)
    return FULL * one.slots / (server.upstream_s + server.demand.at(one.slots))


def _edges(low: float, high: float, cells: int) -> tuple[float, ...]:
    return tuple(low * (high / low) ** (place / cells) for place in range(cells + 1))


def _column(
    lanes: Sequence[Calibrated], upstream_s: tuple[float, float], edges: Sequence[float], room: float
) -> Iterator[Area]:
    """Yield the areas of one upstream time, from the lowest rate up."""
    middle_s, rates = math.sqrt(math.prod(upstream_s)), [math.sqrt(low * high) for low, high in pairwise(edges)]
    cheapest: list[tuple[str, bool]] = []  # by row: the lane, and whether it is sure
    unsure_below = 0  # rows that a cheaper lane may keep after all
    for one in lanes:
        surely, likely, possibly = _rows_kept(one, middle_s, rates, room, len(cheapest))
        cheapest += [(one.lane, unsure_below <= row < surely) for row in range(len(cheapest), likely)]
        unsure_below = max(unsure_below, possibly)
    for answer, alike in groupby(range(len(cheapest)), key=cheapest.__getitem__):
        rows = list(alike)
        yield Area(upstream_s, (edges[rows[0]], edges[rows[-1] + 1]), *answer)


def _rows_kept(
    one: Calibrated, upstream_s: float, rates: Sequence[float], room: float, covered: int
) -> tuple[int, int, int]:
    """Return how many of the rates a lane keeps surely, likely and possibly; those that are covered are not asked."""
    server, upstream, off = one.server(upstream_s), Upstream(upstream_s, one.calls), factor(one.spread, one.blocks)

    def keeps(each: Server, row: int, times: float = 1.0) -> bool:
        return _p95_s(each, rates[row] * times, upstream) <= room * upstream_s

    likely = surely = possibly = covered
    if covered < len(rates) and keeps(server, covered):
        above = range(covered + 1, len(rates))
        likely = surely = possibly = covered + 1 + bisect_left(above, True, key=lambda row: not keeps(server, row))
    while surely > covered and not keeps(server.slower(off), surely - 1, MORE):
        surely -= 1
    while possibly < len(rates) and keeps(server.slower(1 / off), possibly, 1 / MORE):
        possibly += 1
    return surely, likely, possibly


def _p95_s(server: Server, rate_rps: float, upstream: Upstream) -> float:
    """Return p95 in seconds; inf where the backlog grows, surely beyond S / Z or cores / D, which are quick to see."""
    if rate_rps * server.upstream_s >= server.slots or rate_rps * min(server.demand.seconds) >= server.cores:
        return math.inf
    state = steady_with(Served(server), rate_rps, upstream)
    return percentile_s(state, PERCENT, upstream) if state else math.inf
