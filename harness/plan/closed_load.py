"""The plan of a run: every trial of closed load, what is skipped, and how long it will take."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from harness.errors import UsageError
from harness.facts.config import Config, Lane, Pair, Primary, Profile, judged_places
from harness.facts.point import Place, Point, users
from harness.facts.routes import Scenario
from harness.facts.run import Skipped
from harness.model.limit import critical_path, planned_limit
from harness.plan.blocks import PlannedTrial, Turn, lane_orders, points_in_order
from harness.plan.timing import Timing, cold_timing, timing

UNKNOWN_WAIT_S = 0.5  # planned for a lane whose upstream calls are not known; a trial that needs longer is repeated
CPU_S = 0.002  # CPU that a request is expected to take, so that saturated lanes are given time enough
TRIAL_OVERHEAD_S = 1.1  # start of Locust, drain, reading and storing; only for the expected duration
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
    """Turns in order; the points that are beyond their lane's limit; what is judged; the point that charts show.

    `turns` are those that a verdict or the ladder rests on, block by block; `others` come after them.
    """

    turns: tuple[Turn, ...]
    others: tuple[Turn, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    primaries: tuple[Primary, ...] = ()
    controls: tuple[Primary, ...] = ()
    verdict_point: Point | None = None

    @property
    def trials(self) -> list[PlannedTrial]:
        """Every trial in order."""
        return [trial for turn in (*self.turns, *self.others) for trial in turn.trials]

    def until(self, block: int) -> "Plan":
        """Return what is judged up to this block."""
        return replace(self, turns=tuple(turn for turn in self.turns if turn.block <= block), others=())

    @property
    def rest(self) -> "Plan":
        """What nothing is judged by."""
        return replace(self, turns=self.others, others=())

    @property
    def judged(self) -> frozenset[Place]:
        """The lanes that have a part in a primary or a control, at the point where they have it."""
        return judged_places((*self.primaries, *self.controls))

    @property
    def judged_lanes(self) -> frozenset[str]:
        """The lanes that have a part in a primary or a control."""
        return frozenset(lane for lane, _ in self.judged)

    @property
    def blocks(self) -> int:
        """The number of the last block."""
        return max((turn.block for turn in (*self.turns, *self.others)), default=0)

    @property
    def load_s(self) -> float:
        """Seconds of warm-up and window."""
        return sum(trial.timing.load_s for trial in self.trials)

    @property
    def expected_s(self) -> float:
        """Seconds that the turns will take, about."""
        return (
            self.load_s + TRIAL_OVERHEAD_S * len(self.trials) + TURN_OVERHEAD_S * (len(self.turns) + len(self.others))
        )


def make_plan(config: Config, profile: Profile, scenario: Scenario, delays: Delays) -> Plan:
    """Return the plan: first `verdict_blocks` of what is judged and `ladder_blocks` of the ladder, so that a verdict
    is there soon; then `blocks` of everything else.

    A lane that is there as a control or for the ladder alone is measured at the verdict point only. A point at which
    users would wait longer than `max_wait_s` is skipped, unless a single user does.
    """
    verdict_point = users(max(profile.points))
    climbed = config.ladder_lanes if profile.ladder_blocks else ()
    everywhere = {*profile.lanes} - config.only_controls
    lanes = list(dict.fromkeys([*profile.lanes, *climbed]))
    places = [
        (name, point)
        for name in lanes
        for point in _points(config.lanes[name], profile)
        if point == verdict_point or name in everywhere
    ]
    waits = {
        (name, point): expected_wait_s(config.lanes[name], scenario, point.level, delays) for name, point in places
    }
    most_s = math.inf if profile.max_wait_s is None else profile.max_wait_s
    idle_s = {name: expected_wait_s(config.lanes[name], scenario, 1, delays) for name in lanes}
    within = [(name, point) for name, point in places if waits[name, point] <= max(most_s, idle_s[name])]
    if not within:
        raise _all_beyond(max(waits.values()), most_s)
    timings = {
        (name, point): (cold_timing if profile.cold else partial(timing, think_s=scenario.think_s))(
            max(waits[name, point], point.level * CPU_S),
            longest_delay(config.lanes[name], scenario, delays),
            profile.window_s,
        )
        for name, point in within
    }
    plan = Plan(
        turns=(),
        skipped=tuple(
            Skipped(lane=name, users=round(point.level), wait_s=waits[name, point])
            for name, point in places
            if (name, point) not in timings
        ),
        primaries=judged_at(config.primaries, verdict_point, timings),
        controls=judged_at(config.controls, verdict_point, timings),
        verdict_point=verdict_point,
    )
    highest = dict(sorted(timings))  # by lane, the last and highest of its points
    blocks = {place: profile.ladder_blocks for place in highest.items() if place[0] in climbed}
    blocks |= dict.fromkeys(plan.judged, profile.judged_blocks)
    others = {
        place: range(blocks.get(place, 0) + 1, profile.blocks + 1) for place in timings if place[0] in profile.lanes
    }
    return replace(
        plan,
        turns=turns(by_block({place: range(1, last + 1) for place, last in blocks.items()}, timings), lanes, config),
        others=turns(by_block(others, timings), lanes, config),
    )


def _points(lane: Lane, profile: Profile) -> list[Point]:
    """Return the points of a lane: one that refuses is measured with no more users than it takes."""
    most = lane.most_in_flight if lane.refuses else math.inf
    return list(dict.fromkeys(users(int(min(level, most))) for level in profile.points))


def by_block(due: Mapping[Place, range], timings: Mapping[Place, Timing]) -> dict[int, dict[Place, Timing]]:
    """Return what each block measures, from the blocks in which each place is due."""
    numbers = sorted({block for blocks in due.values() for block in blocks})
    return {block: {place: timings[place] for place, blocks in due.items() if block in blocks} for block in numbers}


def turns(
    work: Mapping[int, Mapping[Place, Timing]],
    lanes: Sequence[str],
    config: Config,
    clients: Mapping[Place, int] | None = None,
) -> tuple[Turn, ...]:
    """Return the turns of all blocks in order, without empty ones; `work` is what each block measures."""
    seed = config.upstream.seed
    orders = lane_orders(lanes, seed, config.compared)
    made = (
        _turn(block, name, timings, seed, clients)
        for (block, timings), order in zip(work.items(), orders, strict=False)
        for name in order
    )
    return tuple(turn for turn in made if turn.trials)


def _turn(
    block: int, lane: str, timings: Mapping[Place, Timing], seed: int, clients: Mapping[Place, int] | None
) -> Turn:
    """Return a lane's turn: its points in the random order of the block; closed load has a client for each user."""
    points = points_in_order([point for name, point in timings if name == lane], seed, block, lane)
    held = clients or {(lane, point): round(point.level) for point in points}
    return Turn(
        block,
        lane,
        tuple(PlannedTrial(block, lane, point, timings[lane, point], held[lane, point]) for point in points),
    )


def again(trial: PlannedTrial, wait_s: float, longest_delay_s: float) -> PlannedTrial:
    """Return the same trial to be repeated, longer: as the measured response time asks, and with twice the warm-up."""
    longer = timing(wait_s, longest_delay_s, trial.timing.window_s, trial.timing.think_s)
    patient = replace(longer, warmup_s=max(longer.warmup_s, 2 * trial.timing.warmup_s))
    return replace(trial, attempt=trial.attempt + 1, timing=patient)


def longest_delay(lane: Lane, scenario: Scenario, delays: Delays) -> float:
    """Return the longest delay that a request of this lane is to be expected to meet, in seconds."""
    known = [route.upstream for route in lane.routes(scenario) if route.upstream is not None]
    return max((critical_path(phases, delays.longest_s) for phases in known), default=0.0)


def expected_wait_s(lane: Lane, scenario: Scenario, users: float, delays: Delays) -> float:
    """Return theory's response time of closed load, in seconds; with 1 user it is that of a lane that is not full."""
    bound = planned_limit(lane, scenario, users, delays.mean_s)
    return bound.wait_s(users, scenario.think_s) if bound else UNKNOWN_WAIT_S


def judged_at(pairs: Iterable[Pair], point: Point, places: Collection[Place]) -> tuple[Primary, ...]:
    """Return the pairs that are judged at a point, where both their lanes are measured at it."""
    return tuple(
        primary for pair in pairs if pair.load == point.load and set((primary := pair.at(point)).places) <= set(places)
    )


def _all_beyond(wait_s: float, max_wait_s: float) -> UsageError:
    return UsageError(
        f"every point is beyond its lane's limit: a request would wait up to {wait_s:.1f} s",
        hint=f"choose fewer users with --points, or raise max_wait_s ({max_wait_s:g} s) in bench.toml",
    )


def describe(plans: Sequence[Plan]) -> str:
    """Return what the run will do, in one line for people."""
    trials = [trial for plan in plans for trial in plan.trials]
    lanes = {trial.lane for trial in trials}
    return (
        f"{len(trials)} trials of {len(lanes)} lanes in {max(plan.blocks for plan in plans)} blocks, "
        f"{sum(plan.load_s for plan in plans):.0f} s of load, "
        f"about {sum(plan.expected_s for plan in plans) / 60:.1f} min"
    )
