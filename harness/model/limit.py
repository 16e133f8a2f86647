"""The throughput that theory allows, and the wait that follows from it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.facts.config import Lane
from harness.facts.routes import Phases, Route, Scenario


@dataclass(frozen=True)
class Limit:
    """Requests per second that cannot be exceeded, and what sets them: "users", "slots", "pool" or "cpu"."""

    rps: float
    by: str

    def wait_s(self, users: float, think_s: float = 0.0) -> float:
        """Return the mean response time of `users` closed-loop users at this limit, in seconds (Little's law).

        Users who think for `think_s` seconds after each answer wait for the rest of their cycle.
        """
        return users / self.rps - think_s


@dataclass(frozen=True)
class Capacity:
    """What a lane brings to a request: slots and upstream connections (inf: unbounded), CPU seconds a second."""

    slots: float = math.inf
    pool: float = math.inf
    cores: float = 1.0


def limit(
    users: float,
    capacity: Capacity,
    *,
    critical_s: float,
    calls_s: float,
    cpu_s_per_request: float | None = None,
    think_s: float = 0.0,
) -> Limit | None:
    """Return the smallest of the bounds on throughput; None where no bound is known.

    A request holds a slot for at least its critical path (`critical_s`: of calls made together only the longest), and
    upstream connections for the sum of its calls (`calls_s`). By Little's law the rate is at most what is held at once
    over the time that it is held; and at most cores / CPU seconds per request. A user who thinks for `think_s` seconds
    is held for that, too: at most users / (critical path + think time). Open load has no end of `users` (inf).
    """
    bounds = [
        Limit(bound, by)
        for held, seconds, by in (
            (users, critical_s + think_s, "users"),
            (capacity.slots, critical_s, "slots"),
            (capacity.pool, calls_s, "pool"),
            (capacity.cores, cpu_s_per_request or 0.0, "cpu"),
        )
        if seconds > 0 and math.isfinite(bound := held / seconds)
    ]
    return min(bounds, key=lambda bound: bound.rps, default=None)


def critical_path(phases: Phases, delay_s: Mapping[str, float]) -> float:
    """Return the seconds that a request waits at least: phases follow one another, the calls of one run together."""
    return sum(max(delay_s[endpoint] for endpoint in phase) for phase in phases)


def sum_of_calls(phases: Phases, delay_s: Mapping[str, float]) -> float:
    """Return the seconds of upstream connection that a request uses."""
    return sum(delay_s[endpoint] for phase in phases for endpoint in phase)


def mean_over(routes: Sequence[Route], seconds: Mapping[str, float]) -> float:
    """Return the mean of a figure by label over routes, each as often as its weight says."""
    weight = sum(route.weight for route in routes)
    return sum(route.weight * seconds[route.label] for route in routes) / weight


def planned_limit(lane: Lane, scenario: Scenario, users: float, mean_s: Mapping[str, float]) -> Limit | None:
    """Return the limit that is known before the run; None for a lane whose upstream calls are not known."""
    routes = lane.routes(scenario)
    phases = {route.label: route.upstream for route in routes if route.upstream is not None}
    if len(phases) < len(routes) or not routes:
        return None
    return limit(
        users,
        capacity_of(lane),
        critical_s=mean_over(routes, {label: critical_path(calls, mean_s) for label, calls in phases.items()}),
        calls_s=mean_over(routes, {label: sum_of_calls(calls, mean_s) for label, calls in phases.items()}),
        think_s=scenario.think_s,
    )


def capacity_of(lane: Lane, cores: int = 1) -> Capacity:
    """Return what a lane can hold at once, and the cores that it may use."""
    unbounded = Capacity()
    return Capacity(
        slots=unbounded.slots if lane.slots == "unbounded" else lane.slots,
        pool=lane.upstream_pool or unbounded.pool,
        cores=cores,
    )
