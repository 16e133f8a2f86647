"""The rules that a valid trial keeps: one small function each, and every reason that holds is collected."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.config import Lane, Route, Validity
from harness.judge.evidence import Evidence
from harness.judge.reconcile import EXAMPLES, disagreements
from harness.plan.timing import Timing
from harness.records import Trial


@dataclass(frozen=True)
class Case:
    """A trial to be judged: what was observed, what follows from it, and what was asked for."""

    evidence: Evidence
    trial: Trial
    timing: Timing
    lane: Lane
    routes: Sequence[Route]
    bounds: Validity


Rule = Callable[[Case], str | None]


def reasons(case: Case) -> list[str]:
    """Return every reason that makes the trial invalid; none for a valid one."""
    found = (rule(case) for rule in RULES)
    return [*case.evidence.faults, *(reason for reason in found if reason)]


def not_checked(lane: Lane, routes: Sequence[Route]) -> list[str]:
    """Return what this lane does not allow to be checked."""
    missing = [] if lane.identity else ["identity"]
    return missing if _calls_known(routes) else [*missing, "upstream calls", "limit"]


def answered(case: Case) -> str | None:
    """At least one request of the window was answered well."""
    return None if case.trial.window_ok else "no request was answered in the window"


def counts_agree(case: Case) -> str | None:
    """Each request that was sent is there once, with one outcome."""
    trial, ids = case.trial, case.evidence.requests.id
    accounted = trial.ok + trial.failed + trial.censored
    if trial.started == accounted == len(set(ids)):
        return None
    return f"{trial.started} requests were sent, {accounted} have an outcome, {len(set(ids))} ids are distinct"


def stub_agrees(case: Case) -> str | None:
    """The stub's calls, by request id, are those that the outcomes require."""
    if not _calls_known(case.routes):
        return None
    strange = disagreements(case.evidence.requests, case.evidence.calls, case.routes)
    return f"{len(strange)} requests with wrong upstream calls: {'; '.join(strange[:EXAMPLES])}" if strange else None


def identity_proven(case: Case) -> str | None:
    """Every answer names the app that the lane promises."""
    wrong = sum(error.startswith("wrong identity") for error in case.evidence.requests.error)
    return f"{wrong} answers came from another app" if wrong else None


def in_steady_state(case: Case) -> str | None:
    """Every user has been served once, and warm-up and window are long enough for the response time."""
    mean_ms = case.trial.latency_mean_ms
    if mean_ms is not None and not case.timing.suits(mean_ms / 1000):
        return f"not in steady state: the mean response time was {mean_ms / 1000:.2f} s"
    if case.trial.late_users:
        return f"not in steady state: {case.trial.late_users} users had no answer when the window opened"
    return None


def generator_kept_up(case: Case) -> str | None:
    """The generator alone, and with the stub, left its core idle enough to be trusted."""
    generator, stub = case.trial.generator_cpu_share, case.trial.stub_cpu_share
    if generator is None or stub is None:
        return None
    if generator > case.bounds.generator_cpu_share:
        return f"the generator used {generator:.0%} of a core"
    shared = case.evidence.cost is not None and case.evidence.cost.shared_core
    if shared and generator + stub > case.bounds.driver_cpu_share:
        return f"generator and stub used {generator + stub:.0%} of a core"
    return None


def within_limit(case: Case) -> str | None:
    """The throughput is not above what theory allows: then a setting is not what bench.toml says."""
    reached, limit_rps = case.trial.throughput_rps, case.trial.limit_rps
    if reached is None or limit_rps is None or case.trial.limit_by == "cpu":
        return None
    share = reached / limit_rps
    return f"throughput is {share:.0%} of the limit" if share > case.bounds.limit_share else None


def stub_on_time(case: Case) -> str | None:
    """The stub delivered the delays that it was asked for."""
    lateness_ms = case.trial.stub_lateness_p99_ms
    bound_ms = max(case.bounds.stub_lateness_ms, case.bounds.stub_lateness_share * (case.trial.upstream_mean_ms or 0.0))
    if lateness_ms is None or lateness_ms <= bound_ms:
        return None
    return f"the stub was {lateness_ms:.1f} ms late at p99, more than {bound_ms:.1f}"


def users_were_busy(case: Case) -> str | None:
    """Little's law: users of closed load always wait for an answer, but for the moment between two requests."""
    idle_ms, latency_ms = case.trial.user_idle_ms, case.trial.latency_mean_ms
    if idle_ms is None or latency_ms is None:
        return None
    bound_ms = max(case.bounds.user_idle_ms, case.bounds.user_idle_share * latency_ms)
    if 0 <= idle_ms <= bound_ms:
        return None
    return f"users were without a request for {idle_ms:.2f} ms an answer, not within 0 and {bound_ms:.2f}"


def no_listen_overflow(case: Case) -> str | None:
    """No connection was turned away: a refused one comes back after 1, 3 or 7 s and passes for latency."""
    overflows = case.evidence.listen_overflows
    return f"a listen queue overflowed {overflows} times" if overflows else None


RULES: tuple[Rule, ...] = (
    answered,
    counts_agree,
    stub_agrees,
    identity_proven,
    in_steady_state,
    generator_kept_up,
    within_limit,
    stub_on_time,
    users_were_busy,
    no_listen_overflow,
)


def _calls_known(routes: Sequence[Route]) -> bool:
    return all(route.upstream is not None for route in routes)
