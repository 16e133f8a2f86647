"""What a fault cost in one trial: requests lost, seconds without /health, restarts, and each second of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from harness.facts.faults import Ask, Damage, Fault, FaultSecond, Orchestrator, Trouble, UnderFault
from harness.facts.routes import Route
from harness.facts.trial import Trial
from harness.judge.orchestrator import outages, restarts
from harness.judge.rows import Calls, Evidence, Flags, Floats, Requests

BACK_SHARE = 1.1  # of the p95 before the fault, within which it counts as recovered
SETTLED_S = 3  # seconds of arrivals that are looked at together for it, and for which it stays so
STEP_S = 0.5
LEAST_ANSWERS = 5  # of a second's percentiles
GONE_S = 0.001  # a call that begins so much after its caller has gone is work for nobody
RETRY = "."  # between an arrival's id and the number of its retry


@dataclass(frozen=True)
class Arrivals:
    """What became of each arrival, whatever it took to ask again; moments in s since the fault began.

    `good` has a right answer, at `end_s`; others were given up then. `other`: its route calls nothing that is sick.
    """

    start_s: Floats
    end_s: Floats
    good: Flags
    other: Flags

    @property
    def latency_s(self) -> Floats:
        """From the moment that it was due."""
        return self.end_s - self.start_s

    def in_time(self, patience_s: float) -> Flags:
        """Say which have a right answer before their caller loses patience."""
        return self.good & (self.latency_s <= patience_s)


def under_fault(
    trial: Trial, evidence: Evidence, routes: Sequence[Route], fault: Fault, orchestrator: Orchestrator
) -> UnderFault:
    """Return what became of a trial with a fault."""
    trouble = evidence.watched.trouble or Trouble()
    began_s = fault_began_s(fault, trouble)
    found = arrivals(evidence.requests, routes, fault, evidence.window[0] + began_s)
    until_s = evidence.window[1] - evidence.window[0] - began_s
    return UnderFault(
        trial=trial.trial,
        lane=trial.lane,
        fault=trial.fault,
        rate_rps=trial.point.level,
        valid=trial.status == "valid",
        fault_s=fault.length_s if trouble.cleared_s is None else trouble.cleared_s - began_s,
        expected=trouble.expected,
        damage=damage(evidence, found, fault, orchestrator),
        seconds=fault_seconds(found, until_s, fault),
        asks=tuple(ask.model_copy(update={"at_s": ask.at_s - began_s}) for ask in trouble.asks),
    )


def arrivals(requests: Requests, routes: Sequence[Route], fault: Fault, began_s: float) -> Arrivals:
    """Return the arrivals; `began_s` is when the fault began, on the clock of the requests."""
    touched = {route.label for route in routes if fault.touches(route)}
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for place in np.argsort(requests.start_s, kind="stable").tolist():
        arrival = requests.id[place].partition(RETRY)[0]
        first.setdefault(arrival, place)
        if arrival not in last or requests.outcome[last[arrival]] != "ok":
            last[arrival] = place
    begun, ended = list(first.values()), [last[arrival] for arrival in first]
    return Arrivals(
        start_s=requests.start_s[begun] - began_s,
        end_s=requests.end_s[ended] - began_s,
        good=requests.are("ok")[ended],
        other=np.asarray([requests.route[place] not in touched for place in begun], dtype=bool),
    )


def fault_seconds(found: Arrivals, until_s: float, fault: Fault) -> tuple[FaultSecond, ...]:
    """Return each second from the window's opening on, up to `until_s`, both since the fault began."""
    in_time, edges = found.in_time(fault.patience_s), np.arange(-fault.start_s, until_s + 1e-6, 1.0)
    return tuple(_second(found, in_time, float(low), float(high)) for low, high in pairwise(edges))


def _second(found: Arrivals, in_time: Flags, low: float, high: float) -> FaultSecond:
    due, middle = (found.start_s >= low) & (found.start_s < high), (low + high) / 2
    took = found.latency_s[due & found.good]
    p50, p95 = np.percentile(took, (50, 95)) * 1000 if len(took) >= LEAST_ANSWERS else (None, None)
    return FaultSecond(
        at_s=middle,
        offered=int(due.sum()),
        good=int((due & in_time).sum()),
        other_good=int((due & found.other & in_time).sum()),
        p50_ms=p50,
        p95_ms=p95,
        in_flight=int(((found.start_s <= middle) & (found.end_s > middle)).sum()),
    )


def damage(evidence: Evidence, found: Arrivals, fault: Fault, orchestrator: Orchestrator) -> Damage:
    """Return what the fault cost, over the window."""
    trouble = evidence.watched.trouble or Trouble()
    began_s, length_s = fault_began_s(fault, trouble), evidence.window[1] - evidence.window[0]
    window = (found.start_s >= -began_s) & (found.start_s < length_s - began_s)
    lost = window & ~found.in_time(fault.patience_s)
    seconds = fault_seconds(found, length_s - began_s, fault)
    gone = outage(trouble.asks, began_s)
    phases = restarts(trouble.asks, orchestrator)
    return Damage(
        offered=int(window.sum()),
        lost=int(lost.sum()),
        other_offered=int((window & found.other).sum()),
        other_lost=int((lost & found.other).sum()),
        asked=len(trouble.asks),
        in_time=sum(ask.in_time for ask in trouble.asks),
        outage_s=sum(not ask.in_time for ask in trouble.asks) * orchestrator.every_s,
        longest_gap_s=longest_gap_s(trouble.asks, length_s),
        restarts=max(phases),
        restarting=sum(times > 0 for times in phases) / len(phases),
        dead_s=gone[0],
        back_s=gone[1],
        recovered_s=recovered_s(found, fault.length_s, length_s - began_s, -began_s),
        most_in_flight=max((second.in_flight for second in seconds), default=0),
        zombie_calls=zombie_calls(evidence.requests, evidence.calls),
    )


def fault_began_s(fault: Fault, trouble: Trouble) -> float:
    """Return when the fault began, in s since the window's opening: when it was set, or else as planned."""
    return fault.start_s if trouble.set_s is None else trouble.set_s


def outage(asks: Sequence[Ask], began_s: float) -> tuple[float | None, float | None]:
    """Return when /health was first not answered in time, and when again for good, in s since the fault began."""
    found = list(outages(asks))
    if not found:
        return None, None
    back = found[-1][1]
    return found[0][0].at_s - began_s, None if back is None else back.at_s - began_s


def longest_gap_s(asks: Sequence[Ask], length_s: float) -> float:
    """Return the longest time without an answer in time, in a window of so many seconds."""
    answered = [ask.at_s + ask.took_s for ask in asks if ask.in_time]
    moments = [0.0, *answered, max(length_s, answered[-1] if answered else 0.0)]
    return max(later - earlier for earlier, later in pairwise(moments))


def recovered_s(found: Arrivals, fault_s: float, until_s: float, opened_s: float = -math.inf) -> float | None:
    """Return from when on p95 is back within a tenth of that before the fault, in s since it began.

    Before is since `opened_s`, the window's opening: a server that warms up is slower.
    p95 is that of the arrivals of the next three seconds, lost ones being slowest; it is looked at from the end of the
    fault on, every half second, and is back once it is so for three seconds. 0: it was never beyond. None: it is not
    back before `until_s`.
    """
    waits = np.where(found.good, found.latency_s, np.inf)
    before = waits[(found.start_s >= opened_s) & (found.start_s < 0)]
    bound = BACK_SHARE * _p95(before) if len(before) else np.inf
    lows = np.arange(0.0, max(1.0, until_s - SETTLED_S), STEP_S)
    late = np.asarray([_p95(waits[(found.start_s >= low) & (found.start_s < low + SETTLED_S)]) > bound for low in lows])
    if not late.any():
        return 0.0
    steps = round(SETTLED_S / STEP_S)
    back = (place for place in np.flatnonzero(lows >= fault_s).tolist() if not late[place : place + steps].any())
    first = next(back, None)
    return None if first is None else float(lows[first])


def _p95(waits: Floats) -> float:
    return float(np.percentile(waits, 95, method="higher")) if len(waits) else 0.0


def zombie_calls(requests: Requests, calls: Calls) -> int:
    """Return how many upstream calls began when the caller of their request had hung up."""
    hung_up = np.flatnonzero(requests.are("failed")).tolist()
    gone_s = {requests.id[place]: requests.end_s[place] + GONE_S for place in hung_up}
    return sum(start_s > gone_s.get(name, np.inf) for name, start_s in zip(calls.id, calls.start_s, strict=True))
