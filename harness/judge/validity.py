"""The rules that a valid trial keeps: one small function each, and every reason that holds is collected."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.facts.config import Lane, Route, Validity
from harness.facts.records import Trial
from harness.judge.counts import Observed


@dataclass(frozen=True)
class Case:
    """A trial to be judged: what was observed, what follows from it, and what was asked for."""

    observed: Observed
    trial: Trial
    lane: Lane
    routes: Sequence[Route]
    bounds: Validity


Rule = Callable[[Case], str | None]


def reasons(case: Case) -> list[str]:
    """Return every reason that makes the trial invalid; none for a valid one."""
    found = (rule(case) for rule in RULES)
    return [*case.observed.watched.faults, *(reason for reason in found if reason)]


def not_checked(lane: Lane, routes: Sequence[Route]) -> list[str]:
    """Return what this lane does not allow to be checked."""
    missing = [] if lane.identity else ["identity"]
    return missing if _calls_known(routes) else [*missing, "upstream calls", "limit"]


def answered(case: Case) -> str | None:
    """At least one good answer belongs to the window; of overloaded open load it may have been due before."""
    good = case.trial.window_ok if case.trial.load == "closed" else case.trial.throughput_rps
    if good:
        return None
    if case.observed.ok or not case.observed.wrong_answers:
        return "no request was answered in the window"
    worst = case.observed.wrong_answers[0]
    body = f", the first body begins {worst.body!r}" if worst.body else ""
    return f"every answer was wrong: {worst.error} ({worst.count} of {case.observed.failed}){body}"


def few_failed(case: Case) -> str | None:
    """Nearly every answer of the window is a good one: figures of the few others describe no server that works."""
    good, failed = case.trial.window_ok, case.trial.window_failed
    if not good or (share := failed / (good + failed)) <= case.bounds.failed_share:
        return None
    kinds = ", ".join(f"{kind.error} ({kind.count})" for kind in case.observed.wrong_answers)
    return f"{share:.1%} of the window's answers failed: {kinds}"


def edges_on_time(case: Case) -> str | None:
    """CPU was read at the window's edges: a reading that comes late belongs to another stretch of time."""
    late_s, bounds = case.observed.edge_late_s, case.bounds
    if late_s is None or late_s <= max(bounds.edge_late_ms / 1000, bounds.edge_late_share * case.trial.window_s):
        return None
    return f"a window edge was read {late_s:.1f} s late: the harness was stopped or starved"


def littles_law(case: Case) -> str | None:
    """Closed load: throughput x mean latency is the number of users; else some were stuck until after the window."""
    trial = case.trial
    if not trial.users or not trial.steady or trial.throughput_rps is None or trial.latency_mean_ms is None:
        return None
    share = trial.throughput_rps * trial.latency_mean_ms / 1000 / trial.users
    if abs(share - 1) <= case.bounds.littles_law_share:
        return None
    return f"throughput x mean latency is {share:.2f} of the users, not 1: some were not served in the window"


def counts_agree(case: Case) -> str | None:
    """Each request that was sent is there once, with one outcome."""
    trial, distinct = case.trial, case.observed.distinct_ids
    accounted = trial.ok + trial.failed + trial.censored
    if trial.started == accounted == distinct:
        return None
    return f"{trial.started} requests were sent, {accounted} have an outcome, {distinct} ids are distinct"


def stub_agrees(case: Case) -> str | None:
    """The stub's calls, by request id, are those that the outcomes require."""
    observed = case.observed
    if not observed.wrong_calls:
        return None
    return f"{observed.wrong_calls} requests with wrong upstream calls: {'; '.join(observed.wrong_examples)}"


def identity_proven(case: Case) -> str | None:
    """Every answer names the app that the lane promises."""
    wrong = case.observed.wrong_identity
    return f"{wrong} answers came from another app" if wrong else None


def no_worker_lost(case: Case) -> str | None:
    """Every Locust process has handed in what it recorded."""
    lost = case.observed.sent.lost_workers
    return f"{lost} Locust workers were lost, and what they recorded with them" if lost else None


def in_steady_state(case: Case) -> str | None:
    """Every user has been served once, and warm-up and window are long enough for the response time."""
    mean_ms = case.trial.latency_mean_ms
    if case.trial.load == "closed" and mean_ms is not None and not case.observed.timing.suits(mean_ms / 1000):
        return f"not in steady state: the mean response time was {mean_ms / 1000:.2f} s"
    if case.trial.late_users:
        return f"not in steady state: {case.trial.late_users} users had no answer when the window opened"
    return None


def generator_kept_up(case: Case) -> str | None:
    """Each Locust process alone, and all of them with the stub, left their cores idle enough to be trusted."""
    generator, driver = case.trial.generator_cpu_share, case.trial.driver_cpu_share
    if generator is not None and generator > case.bounds.generator_cpu_share:
        return f"the generator used {generator:.0%} of a core"
    if driver is not None and driver > case.bounds.driver_cpu_share:
        return f"generator and stub used {driver:.0%} of their cores"
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
    overflows = case.trial.listen_overflows
    return f"a listen queue overflowed {overflows} times" if overflows else None


def sent_on_time(case: Case) -> str | None:
    """Open load: the arrivals were sent when they were due.

    Where a rate was not sustained, and so has no median, the absolute bound stands alone. Arrivals that found no free
    sender are late by the server's doing, not the generator's.
    """
    late_ms, p50_ms = case.trial.send_lateness_p99_ms, case.trial.latency_p50_ms
    if late_ms is None or case.trial.waited:
        return None
    bound_ms = max(case.bounds.send_lateness_ms, case.bounds.send_lateness_share * (p50_ms or 0.0))
    return f"arrivals were sent {late_ms:.2f} ms late at p99, more than {bound_ms:.2f}" if late_ms > bound_ms else None


def caller_agrees(case: Case) -> str | None:
    """No app saw an answer earlier than the stub says that it sent it."""
    early = case.observed.early_answers
    return f"{early} upstream calls were shorter for the app than for the stub" if early else None


def generator_was_run(case: Case) -> str | None:
    """The generator got a core soon after it had something to do."""
    return _above(
        case.trial.generator_queue_share, case.bounds.generator_queue_share, "the generator waited for a core"
    )


def nothing_stolen(case: Case) -> str | None:
    """The hypervisor gave the machine the time that it asked for."""
    return _of_a_core(case.trial.steal_share, case.bounds.steal_share, "steal time was")


def nobody_else_ran(case: Case) -> str | None:
    """No process that is not part of this run used much of the machine."""
    return _of_a_core(case.trial.foreign_share, case.bounds.foreign_share, "other processes used")


def memory_and_disk_free(case: Case) -> str | None:
    """Nobody waited long for memory or a disk."""
    pressure = max(case.trial.memory_pressure_share or 0.0, case.trial.io_pressure_share or 0.0)
    return _above(pressure, case.bounds.pressure_share, "processes waited for memory or a disk")


def speed_was_steady(case: Case) -> str | None:
    """The server's core ran as fast after the trial as before it."""
    drift, bound = case.trial.speed_drift, case.bounds.speed_drift
    return f"the server's core changed its speed by {drift:.0%}" if drift is not None and drift > bound else None


RULES: tuple[Rule, ...] = (
    answered,
    few_failed,
    edges_on_time,
    littles_law,
    counts_agree,
    no_worker_lost,
    stub_agrees,
    identity_proven,
    in_steady_state,
    generator_kept_up,
    within_limit,
    stub_on_time,
    users_were_busy,
    sent_on_time,
    caller_agrees,
    no_listen_overflow,
    generator_was_run,
    nothing_stolen,
    nobody_else_ran,
    memory_and_disk_free,
    speed_was_steady,
)


def _calls_known(routes: Sequence[Route]) -> bool:
    return all(route.upstream is not None for route in routes)


def _of_a_core(share: float | None, bound: float, what: str) -> str | None:
    return f"{what} {share:.0%} of one core" if share is not None and share > bound else None


def _above(share: float | None, bound: float, what: str) -> str | None:
    return f"{what} for {share:.0%} of the window" if share is not None and share > bound else None
