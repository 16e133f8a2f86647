"""Open load: the rates at which each lane is measured, planned once the capacities are known."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from statistics import median

from harness.errors import UsageError
from harness.facts.config import Against, Config, Profile
from harness.facts.point import Place, Point
from harness.facts.routes import Scenario
from harness.facts.trial import Trial
from harness.plan.basis import Basis
from harness.plan.blocks import Turn
from harness.plan.closed_load import Delays, Plan, by_block, expected_wait_s, judged_at, longest_delay, turns
from harness.plan.timing import Timing, timing

SENDERS_SPARE = 3  # times the requests that theory has in flight, before an arrival finds no free sender
SENDERS_LEAST = 50
ENOUGH_ARRIVALS = 100  # in a window: with fewer, a backlog that grows cannot be told from chance
LONGEST_WINDOW_S = 30.0
SENDERS_MOST = 900  # of a Locust process: from 1,024 file descriptors on, its client opens connections anew


def capacities(trials: Iterable[Trial]) -> dict[str, float]:
    """Return the most that each lane was measured to carry: its best median throughput of closed load, in req/s."""
    found: dict[Place, list[float]] = {}
    for trial in trials:
        if trial.load == "closed" and trial.status == "valid" and trial.throughput_rps is not None:
            found.setdefault(trial.place, []).append(trial.throughput_rps)
    best: dict[str, float] = {}
    for (lane, _), values in found.items():
        best[lane] = max(best.get(lane, 0.0), median(values))
    return best


def expected_capacities(config: Config, profile: Profile, scenario: Scenario, delays: Delays) -> dict[str, float]:
    """Return what theory expects of each lane at the highest point: to say beforehand how long a run will take."""
    most = max(profile.points)
    lanes = _lanes(config, profile)
    return {
        name: most / (expected_wait_s(config.lanes[name], scenario, most, delays) + scenario.think_s) for name in lanes
    }


def make_open_plan(basis: Basis, first: int) -> Plan:
    """Return the open load's blocks, numbered from `first`: first what is judged, in as many blocks as closed load's.

    A lane without a capacity is left out. So is a share of a lane's capacity at which its queue would relax later than
    `max_wait_s`. All lanes at a rate are given the time of the one whose queue settles last. UsageError where a
    rate that was asked for needs more requests in flight than the generator can hold.
    """
    config, profile, scenario, delays = basis.config, basis.profile, basis.scenario, basis.delays
    capacity = basis.capacity
    waits = {name: expected_wait_s(config.lanes[name], scenario, 1, delays) for name in profile.lanes}
    places = [
        (name, rate)
        for name in waits
        for rate in rates_of(name, config, profile, capacity)
        if rate.level in profile.rates or relaxing_s(rate.level, capacity.get(name)) <= (profile.max_wait_s or 0.0)
    ]
    clients = {
        (name, rate): senders(rate.level, waits[name], profile.processes, asked=rate.level in profile.rates)
        for name, rate in places
    }
    settled_s = {
        rate: max(settling_s(rate.level, capacity.get(name)) for name, other in places if other == rate)
        for _, rate in places
        if rate.level not in profile.rates
    }
    timings = {
        (name, rate): _timing(
            rate.level,
            settled_s.get(rate, 0.0),
            timing(waits[name], longest_delay(config.lanes[name], scenario, delays), profile.window_of_open_load_s),
        )
        for name, rate in places
    }
    rate = Point("open", common_rate(config, profile, capacity))
    plan = Plan(
        (),
        primaries=judged_at(config.primaries, rate, timings),
        controls=judged_at(config.controls, rate, timings),
    )
    lanes = list(waits)
    judged = dict.fromkeys(plan.judged, range(first, first + profile.judged_blocks))
    others = {
        place: range(first, first + profile.blocks)
        for place in timings
        if place not in judged and place[0] not in config.only_controls
    }
    return replace(
        plan,
        turns=turns(by_block(judged, timings), lanes, config, clients),
        others=turns(by_block(others, timings), lanes, config, clients),
    )


def with_at_most(clients: int, plan: Plan) -> Plan:
    """Return the plan with no more senders a trial than that; a rate that needs more is not sustained."""

    def fewer(turns: Iterable[Turn]) -> tuple[Turn, ...]:
        return tuple(
            replace(turn, trials=tuple(replace(trial, clients=min(clients, trial.clients)) for trial in turn.trials))
            for turn in turns
        )

    return replace(plan, turns=fewer(plan.turns), others=fewer(plan.others))


def settling_s(rate: float, capacity: float | None) -> float:
    """Return how long a queue takes to forget how it began, in seconds: twice its relaxation time."""
    return 2 * relaxing_s(rate, capacity)


def relaxing_s(rate: float, capacity: float | None) -> float:
    """Return a queue's relaxation time in seconds.

    That is 1 / (capacity (1 - sqrt(load))^2) for Poisson arrivals and exponential service (Cohen, The Single Server
    Queue, II.4.1), and a bound for the steadier service of a slot. Beyond the capacity nothing settles: 0.
    """
    if capacity is None or rate >= capacity:
        return 0.0
    return 1 / (capacity * (1 - math.sqrt(rate / capacity)) ** 2)


def _timing(rate: float, settled_s: float, usual: Timing) -> Timing:
    """Return the timing with a warm-up in which the queue settles, and a window with enough arrivals to judge."""
    enough_s = min(ENOUGH_ARRIVALS / rate, LONGEST_WINDOW_S)
    return replace(usual, warmup_s=max(usual.warmup_s, settled_s), window_s=max(usual.window_s, enough_s))


def rates_of(lane: str, config: Config, profile: Profile, capacity: Mapping[str, float]) -> list[Point]:
    """Return a lane's rates: those asked for, as they are; shares of its pair's smaller capacity, and of its own."""
    pairs = [pair for pair in (*config.primaries, *config.controls) if lane in pair.lanes]
    own = [capacity[lane]] if lane in capacity and lane not in config.only_controls else []
    derived = [
        *(rate for pair in pairs for rate in _of_pair(pair, config, profile, capacity)),
        *(share * most for most in own for share in profile.own_shares),
    ]
    return [Point("open", rate) for rate in sorted({*profile.rates, *map(_rounded, derived)})]


def common_rate(config: Config, profile: Profile, capacity: Mapping[str, float]) -> float:
    """Return the highest rate at which the pairs of open load are judged: 0 where there is none."""
    pairs = [pair for pair in config.primaries if pair.load == "open"]
    shares = [rate for pair in pairs for rate in _of_pair(pair, config, profile, capacity)]
    return max(profile.rates or map(_rounded, shares), default=0.0)


def _of_pair(pair: Against, config: Config, profile: Profile, capacity: Mapping[str, float]) -> list[float]:
    """Return the shares of the smaller capacity of a pair; a control is given what its lane is given in its pair."""
    pairs = [other for other in config.primaries if pair.baseline in other.lanes] if pair in config.controls else [pair]
    known = [min(capacity[name] for name in other.lanes) for other in pairs if capacity.keys() >= set(other.lanes)]
    return [share * least for least in dict.fromkeys(known) for share in profile.pair_shares]


def senders(rate: float, wait_s: float, processes: int, *, asked: bool = True) -> int:
    """Return how many senders a rate gets.

    UsageError where Locust cannot hold what theory has in flight at a rate that was `asked` for; one that was derived
    gets as many as there are, and is not sustained if they do not suffice.
    """
    most, needed = SENDERS_MOST * processes, math.ceil(rate * wait_s) + SENDERS_LEAST
    if needed > most and asked:
        raise UsageError(
            f"{rate:g} arrivals/s need {needed:,} connections, and {processes} Locust process(es) hold {most:,}",
            hint=f"choose lower rates, or more processes: --processes {math.ceil(needed / SENDERS_MOST)}",
        )
    return min(most, math.ceil(SENDERS_SPARE * rate * wait_s) + SENDERS_LEAST)


def _lanes(config: Config, profile: Profile) -> list[str]:
    """Return the lanes without those that are there as a control only."""
    return [name for name in profile.lanes if name not in config.only_controls]


def _rounded(rate: float) -> float:
    """Return a rate that follows from a capacity with three significant digits: it is a name, too."""
    return float(f"{rate:.3g}")
