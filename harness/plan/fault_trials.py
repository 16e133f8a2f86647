"""The trials under faults: which lanes meet which fault at which rates, and for how long they are watched."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harness.facts.config import Config, Profile
from harness.facts.faults import Expected, Fault
from harness.facts.point import Place, Point
from harness.facts.routes import Scenario
from harness.model.faults import Strain, expected, last_trace_s, strain
from harness.plan.blocks import PlannedTrial, Turn, lane_orders
from harness.plan.closed_load import Delays, Plan
from harness.plan.open_load import SENDERS_MOST
from harness.plan.timing import Timing

WARMUP_S, DRAIN_S = 2.0, 3.0
SENDERS_SPARE, SENDERS_LEAST = 1.5, 50


@dataclass(frozen=True)
class Ground:
    """What the trials under faults follow from; `capacity` is what closed load has measured of a lane, in req/s."""

    config: Config
    profile: Profile
    scenario: Scenario
    delays: Delays
    capacity: Mapping[str, float]

    def strain(self, lane: str, point: Point) -> Strain:
        """Return what a lane is put under at a point with a fault."""
        served = self.config.lanes[lane]
        return strain(
            served,
            served.routes(self.scenario),
            self.config.faults[point.fault],
            point.level,
            self.capacity.get(lane),
            self.delays.mean_s,
        )

    def expected(self, lane: str, point: Point) -> Expected:
        """Return what theory expects of a lane at a point with a fault."""
        return expected(self.strain(lane, point), self.config.orchestrator)


def make_fault_plan(ground: Ground, first: int) -> Plan:
    """Return the trials under faults in blocks numbered from `first`: fault by fault every lane on a fresh server.

    A fault that has `shares` is met at these shares of each lane's own capacity; a lane without one is left out.
    """
    config, profile = ground.config, ground.profile
    orders = lane_orders(tuple(config.lanes), config.upstream.seed)
    turns = [
        Turn(block, lane, (_trial(block, (lane, point), ground),))
        for block, order in zip(range(first, first + profile.blocks), orders, strict=False)
        for name in profile.faults
        for lane in order
        for point in _points(name, lane, ground)
    ]
    return Plan((), others=tuple(turns))


def without_rate(ground: Ground) -> Iterator[str]:
    """Yield, in words, which lane is left out under which fault: no capacity is known to take a share of."""
    for name in ground.profile.faults:
        fault = ground.config.faults[name]
        for lane in (*ground.profile.lanes, *fault.remedies):
            if fault.shares and lane not in ground.capacity:
                yield f"{lane} is not measured under {name}: closed load has found no capacity of it"


def _points(name: str, lane: str, ground: Ground) -> Iterator[Point]:
    fault = ground.config.faults[name]
    if lane not in ground.profile.lanes and lane not in fault.remedies:
        return
    capacity = ground.capacity.get(lane)
    own = [float(f"{share * capacity:.3g}") for share in fault.shares] if capacity else []
    for rate in own if fault.shares else ground.profile.fault_rates:
        yield Point("open", rate, name)


def _trial(block: int, place: Place, ground: Ground) -> PlannedTrial:
    lane, point = place
    fault = ground.config.faults[point.fault]
    watched_s = fault.start_s + last_trace_s(ground.strain(lane, point), ground.config.orchestrator) + fault.tail_s
    timing = Timing(spread_s=0.0, warmup_s=WARMUP_S, window_s=watched_s, drain_s=DRAIN_S)
    return PlannedTrial(block, lane, point, timing, _senders(fault, point.level, watched_s, ground.profile.processes))


def _senders(fault: Fault, rate: float, watched_s: float, processes: int) -> int:
    """Return how many connections the load may use: enough for all that may be in flight, or as many as there are."""
    surge = rate * (fault.load - 1) * fault.length_s if fault.load > 1 else 0.0
    return int(min(SENDERS_MOST * processes, SENDERS_SPARE * (rate * watched_s + surge) + SENDERS_LEAST))
