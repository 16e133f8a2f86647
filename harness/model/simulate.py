"""A small event simulation of one server, seeded: what formulas leave out, percentiles and how much a trial varies.

A request takes a slot, then CPU, a call, CPU, a call, ... CPU. The core works on one request at a time, to the end of
its stage, and then takes the one that has waited longest or any other: `order` is the chance of the latter. Order 0 is
first come, first served. Order 1 is service in random order, which in load that is not light has about the law of
processor sharing (Borst, Boxma, Morrison and Nunez-Queija 2003, "The equivalence between processor sharing and service
in random order"): an event loop.
"""

import random
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import cycle

import numpy as np

from harness.model.closed import Floats

DRAWN = 16_384  # CPU times that are drawn at once, and then used again


@dataclass(frozen=True)
class Simulated:
    """What is simulated. `demand_s`: CPU seconds of a request, over all its stages.

    `calls_s` has a row for a request and a column for each call that it makes, in seconds: delays that were delivered,
    or drawn. Rows are used again from the start once all are used. `variation` is the coefficient of variation of a
    request's CPU time (gamma). `order` is between 0 and 1, as above.
    """

    demand_s: float
    calls_s: Floats
    slots: float
    variation: float = 1.0
    order: float = 1.0
    cores: int = 1


@dataclass(frozen=True)
class Observed:
    """What a window saw: latencies in seconds of the requests that ended in it (open load: were due in it)."""

    window_s: float
    latencies_s: Floats

    @property
    def throughput_rps(self) -> float:
        """Answers a second."""
        return len(self.latencies_s) / self.window_s

    def percentile_s(self, percent: float) -> float:
        """Return a percentile of the latencies; NaN without any."""
        return float(np.percentile(self.latencies_s, percent)) if len(self.latencies_s) else float("nan")


def closed_window(
    simulated: Simulated, users: int, *, warmup_s: float, window_s: float, seed: str, think_s: float = 0.0
) -> Observed:
    """Return one window of closed load; the users start over the first mean cycle, and think a constant time."""
    luck = random.Random(f"closed {seed}")
    spread_s = think_s + simulated.demand_s + float(simulated.calls_s.sum(axis=1).mean())
    starts = sorted(luck.uniform(0, spread_s) for _ in range(users))
    return _Run(simulated, luck, again_s=think_s).observe(starts, warmup_s, warmup_s + window_s, by_end=True)


def open_window(
    simulated: Simulated, due_s: Sequence[float], *, warmup_s: float, window_s: float, seed: str
) -> Observed:
    """Return one window of open load, for arrivals at these moments (from the start of the warm-up, rising).

    Every request that is due in the window is followed to its end.
    """
    luck = random.Random(f"open {seed}")
    return _Run(simulated, luck, again_s=None).observe(due_s, warmup_s, warmup_s + window_s, by_end=False)


def poisson(rate_rps: float, until_s: float, seed: str) -> list[float]:
    """Return independent arrivals at a rate, in seconds."""
    luck, due, found = random.Random(f"poisson {seed}"), 0.0, []
    while (due := due + luck.expovariate(rate_rps)) < until_s:
        found.append(due)
    return found


class _Run:
    """One simulation: who waits for a slot, who for the core, and what happens next."""

    def __init__(self, simulated: Simulated, luck: random.Random, again_s: float | None) -> None:
        self.simulated, self.luck, self.again_s = simulated, luck, again_s
        self.stages = int(simulated.calls_s.shape[1]) + 1
        self.free_slots, self.free_cores = simulated.slots, simulated.cores
        self.wait_slot: deque[int] = deque()
        self.wait_core: list[int] = []
        self.events: list[tuple[float, int, bool]] = []  # moment, request, whether a stage of CPU ends
        self.stage: list[int] = []
        self.row: list[int] = []
        self.cpu_s = self._cpu_times()
        self.calls_s = simulated.calls_s.tolist()
        self.rows = cycle(luck.sample(range(len(self.calls_s)), len(self.calls_s)))

    def observe(self, starts: Sequence[float], from_s: float, until_s: float, *, by_end: bool) -> Observed:
        """Send requests at these moments; return the window's latencies."""
        began = list(starts)
        self.stage, self.row = [-1] * len(began), [0] * len(began)
        for request, due in enumerate(began):
            heappush(self.events, (due, request, False))
        latencies: list[float] = []
        missing = sum(from_s <= due < until_s for due in began)
        while self.events:
            now, request, was_cpu = heappop(self.events)
            if by_end and now > until_s:
                break
            if not was_cpu:
                self._arrive(now, request)
                continue
            if self._continues(now, request):
                continue
            if from_s <= (now if by_end else began[request]) < until_s:
                latencies.append(now - began[request])
                missing -= 1
            if self.again_s is not None:
                began[request] = now + self.again_s
                heappush(self.events, (began[request], request, False))
            elif not missing:
                break
        return Observed(until_s - from_s, np.array(latencies))

    def _arrive(self, now: float, request: int) -> None:
        """Let a request go to the core: from a call, or from outside if a slot is free."""
        if self.stage[request] < 0:
            if not self.free_slots:
                self.wait_slot.append(request)
                return
            self.free_slots -= 1
            self._take_slot(request)
        self._to_core(now, request)

    def _take_slot(self, request: int) -> None:
        self.stage[request], self.row[request] = 0, next(self.rows)

    def _to_core(self, now: float, request: int) -> None:
        if self.free_cores:
            self.free_cores -= 1
            heappush(self.events, (now + next(self.cpu_s), request, True))
        else:
            self.wait_core.append(request)

    def _continues(self, now: float, request: int) -> bool:
        """End a stage of CPU and give the core to the next; return whether the request goes on, with a call."""
        stage = self.stage[request] + 1
        goes_on = stage < self.stages
        if goes_on:
            self.stage[request] = stage
            heappush(self.events, (now + self.calls_s[self.row[request]][stage - 1], request, False))
        else:
            self.stage[request] = -1
            self._give_slot()
        if waiting := self.wait_core:
            at = int(self.luck.random() * len(waiting)) if self.luck.random() < self.simulated.order else 0
            heappush(self.events, (now + next(self.cpu_s), waiting.pop(at), True))
        else:
            self.free_cores += 1
        return goes_on

    def _give_slot(self) -> None:
        """Give the slot to the one that has waited longest for it, who then waits for the core like the others."""
        if self.wait_slot:
            request = self.wait_slot.popleft()
            self._take_slot(request)
            self.wait_core.append(request)
        else:
            self.free_slots += 1

    def _cpu_times(self) -> Iterator[float]:
        """Return CPU times of stages, without end."""
        stage_s = self.simulated.demand_s / self.stages
        if not stage_s or not self.simulated.variation:
            return cycle((stage_s,))
        shape = 1 / (self.simulated.variation**2 * self.stages)
        drawn = np.random.default_rng(self.luck.getrandbits(64)).gamma(shape, stage_s / shape, DRAWN)
        return cycle(drawn.tolist())
