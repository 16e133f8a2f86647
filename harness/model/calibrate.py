"""From what a run measured to a lane that can be asked for points it has not seen: two points of closed load a lane."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, median, stdev

from harness.facts.point import Point, users
from harness.facts.run import Run
from harness.facts.trial import Trial
from harness.model.closed import throughput
from harness.model.server import Demand, Server, constant

CORE_BOUND = 0.85  # of a core: from here on the throughput says what a request costs, and below it the CPU clock does
ENOUGH = 5  # blocks
MOST_OVERHEAD = 2.0  # times the CPU of a request
QUIET = 0.7  # of a core: the other point is the highest of those at which it is not busier
PRECISION = 1e-9
STEPS = 100


@dataclass(frozen=True)
class Calibrated:
    """A lane as two points of a run show it. Times in seconds.

    `demand`: CPU of a request by how many are in service, at the upstream time `upstream_s`. `overhead_s`: what a
    request at the lower point took beyond upstream time and CPU (kernel, wake-ups, client). `calls` follow one another
    behind a request. `spread`: deviation between blocks of the logarithm of the demand, from `blocks` blocks; None from
    fewer than two. `points` are what it rests on, the highest first. `core_bound`: the core was the limit at the
    highest.
    """

    lane: str
    slots: float
    upstream_s: float
    demand: Demand
    overhead_s: float
    calls: int
    spread: float | None
    blocks: int
    points: tuple[Point, ...]
    core_bound: bool

    def server(self, upstream_s: float | None = None, slots: float | None = None, cores: int = 1) -> Server:
        """Return the lane as a server of this upstream time and with these slots; what is not given is the run's own.

        The demand belongs to a rate: at twice the upstream time the same rate has twice as many in service.
        """
        own = self.upstream_s if upstream_s is None else upstream_s
        factor = (own + self.overhead_s) / (self.upstream_s + self.overhead_s)
        return Server(
            own + self.overhead_s,
            self.demand.at_levels_times(factor) if factor > 0 else self.demand,
            self.slots if slots is None else slots,
            cores,
        )

    def slower(self, factor: float) -> "Calibrated":
        """Return the lane where the core is slower by this factor than where the lane was at its highest point.

        CPU at low load is not the core's speed alone (an idle core is slow to wake), so only the busy end moves.
        """
        seconds = (*self.demand.seconds[:-1], self.demand.seconds[-1] * factor) if self.core_bound else None
        return replace(self, demand=replace(self.demand, seconds=seconds)) if seconds else self


def calibrate(run: Run) -> dict[str, Calibrated]:
    """Return every lane of a run that has a valid point of closed load with CPU and upstream times, by its name."""
    found = {lane: _calibrated(run, lane) for lane in run.lanes}
    return {lane: one for lane, one in found.items() if one is not None}


def comparable(run: Run) -> dict[str, Calibrated]:
    """Return the lanes that stand for a service on a core of its own, by name; none where requests are not uniform."""
    config = run.info.config
    return {
        lane: one
        for lane, one in (calibrate(run) if is_uniform(run) else {}).items()
        if one.calls and one.upstream_s and lane not in config.only_controls and config.lanes[lane].pinned
    }


def calibration_points(run: Run, lane: str) -> tuple[Point, ...]:
    """Return the points of a lane that calibrate it: the highest of closed load, and one other if there is one.

    The other is the highest at which fewer are in service and the core has time to spare: there it shows what a request
    takes besides waiting. Where the core is nearly idle CPU and overhead cannot be told apart, and need not be. Where a
    single user waits for what nobody sees it is that point, since of more users it is not known how much is a bunch's.
    """
    trials: dict[Point, list[Trial]] = {}
    for trial in usable(run, lane):
        trials.setdefault(trial.point, []).append(trial)
    if not trials:
        return ()
    highest, slots = max(trials), _slots(run, lane)
    held = min(highest.level, slots)
    single = trials.get(users(1))
    if single and highest != users(1) and _waits_unseen(_measured(single)):
        return highest, users(1)
    others = [
        point
        for point, of_point in trials.items()
        if min(point.level, slots) < held and fmean(trial.cpu_share or 0.0 for trial in of_point) <= QUIET
    ]
    return (highest, max(others)) if others else (highest,)


def usable(run: Run, lane: str) -> list[Trial]:
    """Return the valid trials of closed load, in steady state, that say what a request cost and how long it waited.

    None of users who think, so that how many are in service is not known, nor of a server with several cores.
    """
    scenario = run.info.config.scenarios.get(run.info.scenario)
    thinks = scenario is not None and (scenario.think_s > 0 or scenario.locustfile is not None)
    if thinks or run.info.config.lanes[lane].cores > 1:
        return []
    return [
        trial
        for trial in run.trials
        if trial.lane == lane
        and trial.load == "closed"
        and trial.status == "valid"
        and trial.steady
        and trial.throughput_rps
        and trial.cpu_ms_per_request
        and trial.latency_mean_ms
        and trial.upstream_mean_ms is not None
    ]


def is_uniform(run: Run) -> bool:
    """Say whether all requests of a run wait for the same calls: else a percentile of one route is no other's."""
    scenario = run.info.config.scenarios.get(run.info.scenario)
    return scenario is not None and len({route.upstream for route in scenario.routes}) == 1


def calls_in_a_row(run: Run, lane: str) -> int:
    """Return how many upstream calls follow one another behind a request of this lane, on the average and rounded."""
    scenario = run.info.config.scenarios.get(run.info.scenario)
    routes = run.info.config.lanes[lane].routes(scenario) if scenario else ()
    weight = sum(route.weight for route in routes)
    return round(sum(route.weight * len(route.upstream or ()) for route in routes) / weight) if weight else 0


def _slots(run: Run, lane: str) -> float:
    declared = run.info.config.lanes[lane].slots
    return math.inf if declared == "unbounded" else float(declared)


@dataclass(frozen=True)
class _Measured:
    """A point over its blocks: geometric means, times in seconds; `busy` is the share of a core."""

    users: int
    rps: float
    cpu_s: float
    upstream_s: float
    latency_s: float
    busy: float
    trials: Sequence[Trial]


def _calibrated(run: Run, lane: str) -> Calibrated | None:
    points = calibration_points(run, lane)
    if not points:
        return None
    high, *others = (_measured([one for one in usable(run, lane) if one.point == point]) for point in points)
    low = others[0] if others else high
    slots = _slots(run, lane)
    bound = high.busy >= CORE_BOUND
    overhead_s = 0.0 if bound and not others else _overhead_s(low, slots)
    held = min(high.users, slots)
    server = Server(high.upstream_s + overhead_s, constant(high.cpu_s), slots)
    high_s = _solved(server, int(held), high.rps) if bound else high.cpu_s
    levels = {min(low.users, slots): low.cpu_s} | {held: high_s}
    return Calibrated(
        lane,
        slots,
        high.upstream_s,
        Demand(tuple(map(float, levels)), tuple(levels.values())),
        overhead_s,
        calls_in_a_row(run, lane),
        _spread(
            high.trials, (lambda trial: trial.throughput_rps) if bound else (lambda trial: trial.cpu_ms_per_request)
        ),
        len(high.trials),
        points,
        bound,
    )


def _measured(trials: Sequence[Trial]) -> _Measured:
    def mean(figure: Callable[[Trial], float | None]) -> float:
        return math.exp(fmean(math.log(value) for trial in trials if (value := figure(trial))))

    return _Measured(
        users=int(trials[0].point.level),
        rps=mean(lambda trial: trial.throughput_rps),
        cpu_s=mean(lambda trial: trial.cpu_ms_per_request) / 1000,
        upstream_s=fmean(trial.upstream_mean_ms or 0.0 for trial in trials) / 1000,
        latency_s=mean(lambda trial: trial.latency_mean_ms) / 1000,
        busy=fmean(trial.cpu_share or 0.0 for trial in trials),
        trials=trials,
    )


def _waits_unseen(low: _Measured) -> bool:
    """Say whether a single user, who is in no bunch, waits most for what nobody sees: a database, another host.

    Less than most is no sign of it: a core that is woken for each request takes its time as well.
    """
    return low.users == 1 and low.latency_s > 2 * (low.upstream_s + low.cpu_s)


def _overhead_s(low: _Measured, slots: float) -> float:
    """Return what a request took in its slot beyond upstream time and CPU: at least 0, at most twice its CPU.

    More is no property of the lane: users who wait equally long and stay in a bunch, or a machine that was busy. It is
    where a single user waits for what nobody sees.
    """
    held = int(min(low.users, slots))
    server = Server(low.upstream_s, constant(low.cpu_s), slots)
    in_slot_s = low.latency_s - (low.users - held) / low.rps
    most_s = math.inf if _waits_unseen(low) else MOST_OVERHEAD * low.cpu_s
    return min(max(0.0, in_slot_s - held / throughput(server, held)), most_s)


def _solved(server: Server, in_service: int, rps: float) -> float:
    """Return the demand in seconds with which so many in service are served at this rate."""
    low_s, high_s = 0.0, 1 / rps
    for _ in range(STEPS):
        middle_s = (low_s + high_s) / 2
        served = throughput(Server(server.upstream_s, constant(middle_s), server.slots), in_service)
        low_s, high_s = (middle_s, high_s) if served > rps else (low_s, middle_s)
        if high_s - low_s < PRECISION * high_s:
            break
    return high_s


def _spread(trials: Iterable[Trial], figure: Callable[[Trial], float | None]) -> float | None:
    """Return the deviation of the logarithm; from five blocks on by the median, so that one odd block does not set it.

    1.4826 times the median distance from the median estimates the deviation of a normal law.
    """
    logs = [math.log(value) for trial in trials if (value := figure(trial))]
    if len(logs) < ENOUGH:
        return stdev(logs) if len(logs) > 1 else None
    middle = median(logs)
    return 1.4826 * median(abs(one - middle) for one in logs)
