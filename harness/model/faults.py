"""What theory expects of a lane under a fault: when no slot is free any more, and how long it takes to recover.

A request that meets the fault holds its slot for `hold_s` more. The free slots are gone after (slots - rate x busy_s) /
(rate x share) seconds: of a stall of all calls and of short requests, slots / rate. From then on requests queue. Once
the slots are free again the backlog is worked off in (arrived - carried) x T / (capacity - rate) seconds: what came in
beyond what was carried, over what is carried beyond what comes in. Where that much comes in all the time it never is.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from harness.facts.config import Lane
from harness.facts.faults import Expected, Fault, Injected, Orchestrator
from harness.facts.routes import Phases, Route
from harness.model.limit import critical_path, mean_over

HOLDING = ("hang", "slow", "brown-out")  # the kinds that keep a call waiting


@dataclass(frozen=True, kw_only=True)
class Strain:
    """What a lane is put under.

    `rate` arrivals/s on `slots` slots, which carry `capacity` requests/s without a fault and hold one for `busy_s`.
    While the fault lasts, for `length_s`, `surge` times as many arrive, and a `share` of them holds its slot for
    `hold_s` more. `reserved`: /health needs no slot that those can hold. `refuses`: what finds no slot does not wait.
    """

    rate: float
    slots: float
    capacity: float
    busy_s: float
    length_s: float
    share: float = 0.0
    hold_s: float = 0.0
    surge: float = 1.0
    reserved: bool = False
    refuses: bool = False

    @property
    def carried(self) -> float:
        """Requests/s that are carried while the fault lasts and slots are held (Little's law)."""
        return self.slots / (self.busy_s + self.share * self.hold_s)


def dead_after_s(strain: Strain) -> float | None:
    """Return when no slot is free any more, in seconds since the fault began; None where some stay free."""
    if not strain.share or math.isinf(strain.slots):
        return None
    filled_s = max(0.0, (strain.slots - strain.rate * strain.busy_s) / (strain.rate * strain.share))
    return filled_s if filled_s < min(strain.length_s, strain.hold_s) else None


def recovery_s(arrived: float, carried: float, lasted_s: float, capacity: float, rate: float) -> float:
    """Return how many seconds a backlog takes that grew for `lasted_s`; inf where more comes in than is carried.

    All in requests/s: what arrived and was carried meanwhile, what can be carried and comes in afterwards.
    """
    if arrived <= carried:
        return 0.0
    return (arrived - carried) * lasted_s / (capacity - rate) if capacity > rate else math.inf


def expected(strain: Strain, orchestrator: Orchestrator) -> Expected:
    """Return what theory expects of /health and of the backlog.

    An event loop has no slots that a fault could take; under an overload its /health waits for the core, as all does.
    """
    queue = _queue(strain, orchestrator.timeout_s)
    if queue is None:
        return Expected(recovered_s=strain.length_s)
    if strain.refuses:
        return Expected(recovered_s=max(strain.length_s, strain.hold_s))
    begins_s, until_s, gone_s = queue
    recovered_s = gone_s if math.isfinite(gone_s) else None
    if strain.reserved or begins_s >= until_s:
        return Expected(recovered_s=recovered_s)
    if recovered_s is None:
        return Expected(dead_s=begins_s, restarts=None)
    # /health queues behind the backlog, and is in time again once that is less than is carried within its timeout
    ahead_s = orchestrator.timeout_s * strain.capacity / (strain.capacity - strain.rate)
    back_s = max(until_s, recovered_s - ahead_s)
    return Expected(
        dead_s=begins_s,
        back_s=back_s,
        recovered_s=recovered_s,
        restarts=restarts_of_outage(back_s - begins_s, orchestrator),
    )


def _queue(strain: Strain, timeout_s: float) -> tuple[float, float, float] | None:
    """Return when /health begins to wait too long, until when the backlog grows, and when it is gone; None without one.

    Slots that were taken one after another come back one after another: on average in the middle.
    """
    surge, capacity, dead_s = strain.rate * strain.surge, strain.capacity, dead_after_s(strain)
    if surge > capacity:
        long_s = capacity * timeout_s / (surge - capacity)
        grown_s = recovery_s(surge, capacity, strain.length_s, capacity, strain.rate)
        return long_s if dead_s is None else min(long_s, dead_s), strain.length_s, strain.length_s + grown_s
    if dead_s is None:
        return None
    if strain.hold_s < strain.length_s:  # slots come back while the fault lasts, and are taken again
        until_s, carried = strain.length_s + strain.hold_s / 2, strain.carried
    else:
        until_s, carried = strain.hold_s + dead_s / 2, 0.0
    return dead_s, until_s, until_s + recovery_s(strain.rate, carried, until_s - dead_s, capacity, strain.rate)


def strain(
    lane: Lane, routes: Sequence[Route], fault: Fault, rate: float, capacity: float | None, mean_s: Mapping[str, float]
) -> Strain:
    """Return what a fault puts a lane under; without a measured `capacity` it follows from the slots.

    `mean_s` is the injected delay of each endpoint without a fault.
    """
    slots, timeout_s = float(lane.most_in_flight), lane.upstream_timeout_s
    busy_s = _mean(routes, lambda phases: critical_path(phases, mean_s))
    share = _mean(routes, lambda phases: _share(phases, fault.inject))
    held_s = _mean(routes, lambda phases: _held_s(phases, fault.inject, timeout_s))
    return Strain(
        rate=rate,
        slots=slots,
        capacity=min(capacity or math.inf, slots / busy_s if busy_s else math.inf),
        busy_s=busy_s,
        length_s=fault.length_s,
        share=share,
        hold_s=held_s / share if share else 0.0,
        surge=fault.load,
        reserved=lane.keeps_health_apart,
        refuses=lane.refuses,
    )


def last_trace_s(strain: Strain, orchestrator: Orchestrator) -> float:
    """Return when theory expects the last trace of a fault, in seconds since it began."""
    held_s = strain.length_s + (strain.hold_s if strain.share else 0.0)
    return max(held_s, expected(strain, orchestrator).recovered_s or 0.0)


def _mean(routes: Sequence[Route], figure: Callable[[Phases], float]) -> float:
    return mean_over(routes, {route.label: figure(route.upstream or ()) for route in routes})


def _chance(endpoint: str, inject: Sequence[Injected]) -> float:
    """Return the chance that a call of an endpoint is kept waiting: each fault has its own share, a brown-out all."""
    kept = [fault for fault in inject if fault.kind in HOLDING and fault.concerns(endpoint)]
    return min(1.0, sum(1.0 if fault.kind == "brown-out" else fault.share for fault in kept))


def _share(phases: Phases, inject: Sequence[Injected]) -> float:
    """Return the chance that a request is kept waiting by one of its calls."""
    return 1 - math.prod(1 - _chance(endpoint, inject) for phase in phases for endpoint in phase)


def _held_s(phases: Phases, inject: Sequence[Injected], timeout_s: float) -> float:
    """Return for how much longer a request holds its slot on average; a call that is given up is its last."""
    held_s, goes_on = 0.0, 1.0
    for phase in phases:
        chance = 1 - math.prod(1 - _chance(endpoint, inject) for endpoint in phase)
        met = [fault for fault in inject if any(map(fault.concerns, phase))]
        waits_s = max(map(_waits_s, met), default=0.0)
        held_s += goes_on * chance * min(waits_s, timeout_s)
        goes_on *= 1 - chance if waits_s >= timeout_s else 1.0
    return held_s


def _waits_s(fault: Injected) -> float:
    """Return how much longer a call waits that meets a fault, if nobody gives it up."""
    if fault.kind == "hang":
        return 60.0 if fault.cap_s is None else fault.cap_s
    return fault.extra_s or 0.0


def restarts_of_outage(outage_s: float, orchestrator: Orchestrator) -> int:
    """Return the restarts that an outage of so many seconds costs, asked at the worst moments for it."""
    misses = int(outage_s / orchestrator.period_s) + 1 if outage_s > 0 else 0
    return misses // orchestrator.failures
