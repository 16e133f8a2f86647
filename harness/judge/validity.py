"""The rules that a valid trial keeps, as data: reasons and the report's table of rules are made from `RULES` alone."""

from collections.abc import Iterator, Sequence

from harness.errors import UsageError
from harness.facts.config import Bounds, Lane
from harness.facts.names import nearest
from harness.facts.routes import Route
from harness.facts.trial import Trial
from harness.judge.contradictions import (
    answered,
    caller_agrees,
    clocks_kept,
    counts_agree,
    identity_proven,
    in_steady_state,
    no_listen_overflow,
    no_worker_lost,
    setup_succeeded,
    stub_agrees,
    upstream_known,
)
from harness.judge.rule import Bounded, Case, Exact, Rule, ShareOf


def reasons(case: Case) -> list[str]:
    """Return every reason that makes the trial invalid; none for a valid one.

    Under a fault the rules do not hold that a server in trouble cannot keep.
    """
    found = (rule.reason(case) for rule in declared(case.bounds) if not (case.trial.fault and rule.name in SPARED))
    return [*case.observed.watched.faults, *(reason for reason in found if reason)]


def declared(bounds: Bounds) -> Iterator[Rule]:
    """Yield the rules of a run that declared these bounds; one that came later than the run has none, and is left out.

    Of a bench.toml `check_bounds` makes sure that no rule is.
    """
    return (rule for rule in RULES if not isinstance(rule, Bounded) or bounds.keys() >= set(rule.bounds))


def check_bounds(bounds: Bounds, source: str) -> None:
    """Raise UsageError unless these are the bounds that the rules name: none unknown, none missing."""
    named = dict.fromkeys(name for rule in RULES if isinstance(rule, Bounded) for name in rule.bounds)
    for name in bounds:
        if name not in named:
            raise UsageError(f"{source}: there is no key 'validity.{name}'", hint=nearest(name, named))
    for name in named:
        if name not in bounds:
            raise UsageError(f"{source}: validity.{name} is missing", hint=f"state it in [validity] of {source}")


def not_checked(lane: Lane, routes: Sequence[Route], trial: Trial, *, matched: bool) -> list[str]:
    """Return what this lane or this machine does not allow to be checked; `matched`: calls bear ids of requests."""
    missing = [] if lane.identity else ["identity"]
    if lane.url is not None:
        missing += ["fresh server", "core", "backlog", *([] if trial.cpu_share is not None else ["CPU", "memory"])]
    if not routes:
        missing += ["requests by id", "idle users"]
    if not routes or any(route.upstream is None for route in routes):
        missing += ["upstream calls", "limit"]
    elif not matched:
        missing.append("which request made which call")
    return missing + [rule.unread for rule in RULES if isinstance(rule, Bounded) and _is_unread(rule, trial)]


def declared_by_name(bounds: Bounds) -> dict[str, Rule]:
    """Return the rules of a run that declared these bounds, by their names."""
    return {rule.name: rule for rule in declared(bounds)}


def rule_named(name: str) -> Rule:
    """Return the rule of that name."""
    return next(rule for rule in RULES if rule.name == name)


def _is_unread(rule: Bounded, trial: Trial) -> bool:
    return bool(rule.unread) and rule.read(trial) is None


def _failed_share(trial: Trial) -> float | None:
    """Of no good answer at all another rule speaks."""
    return trial.window_failed / (trial.window_ok + trial.window_failed) if trial.window_ok else None


def _off_littles_law(trial: Trial) -> float | None:
    """Return how far throughput x mean latency is from the number of users that do not think, as a share of it."""
    if (
        not trial.users
        or not trial.steady
        or trial.user_idle_ms is None
        or trial.throughput_rps is None
        or trial.latency_mean_ms is None
    ):
        return None
    waiting = trial.users - (trial.thinking_users or 0.0)
    return abs(trial.throughput_rps * trial.latency_mean_ms / 1000 / waiting - 1) if waiting > 0 else None


def _limit_share(trial: Trial) -> float | None:
    """Return throughput / limit; the limit by CPU follows from the trial itself, and so proves nothing."""
    reached, limit_rps = trial.throughput_rps, trial.limit_rps
    return reached / limit_rps if reached and limit_rps and trial.limit_by != "cpu" else None


def _send_lateness_ms(trial: Trial) -> float | None:
    """Arrivals that found no free sender are late by the server's doing, not the generator's."""
    return None if trial.waited else trial.send_lateness_p99_ms


# What a fault itself brings about: errors, no answers at all, a listen queue that overflows behind a full server, and
# a burst of calls as it recovers.
SPARED = frozenset({"answered", "failed", "listen queue", "limit", "stub lateness"})

RULES: tuple[Rule, ...] = (
    Exact("setup", "each setup request was answered as it should be", setup_succeeded),
    Exact("endpoints", "the service called nothing that the stub does not answer", upstream_known),
    Exact("answered", "requests were answered in the window", answered),
    Bounded(
        name="failed",
        what="failed answers",
        bound="failed_share",
        allowed="{bound} of the window's",
        reading=_failed_share,
        broken="{value:.1%} of the window's answers failed: {errors}",
    ),
    Bounded(
        name="edges",
        what="lateness of the CPU readings at the window's edges",
        bound="edge_late_ms",
        or_share=ShareOf("edge_late_share", lambda trial: trial.window_s * 1000),
        allowed="{bound} or {share} of the window",
        reading=lambda trial: trial.edge_late_ms,
        broken="a window edge was read {value:,.0f} ms late: the harness was stopped or starved",
        unit="ms",
    ),
    Bounded(
        name="Little's law",
        what="closed load: how far throughput x mean latency / users that wait is from 1",
        bound="littles_law_share",
        reading=_off_littles_law,
        broken="throughput x mean latency is {value:.0%} off the number of users: the load was not steady",
        load="closed",
    ),
    Exact("counts", "each request that was sent is there once, with one outcome", counts_agree),
    Exact("workers", "no Locust process was lost, and what it recorded with it", no_worker_lost),
    Exact("stub", "the stub's calls, by request id, are those that the answers require", stub_agrees),
    Exact("identity", "every answer names the app that the lane promises", identity_proven),
    Exact(
        "steady state",
        "every user had an answer when the window opened; warm-up and window suit the response time",
        in_steady_state,
    ),
    Bounded(
        name="generator cpu",
        what="CPU of a Locust process",
        bound="generator_cpu_share",
        allowed="{bound} of a core",
        reading=lambda trial: trial.generator_cpu_share,
        broken="the generator used {value:.0%} of a core",
    ),
    Bounded(
        name="driver cpu",
        what="CPU of generator and stub",
        bound="driver_cpu_share",
        allowed="{bound} of their cores",
        reading=lambda trial: trial.driver_cpu_share,
        broken="generator and stub used {value:.0%} of their cores",
    ),
    Bounded(
        name="limit",
        what="throughput, of the limit by users, slots or pool",
        bound="limit_share",
        reading=_limit_share,
        broken="throughput is {value:.0%} of the limit",
    ),
    Bounded(
        name="stub lateness",
        what="lateness of the stub, p99",
        bound="stub_lateness_ms",
        or_share=ShareOf("stub_lateness_share", lambda trial: trial.upstream_mean_ms),
        allowed="{bound} or {share} of the upstream time",
        reading=lambda trial: trial.stub_lateness_p99_ms,
        broken="the stub was {value:.1f} ms late at p99, more than {most:.1f}",
        unit="ms",
    ),
    Bounded(
        name="idle users",
        what="closed load: time of a user without a request, per answer",
        bound="user_idle_ms",
        or_share=ShareOf("user_idle_share", lambda trial: trial.latency_mean_ms),
        allowed="0 to {bound} or {share} of the mean latency",
        reading=lambda trial: None if trial.latency_mean_ms is None else trial.user_idle_ms,
        broken="users were without a request for {value:.2f} ms an answer, not within 0 and {most:.2f}",
        unit="ms",
        least=0.0,
        load="closed",
    ),
    Bounded(
        name="send lateness",
        what="open load: lateness of a send, p99",
        bound="send_lateness_ms",
        or_share=ShareOf("send_lateness_share", lambda trial: trial.latency_p50_ms),
        allowed="{bound} or {share} of the p50 latency",
        reading=_send_lateness_ms,
        broken="arrivals were sent {value:.2f} ms late at p99, more than {most:.2f}",
        unit="ms",
        load="open",
    ),
    Exact("caller", "no app saw an upstream answer earlier than the stub says that it sent it", caller_agrees),
    Exact("listen queue", "no listen queue overflowed", no_listen_overflow),
    Bounded(
        name="generator queue",
        what="generator waited for its core",
        bound="generator_queue_share",
        allowed="{bound} of the window",
        reading=lambda trial: trial.generator_queue_share,
        broken="the generator waited for a core for {value:.0%} of the window",
    ),
    Bounded(
        name="stub queue",
        what="stub waited for its core",
        bound="stub_queue_share",
        allowed="{bound} of the window",
        reading=lambda trial: trial.stub_queue_share,
        broken="the stub waited for a core for {value:.0%} of the window",
    ),
    Bounded(
        name="watching",
        what="the harness stood still",
        bound="still_ms",
        allowed="{bound} at a time",
        reading=lambda trial: trial.still_ms,
        broken="the harness stood still for {value:,.0f} ms while the trial ran",
        unit="ms",
    ),
    Bounded(
        name="steal",
        what="steal: the hypervisor took",
        bound="steal_share",
        allowed="{bound} of a core",
        reading=lambda trial: trial.steal_share,
        broken="steal time was {value:.0%} of one core",
    ),
    Bounded(
        name="foreign",
        what="foreign: other processes used",
        bound="foreign_share",
        allowed="{bound} of a core",
        reading=lambda trial: trial.foreign_share,
        broken="other processes used {value:.0%} of one core",
    ),
    Bounded(
        name="server busy",
        what="others on the server's core",
        bound="server_busy_share",
        allowed="{bound} of it",
        reading=lambda trial: trial.server_busy_share,
        broken="others used {value:.1%} of the server's core",
        unread="others on the server's core",
    ),
    Bounded(
        name="throttled",
        what="throttled by the cgroup's CPU quota",
        bound="throttled_share",
        allowed="{bound} of the window",
        reading=lambda trial: trial.throttled_share,
        broken="the cgroup's CPU quota held processes back for {value:.1%} of the window",
    ),
    Bounded(
        name="memory pressure",
        what="pressure: processes waited for memory",
        bound="pressure_share",
        allowed="{bound} of the window",
        reading=lambda trial: trial.memory_pressure_share,
        broken="processes waited for memory for {value:.0%} of the window",
    ),
    Bounded(
        name="io pressure",
        what="pressure: processes waited for a disk",
        bound="pressure_share",
        allowed="{bound} of the window",
        reading=lambda trial: trial.io_pressure_share,
        broken="processes waited for a disk for {value:.0%} of the window",
    ),
    Bounded(
        name="worker share",
        what="several senders: how far one is from its equal share of the requests",
        bound="worker_imbalance_share",
        reading=lambda trial: trial.worker_imbalance,
        broken="a Locust process sent {value:.0%} more or less than its share",
        apart=True,
    ),
    Exact("clocks", "several machines: no clock was set meanwhile", clocks_kept, apart=True),
    Bounded(
        name="clock uncertainty",
        what="several machines: uncertainty of how far a clock is ahead",
        bound="clock_uncertainty_ms",
        reading=lambda trial: trial.clock_uncertainty_ms,
        broken="another machine's clock is known to {value:.1f} ms only: the way there is slow or busy",
        unit="ms",
        apart=True,
    ),
    Bounded(
        name="way to the server",
        what="several machines: change of the time to the server and back",
        bound="rtt_drift_ms",
        or_share=ShareOf("rtt_drift_share", lambda trial: trial.latency_p50_ms),
        allowed="{bound} or {share} of the p50 latency",
        reading=lambda trial: trial.rtt_drift_ms,
        broken="the way to the server and back became {value:.1f} ms longer or shorter, more than {most:.1f}",
        unit="ms",
        apart=True,
    ),
)
