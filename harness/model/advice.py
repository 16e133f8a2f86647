"""Is what a team runs today enough for its rate, and which is the smallest change that is?"""

import math
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from harness.facts.config import Lane
from harness.facts.prediction import Range
from harness.model.calibrate import Calibrated
from harness.model.interval import DEVIATIONS, QUESTION_ERROR, factor
from harness.model.latency import Upstream, highest_rate, percentile_s, sigma_of, steady_with
from harness.model.open_load import capacity_of
from harness.model.server import Served, deployed
from harness.model.stacks import COSTS, SYNCHRONOUS, Stack, stack_of

# Threads of a process that are offered.
THREADS = (
    1,
    2,
    3,
    4,
    5,
    6,
    8,
    10,
    12,
    16,
    20,
    24,
    32,
    40,
    50,
    64,
    80,
    100,
    128,
    160,
    200,
    256,
    300,
    400,
    500,
    700,
    1000,
)
GREENLETS = 1000.0  # gunicorn's worker_connections
MORE = 1 + DEVIATIONS * QUESTION_ERROR  # by which a rate may be off
FURTHEST = 64.0  # how many times today's figure a margin is looked for
STEPS = 12  # of that search

Enough = Literal["yes", "no", "close"]


@dataclass(frozen=True)
class Question:
    """What a team asks: arrivals/s, and in how many seconds `percent` of them are to be answered.

    A request waits `upstream_s` for `calls` that follow one another, whose p99 is `tail` times their median. Today
    `workers` processes serve with `threads` each, on `cores`. `cpu_s` is what a request of theirs costs today in CPU
    seconds; None: as in the run.
    """

    rate_rps: float
    upstream_s: float
    slo_s: float
    workers: int
    threads: int
    calls: int
    cores: int = 1
    cpu_s: float | None = None
    tail: float = 1.0
    percent: float = 95.0

    @property
    def upstream(self) -> Upstream:
        """What a request waits for."""
        return Upstream(self.upstream_s, self.calls, sigma_of(self.tail) if self.tail > 1 else 0.0)


@dataclass(frozen=True)
class Way:
    """A way to serve: which stack, by whose calibration, in how many processes of how many slots."""

    stack: Stack
    lane: str
    workers: int
    threads: float


@dataclass(frozen=True)
class Outlook:
    """What a way comes to, with 90 % intervals.

    `latency_s` at the question's rate and percentile (inf: the backlog grows). `most_rps` is the highest rate that
    keeps the SLO, `capacity_rps` the highest of all.
    """

    way: Way
    latency_s: Range
    most_rps: Range
    capacity_rps: float
    enough: Enough


@dataclass(frozen=True)
class Margin:
    """How far upstream time and CPU may rise, as multiples of today's, until a way is no longer surely enough."""

    upstream: float
    cpu: float
    rate: float


@dataclass(frozen=True)
class Advice:
    """Today, every change with what it would give (the smallest first), and the first that is surely enough.

    `margin` is that of today where today is enough, else of the recommended change. `helpful_slots`: how many slots
    today's cores can use at all.
    """

    question: Question
    today: Outlook
    changes: tuple[Outlook, ...]
    recommended: Outlook | None
    margin: Margin | None
    helpful_slots: float


@dataclass(frozen=True)
class Checked:
    """A way that was measured: the question's percentile in seconds, inf where it did not keep up with the rate."""

    expected: Outlook
    latency_s: float
    within: bool  # the SLO

    @property
    def held(self) -> bool:
        """Whether it came as was said: within the SLO, beyond it, or either where it was too close to call."""
        return self.expected.enough == "close" or (self.expected.enough == "yes") == self.within


@dataclass(frozen=True)
class Known:
    """What a run knows of its lanes."""

    calibrated: Mapping[str, Calibrated]
    lanes: Mapping[str, Lane]
    preferred: tuple[str, ...] = ()  # lanes that stand for their stack, before others

    def lane_for(self, stack: Stack, slots: float) -> str | None:
        """Return the calibrated lane of a stack, a preferred one, else the one with the nearest number of slots."""
        of_stack = [name for name in self.calibrated if stack_of(self.lanes[name]) == stack]

        def distance(name: str) -> tuple[bool, float]:
            own = self.calibrated[name].slots
            apart = abs(math.log(own / slots)) if math.isfinite(own) and math.isfinite(slots) else 0.0
            return (stack not in SYNCHRONOUS and name not in self.preferred, apart)

        return min(of_stack, key=distance, default=None)


@dataclass(frozen=True)
class _Basis:
    """A question on what is known; `scale` and `own_s` make the CPU of a run's request that of the team's."""

    question: Question
    known: Known
    scale: float = 1.0
    own_s: float = 0.0

    def served(self, way: Way, slower: float = 1.0) -> Served:
        """Return a way as the queues it is, on cores that are slower by this factor."""
        one, question = self.known.calibrated[way.lane], self.question
        server = one.server(question.upstream_s)
        ratio = COSTS[way.stack].ratio(question.calls, one.calls) * self.scale
        server = replace(server, demand=server.demand.times(ratio).plus(self.own_s).times(slower))
        return deployed(server, processes=way.workers, slots_each=way.threads, cores=question.cores)

    def latency_s(self, served: Served, rate: float) -> float:
        """Return the question's percentile at a rate; inf where the backlog grows."""
        state = steady_with(served, rate, self.question.upstream)
        return percentile_s(state, self.question.percent, self.question.upstream) if state else math.inf

    def off(self, way: Way) -> float:
        """Return the factor by which the demand of a way may be off."""
        one = self.known.calibrated[way.lane]
        return factor(one.spread, one.blocks)

    def surely(self, way: Way, slower: float = 1.0) -> bool:
        """Whether a way is enough even at the unlucky end of both intervals."""
        served = self.served(way, self.off(way) * slower)
        return self.latency_s(served, self.question.rate_rps * MORE) <= self.question.slo_s


def advise(question: Question, known: Known) -> Advice:
    """Return the advice; ValueError where no synchronous lane is calibrated that could stand for today's."""
    way = _today(question, known)
    basis = _basis(question, known, way)
    today = _outlook(basis, way)
    changes = tuple(_outlook(basis, change) for change in _changes(basis, way))
    recommended = next((one for one in changes if one.enough == "yes"), None) if today.enough != "yes" else None
    chosen = today if today.enough == "yes" else recommended
    return Advice(
        question,
        today,
        changes,
        recommended,
        _margin(basis, chosen) if chosen else None,
        _helpful_slots(basis, way),
    )


def _today(question: Question, known: Known) -> Way:
    """Return today's way: one slot a worker is a lane of processes, else one of threads; the other where it lacks."""
    wanted: tuple[Stack, ...] = SYNCHRONOUS if question.threads == 1 else SYNCHRONOUS[::-1]
    slots = question.workers * question.threads
    lanes = [(stack, lane) for stack in wanted if (lane := known.lane_for(stack, slots))]
    if not lanes:
        raise ValueError("no synchronous lane is calibrated")
    return Way(*lanes[0], question.workers, question.threads)


def _basis(question: Question, known: Known, today: Way) -> _Basis:
    """Return the basis on which the CPU of today's request is what the team says.

    What it costs beyond a request of the run is the team's own work, which every stack has to do; one that costs less
    makes all stacks cheaper alike.
    """
    basis = _Basis(question, known)
    if question.cpu_s is None:
        return basis
    each = basis.served(today).each
    usual_s = each.demand.at(max(1.0, min(each.slots, question.rate_rps * question.upstream_s)))
    more_s = question.cpu_s - usual_s
    return replace(basis, own_s=more_s) if more_s > 0 else replace(basis, scale=question.cpu_s / usual_s)


def _outlook(basis: _Basis, way: Way) -> Outlook:
    question, off = basis.question, basis.off(way)
    slow, served, fast = (basis.served(way, by) for by in (off, 1.0, 1 / off))
    low, value, high = (
        highest_rate(one, question.upstream, question.percent, question.slo_s) for one in (slow, served, fast)
    )
    most, rate = Range(low / MORE, value, high * MORE), question.rate_rps
    return Outlook(
        way,
        Range(basis.latency_s(fast, rate / MORE), basis.latency_s(served, rate), basis.latency_s(slow, rate * MORE)),
        most,
        capacity_of(served),
        "yes" if rate <= most.low else "no" if rate > most.high else "close",
    )


def _changes(basis: _Basis, today: Way) -> Iterator[Way]:
    """Yield the changes, the smallest first: processes, threads, client, greenlets, an event loop.

    Of threads as few as are surely enough, else as many as a core can use.
    """
    question, known = basis.question, basis.known
    if question.cores > question.workers:
        yield replace(today, workers=question.cores)
    processes = min(question.workers, question.cores)  # more of them than cores spread connections and gain nothing
    synchronous: tuple[Stack, ...] = ("threads", "client")
    for stack in synchronous:
        if lane := known.lane_for(stack, THREADS[-1]):
            way = _with_threads(basis, Way(stack, lane, processes, question.threads))
            if way.workers * way.threads > today.workers * today.threads or stack != "threads":
                yield way
    if lane := known.lane_for("gevent", GREENLETS):
        yield Way("gevent", lane, question.cores, GREENLETS)
    if lane := known.lane_for("loop", math.inf):
        yield Way("loop", lane, question.cores, math.inf)


def _with_threads(basis: _Basis, way: Way) -> Way:
    """Return a way with as few threads as are surely enough; where none are, with as many as help."""
    more = [number for number in THREADS if number >= way.threads]
    at = bisect_left(more, True, key=lambda number: basis.surely(replace(way, threads=number)))
    if at < len(more):
        return replace(way, threads=more[at])
    helpful = _helpful_slots(basis, way) / way.workers
    return replace(way, threads=next((number for number in more if number >= helpful), way.threads))


def _helpful_slots(basis: _Basis, way: Way) -> float:
    """Return how many slots the cores can use: cores x (1 + Z / D) (Goetz, Java Concurrency in Practice, 8.2)."""
    each = basis.served(way).each
    demand_s = each.demand.at(math.inf)
    return min(way.workers, basis.question.cores) * (1 + each.upstream_s / demand_s) if demand_s else math.inf


def _margin(basis: _Basis, chosen: Outlook) -> Margin:
    question = basis.question

    def with_upstream(times: float) -> bool:
        longer = replace(question, upstream_s=question.upstream_s * times)
        return replace(basis, question=longer).surely(chosen.way)

    return Margin(
        _furthest(with_upstream),
        _furthest(lambda times: basis.surely(chosen.way, times)),
        chosen.most_rps.low / question.rate_rps,
    )


def _furthest(holds: Callable[[float], bool]) -> float:
    """Return up to which multiple of today's figure something holds that holds at 1."""
    low, high = 1.0, FURTHEST
    if holds(high):
        return math.inf
    for _ in range(STEPS):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low
