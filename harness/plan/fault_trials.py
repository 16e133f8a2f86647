"""The trials under faults: which lanes meet which fault at which rates, and for how long they are watched."""

from collections.abc import Iterator

from harness.facts.faults import Expected, Fault
from harness.facts.point import Place, Point
from harness.model.faults import Strain, expected, last_trace_s, strain
from harness.plan.basis import Basis
from harness.plan.blocks import PlannedTrial, Turn, lane_orders
from harness.plan.closed_load import Plan
from harness.plan.open_load import SENDERS_MOST
from harness.plan.timing import Timing

WARMUP_S, DRAIN_S = 2.0, 3.0
SENDERS_SPARE, SENDERS_LEAST = 1.5, 50


def strain_of(lane: str, point: Point, basis: Basis) -> Strain:
    """Return what a lane is put under at a point with a fault."""
    served = basis.config.lanes[lane]
    return strain(
        served,
        served.routes(basis.scenario),
        basis.config.faults[point.fault],
        point.level,
        basis.capacity.get(lane),
        basis.delays.mean_s,
    )


def expected_of(lane: str, point: Point, basis: Basis) -> Expected:
    """Return what theory expects of a lane at a point with a fault."""
    return expected(strain_of(lane, point, basis), basis.config.orchestrator)


def make_fault_plan(basis: Basis, first: int) -> Plan:
    """Return the trials under faults in blocks numbered from `first`: fault by fault every lane on a fresh server.

    A fault that has `shares` is met at these shares of each lane's own capacity; a lane without one is left out.
    """
    config, profile = basis.config, basis.profile
    orders = lane_orders(tuple(config.lanes), config.upstream.seed)
    turns = [
        Turn(block, lane, (_trial(block, (lane, point), basis),))
        for block, order in zip(range(first, first + profile.blocks), orders, strict=False)
        for name in profile.faults
        for lane in order
        for point in _points(name, lane, basis)
    ]
    return Plan((), others=tuple(turns))


def without_rate(basis: Basis) -> Iterator[str]:
    """Yield, in words, which lane is left out under which fault: no capacity is known to take a share of."""
    for name in basis.profile.faults:
        fault = basis.config.faults[name]
        for lane in (*basis.profile.lanes, *fault.remedies):
            if fault.shares and lane not in basis.capacity:
                yield f"{lane} is not measured under {name}: closed load has found no capacity of it"


def _points(name: str, lane: str, basis: Basis) -> Iterator[Point]:
    fault = basis.config.faults[name]
    if lane not in basis.profile.lanes and lane not in fault.remedies:
        return
    capacity = basis.capacity.get(lane)
    own = [float(f"{share * capacity:.3g}") for share in fault.shares] if capacity else []
    for rate in own if fault.shares else basis.profile.fault_rates:
        yield Point("open", rate, name)


def _trial(block: int, place: Place, basis: Basis) -> PlannedTrial:
    lane, point = place
    fault = basis.config.faults[point.fault]
    watched_s = fault.start_s + last_trace_s(strain_of(lane, point, basis), basis.config.orchestrator) + fault.tail_s
    timing = Timing(spread_s=0.0, warmup_s=WARMUP_S, window_s=watched_s, drain_s=DRAIN_S)
    return PlannedTrial(block, lane, point, timing, _senders(fault, point.level, watched_s, basis.profile.processes))


def _senders(fault: Fault, rate: float, watched_s: float, processes: int) -> int:
    """Return how many connections the load may use: enough for all that may be in flight, or as many as there are."""
    surge = rate * (fault.load - 1) * fault.length_s if fault.load > 1 else 0.0
    return int(min(SENDERS_MOST * processes, SENDERS_SPARE * (rate * watched_s + surge) + SENDERS_LEAST))
