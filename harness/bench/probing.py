"""The search for the rate that keeps an SLO, as a part of a run: closed load names it, open load confirms it."""

from typing import TYPE_CHECKING

from harness.bench.setting import Setting
from harness.capacity.named import named_rates, tail_of
from harness.capacity.search import next_rates
from harness.errors import UsageError
from harness.facts.config import Profile
from harness.facts.run import Run
from harness.facts.slo import Slo
from harness.measure.site import most_clients
from harness.plan.closed_load import Plan
from harness.plan.probes import can_resolve, probe_plan, window_s
from harness.store.read_run import probed, read_run

if TYPE_CHECKING:
    from harness.bench.session import Session


def climb_and_probe(session: "Session", plan: Plan, setting: Setting, slo: Slo) -> None:
    """Measure closed load, let the model name each lane's rate, and probe around it until the search is at its end.

    What is measured next follows from the trials alone, so that a run that was broken off goes on where it was.
    UsageError where no lane keeps the SLO even when it is idle, or where no probe could prove it.
    """
    session.run(plan.rest, setting)
    run = read_run(session.folder.path)
    tail = tail_of(setting.delays.mean_s, setting.delays.longest_s)
    named = named_rates(run, slo, tail)
    session.note(named=named)
    for lane, rate in named.items():
        session.say(f"{lane}: the model names {rate:g} arrivals/s" if rate else f"{lane}: no rate keeps {slo}")
    wanted = {lane: rate for lane, rate in named.items() if rate and can_resolve(rate, slo, setting.profile)}
    if not wanted:
        raise none_resolved(named, slo, setting.profile) if any(named.values()) else none_keeps(run, slo)
    basis = setting.basis
    clients = most_clients(max(setting.config.lanes[lane].calls_at_once(setting.scenario) for lane in wanted))
    first = plan.blocks + 1
    while due := _due(session, wanted, setting, first):
        session.run(probe_plan(due, first, basis, slo, clients), setting)
        first += setting.profile.verdict_blocks


def _due(session: "Session", wanted: dict[str, float], setting: Setting, first: int) -> dict[str, list[float]]:
    """Return the rates of each lane that follow from the blocks before `first`."""
    trials = [trial for trial in session.folder.read_trials() if trial.block < first]
    before = {found.lane: found.probes for found in probed(session.folder, session.info, trials)}
    blocks = setting.profile.verdict_blocks
    due = {lane: next_rates(rate, before.get(lane, ()), blocks) for lane, rate in wanted.items()}
    return {lane: rates for lane, rates in due.items() if rates}


def none_keeps(run: Run, slo: Slo) -> UsageError:
    """Return the error that says which lane comes nearest."""
    nearest = sorted(
        (trial.users or 0, trial.latency_p50_ms, trial.lane)
        for trial in run.trials
        if trial.load == "closed" and trial.status == "valid" and trial.latency_p50_ms is not None
    )
    if not nearest:
        return UsageError(
            "no lane has a valid point of closed load to begin with",
            hint="see the reasons: make report RUN=results/latest",
        )
    users, ms, lane = nearest[0]
    return UsageError(
        f"no lane keeps {slo} at any rate: the nearest is {lane}, whose median with {users} "
        f"user{'s' if users != 1 else ''} is {ms:.0f} ms",
        hint="allow more time than an idle lane takes, most of which is the upstream's",
    )


def none_resolved(named: dict[str, float], slo: Slo, profile: Profile) -> UsageError:
    """Return the error that says how many requests it would take, for the lane that has most."""
    lane, rate = max(named.items(), key=lambda item: item[1])
    seconds, blocks = window_s(rate, slo, profile), profile.verdict_blocks
    return UsageError(
        f"too few requests to resolve {slo}: it takes {slo.least_requests:,} of which none is late, and {lane} at "
        f"{rate:g}/s has {rate * seconds * blocks:,.0f} in {blocks} windows of {seconds:.0f} s",
        hint="more blocks (BLOCKS=), a lower percentile, or a larger share of errors",
    )
