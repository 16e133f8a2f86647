"""The trials of a search for a rate: open load at rates that depend on what was found so far."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from harness.facts.config import Profile
from harness.facts.point import Place, Point
from harness.facts.slo import Slo
from harness.plan.basis import Basis
from harness.plan.closed_load import Plan, by_block, expected_wait_s, longest_delay, turns
from harness.plan.open_load import LONGEST_WINDOW_S, senders, settling_s
from harness.plan.timing import Timing, timing

LONGEST_SETTLING_S = 3.0  # near a capacity a queue settles in minutes, which the blocks' warm-ups cannot all wait for


def window_s(rate: float, slo: Slo, profile: Profile) -> float:
    """Return how long a probe's window is, in seconds: all blocks together hold the requests that can prove the SLO."""
    needed_s = slo.least_requests / (rate * profile.verdict_blocks)
    return min(LONGEST_WINDOW_S, max(profile.window_of_open_load_s, needed_s))


def can_resolve(rate: float, slo: Slo, profile: Profile) -> bool:
    """Say whether the windows of a probe hold enough requests to prove the SLO, were none of them late."""
    return rate * window_s(rate, slo, profile) * profile.verdict_blocks >= slo.least_requests * 0.999  # rounding


def probe_plan(due: Mapping[str, Sequence[float]], first: int, basis: Basis, slo: Slo, clients: int) -> Plan:
    """Return the blocks, numbered from `first`, in which each lane is probed at the rates that are due.

    From its capacity follows how long its queue takes to settle; no trial has more senders than `clients`. UsageError
    where Locust cannot hold what is in flight at a rate: what it lacks would be taken for the server's.
    """
    profile, scenario, delays = basis.profile, basis.scenario, basis.delays
    within_s = max(clause.within_ms or 0.0 for clause in slo.clauses) / 1000
    timings: dict[Place, Timing] = {}
    held: dict[Place, int] = {}
    for lane, rates in due.items():
        own = basis.config.lanes[lane]
        wait_s = expected_wait_s(own, scenario, 1, delays)
        usual = timing(wait_s, longest_delay(own, scenario, delays), profile.window_of_open_load_s)
        for rate in rates:
            settled_s = min(LONGEST_SETTLING_S, settling_s(rate, basis.capacity.get(lane)))
            place = lane, Point("open", rate)
            timings[place] = replace(
                usual,
                warmup_s=max(usual.warmup_s, settled_s),
                window_s=window_s(rate, slo, profile),
                drain_s=usual.drain_s + within_s,
            )
            needed = senders(rate, max(wait_s, within_s / 2), profile.processes)
            held[place] = min(clients, needed)
    blocks = dict.fromkeys(timings, range(first, first + profile.verdict_blocks))
    return Plan(turns(by_block(blocks, timings), list(due), basis.config, held))
