"""The plan of a run: every trial, what is skipped, and how long it will take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from harness.config import Config, Lane, Primary, Profile, Scenario
from harness.errors import UsageError
from harness.plan.blocks import PlannedTrial, Turn, lane_orders, points_in_order
from harness.plan.limits import Capacity, Limit, critical_path, limit, mean_over, sum_of_calls
from harness.plan.timing import Timing, timing
from harness.records import Skipped

UNKNOWN_WAIT_S = 0.5  # planned for a lane whose upstream calls are not known; a trial that needs longer is repeated
CPU_S = 0.003  # CPU that a request is expected to take at most, so that saturated lanes are given time enough
TRIAL_OVERHEAD_S = 1.3  # start of Locust, drain, reading and storing; only for the expected duration
TURN_OVERHEAD_S = 1.2  # start and stop of a server


@dataclass(frozen=True)
class Delays:
    """The upstream's injected delay by endpoint, in seconds: its mean, and the longest that is to be expected."""

    mean_s: Mapping[str, float]
    longest_s: Mapping[str, float]

    @classmethod
    def of(cls, stub_says: Mapping[str, Mapping[str, float]]) -> "Delays":
        """Return the delays from what the stub says of itself."""
        return cls(stub_says["mean_s"], stub_says["longest_s"])


@dataclass(frozen=True)
class Plan:
    """All turns of a run in order, the points that are beyond their lane's limit, and the verdict point."""

    turns: tuple[Turn, ...]
    skipped: tuple[Skipped, ...]
    primaries: tuple[Primary, ...]
    verdict_users: int

    @property
    def trials(self) -> list[PlannedTrial]:
        """Every trial in order."""
        return [trial for turn in self.turns for trial in turn.trials]

    @property
    def load_s(self) -> float:
        """Seconds of warm-up and window."""
        return sum(trial.timing.load_s for trial in self.trials)

    @property
    def expected_s(self) -> float:
        """Seconds that the run will take, about."""
        return self.load_s + TRIAL_OVERHEAD_S * len(self.trials) + TURN_OVERHEAD_S * len(self.turns)


def make_plan(config: Config, profile: Profile, scenario: Scenario, delays: Delays) -> Plan:
    """Return the plan: `blocks` blocks of everything, then the primaries' lanes alone at the verdict point."""
    points = [(name, users) for name in profile.lanes for users in profile.points]
    waits = {(name, users): _wait_s(config.lanes[name], scenario, users, delays) for name, users in points}
    timings = {
        (name, users): timing(
            max(wait_s, users * CPU_S), longest_delay(config.lanes[name], scenario, delays), profile.window_s
        )
        for (name, users), wait_s in waits.items()
        if wait_s <= profile.max_wait_s
    }
    skipped = (
        Skipped(lane=name, users=users, wait_s=wait_s)
        for (name, users), wait_s in waits.items()
        if wait_s > profile.max_wait_s
    )
    if not timings:
        beyond = max(waits.values())
        raise UsageError(
            f"every point is beyond its lane's limit: a request would wait up to {beyond:.1f} s",
            hint=f"choose fewer users with --points, or raise max_wait_s ({profile.max_wait_s:g} s) in bench.toml",
        )
    verdict_users = max(profile.points)
    primaries = tuple(
        primary
        for primary in config.primaries
        if {(primary.lane, verdict_users), (primary.baseline, verdict_users)} <= timings.keys()
    )
    judged = {(name, verdict_users) for primary in primaries for name in (primary.lane, primary.baseline)}
    orders = islice(lane_orders(profile.lanes, config.upstream.seed), max(profile.blocks, profile.verdict_blocks))
    turns = (
        _turn(block, name, timings if block <= profile.blocks else _only(timings, judged), config.upstream.seed)
        for block, order in enumerate(orders, start=1)
        for name in order
    )
    return Plan(tuple(turn for turn in turns if turn.trials), tuple(skipped), primaries, verdict_users)


def again(trial: PlannedTrial, wait_s: float, longest_delay_s: float) -> PlannedTrial:
    """Return the same trial to be repeated, longer: as the measured response time asks, and with twice the warm-up."""
    longer = timing(wait_s, longest_delay_s, trial.timing.window_s)
    patient = replace(longer, warmup_s=max(longer.warmup_s, 2 * trial.timing.warmup_s))
    return replace(trial, attempt=trial.attempt + 1, timing=patient)


def longest_delay(lane: Lane, scenario: Scenario, delays: Delays) -> float:
    """Return the longest delay that a request of this lane is to be expected to meet, in seconds."""
    known = [route.upstream for route in lane.routes(scenario) if route.upstream is not None]
    return max((critical_path(phases, delays.longest_s) for phases in known), default=0.0)


def planned_limit(lane: Lane, scenario: Scenario, users: int, mean_s: Mapping[str, float]) -> Limit | None:
    """Return the limit that is known before the run; None for a lane whose upstream calls are not known."""
    routes = lane.routes(scenario)
    phases = {route.path: route.upstream for route in routes if route.upstream is not None}
    if len(phases) < len(routes):
        return None
    return limit(
        users,
        capacity_of(lane),
        critical_s=mean_over(routes, {path: critical_path(calls, mean_s) for path, calls in phases.items()}),
        calls_s=mean_over(routes, {path: sum_of_calls(calls, mean_s) for path, calls in phases.items()}),
    )


def capacity_of(lane: Lane, cores: int = 1) -> Capacity:
    """Return what a lane can hold at once, and the cores that it may use."""
    unbounded = Capacity()
    return Capacity(
        slots=unbounded.slots if lane.slots == "unbounded" else lane.slots,
        pool=lane.upstream_pool or unbounded.pool,
        cores=cores,
    )


def _wait_s(lane: Lane, scenario: Scenario, users: int, delays: Delays) -> float:
    """Return theory's response time at a point, in seconds."""
    bound = planned_limit(lane, scenario, users, delays.mean_s)
    return bound.wait_s(users) if bound else UNKNOWN_WAIT_S


def _turn(block: int, lane: str, timings: Mapping[tuple[str, int], Timing], seed: int) -> Turn:
    points = [users for name, users in timings if name == lane]
    order = points_in_order(points, seed, block, lane)
    return Turn(block, lane, tuple(PlannedTrial(block, lane, users, timings[lane, users]) for users in order))


def _only(timings: Mapping[tuple[str, int], Timing], keys: set[tuple[str, int]]) -> dict[tuple[str, int], Timing]:
    return {key: timings[key] for key in timings if key in keys}


def describe(plan: Plan, lanes: Sequence[str]) -> str:
    """Return what the run will do, in one line for people."""
    return (
        f"{len(plan.trials)} trials of {len(lanes)} lanes in {max(turn.block for turn in plan.turns)} blocks, "
        f"{plan.load_s:.0f} s of load, about {plan.expected_s / 60:.1f} min"
    )
