"""The rules that a valid trial keeps, as data: reasons and the report's table of rules are made from `RULES` alone."""

from collections.abc import Sequence

from harness.facts.config import Lane, Route
from harness.facts.records import Trial
from harness.judge.contradictions import (
    answered,
    caller_agrees,
    counts_agree,
    identity_proven,
    in_steady_state,
    no_listen_overflow,
    no_worker_lost,
    stub_agrees,
)
from harness.judge.rule import Bounded, Case, Exact, Rule


def reasons(case: Case) -> list[str]:
    """Return every reason that makes the trial invalid; none for a valid one."""
    found = (rule.reason(case) for rule in RULES)
    return [*case.observed.watched.faults, *(reason for reason in found if reason)]


def not_checked(lane: Lane, routes: Sequence[Route], trial: Trial) -> list[str]:
    """Return what this lane or this machine does not allow to be checked."""
    missing = [] if lane.identity else ["identity"]
    if any(route.upstream is None for route in routes):
        missing += ["upstream calls", "limit"]
    return missing + [rule.unread for rule in RULES if isinstance(rule, Bounded) and _is_unread(rule, trial)]


def rule_named(name: str) -> Rule:
    """Return the rule of that name."""
    return next(rule for rule in RULES if rule.name == name)


def _is_unread(rule: Bounded, trial: Trial) -> bool:
    return bool(rule.unread) and rule.read(trial) is None


def _failed_share(trial: Trial) -> float | None:
    """Of no good answer at all another rule speaks."""
    return trial.window_failed / (trial.window_ok + trial.window_failed) if trial.window_ok else None


def _off_littles_law(trial: Trial) -> float | None:
    """Return how far throughput x mean latency is from the number of users, as a share of it."""
    if not trial.users or not trial.steady or trial.throughput_rps is None or trial.latency_mean_ms is None:
        return None
    return abs(trial.throughput_rps * trial.latency_mean_ms / 1000 / trial.users - 1)


def _limit_share(trial: Trial) -> float | None:
    """Return throughput / limit; the limit by CPU follows from the trial itself, and so proves nothing."""
    reached, limit_rps = trial.throughput_rps, trial.limit_rps
    return reached / limit_rps if reached and limit_rps and trial.limit_by != "cpu" else None


def _send_lateness_ms(trial: Trial) -> float | None:
    """Arrivals that found no free sender are late by the server's doing, not the generator's."""
    return None if trial.waited else trial.send_lateness_p99_ms


RULES: tuple[Rule, ...] = (
    Exact("answered", "requests were answered in the window", answered),
    Bounded(
        name="failed",
        what="failed answers",
        allowed="{failed_share} of the window's",
        most=lambda bounds, _: bounds.failed_share,
        reading=_failed_share,
        broken="{value:.1%} of the window's answers failed: {errors}",
    ),
    Bounded(
        name="edges",
        what="lateness of the CPU readings at the window's edges",
        allowed="{edge_late_ms} ms or {edge_late_share} of the window",
        most=lambda bounds, trial: max(bounds.edge_late_ms, bounds.edge_late_share * trial.window_s * 1000),
        reading=lambda trial: trial.edge_late_ms,
        broken="a window edge was read {value:,.0f} ms late: the harness was stopped or starved",
        unit="ms",
    ),
    Bounded(
        name="Little's law",
        what="closed load: how far throughput x mean latency / users is from 1",
        allowed="{littles_law_share}",
        most=lambda bounds, _: bounds.littles_law_share,
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
        allowed="{generator_cpu_share} of a core",
        most=lambda bounds, _: bounds.generator_cpu_share,
        reading=lambda trial: trial.generator_cpu_share,
        broken="the generator used {value:.0%} of a core",
    ),
    Bounded(
        name="driver cpu",
        what="CPU of generator and stub",
        allowed="{driver_cpu_share} of their cores",
        most=lambda bounds, _: bounds.driver_cpu_share,
        reading=lambda trial: trial.driver_cpu_share,
        broken="generator and stub used {value:.0%} of their cores",
    ),
    Bounded(
        name="limit",
        what="throughput, of the limit by users, slots or pool",
        allowed="{limit_share}",
        most=lambda bounds, _: bounds.limit_share,
        reading=_limit_share,
        broken="throughput is {value:.0%} of the limit",
    ),
    Bounded(
        name="stub lateness",
        what="lateness of the stub, p99",
        allowed="{stub_lateness_ms} ms or {stub_lateness_share} of the upstream time",
        most=lambda bounds, trial: max(
            bounds.stub_lateness_ms, bounds.stub_lateness_share * (trial.upstream_mean_ms or 0.0)
        ),
        reading=lambda trial: trial.stub_lateness_p99_ms,
        broken="the stub was {value:.1f} ms late at p99, more than {most:.1f}",
        unit="ms",
    ),
    Bounded(
        name="idle users",
        what="closed load: time of a user without a request, per answer",
        allowed="0 to {user_idle_ms} ms or {user_idle_share} of the mean latency",
        most=lambda bounds, trial: max(bounds.user_idle_ms, bounds.user_idle_share * (trial.latency_mean_ms or 0.0)),
        reading=lambda trial: None if trial.latency_mean_ms is None else trial.user_idle_ms,
        broken="users were without a request for {value:.2f} ms an answer, not within 0 and {most:.2f}",
        unit="ms",
        least=0.0,
        load="closed",
    ),
    Bounded(
        name="send lateness",
        what="open load: lateness of a send, p99",
        allowed="{send_lateness_ms} ms or {send_lateness_share} of the p50 latency",
        most=lambda bounds, trial: max(
            bounds.send_lateness_ms, bounds.send_lateness_share * (trial.latency_p50_ms or 0.0)
        ),
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
        allowed="{generator_queue_share} of the window",
        most=lambda bounds, _: bounds.generator_queue_share,
        reading=lambda trial: trial.generator_queue_share,
        broken="the generator waited for a core for {value:.0%} of the window",
    ),
    Bounded(
        name="steal",
        what="steal: the hypervisor took",
        allowed="{steal_share} of a core",
        most=lambda bounds, _: bounds.steal_share,
        reading=lambda trial: trial.steal_share,
        broken="steal time was {value:.0%} of one core",
    ),
    Bounded(
        name="foreign",
        what="foreign: other processes used",
        allowed="{foreign_share} of a core",
        most=lambda bounds, _: bounds.foreign_share,
        reading=lambda trial: trial.foreign_share,
        broken="other processes used {value:.0%} of one core",
    ),
    Bounded(
        name="server busy",
        what="others on the server's core",
        allowed="{server_busy_share} of it",
        most=lambda bounds, _: bounds.server_busy_share,
        reading=lambda trial: trial.server_busy_share,
        broken="others used {value:.1%} of the server's core",
        unread="others on the server's core",
    ),
    Bounded(
        name="throttled",
        what="throttled by the cgroup's CPU quota",
        allowed="{throttled_share} of the window",
        most=lambda bounds, _: bounds.throttled_share,
        reading=lambda trial: trial.throttled_share,
        broken="the cgroup's CPU quota held processes back for {value:.1%} of the window",
    ),
    Bounded(
        name="memory pressure",
        what="pressure: processes waited for memory",
        allowed="{pressure_share} of the window",
        most=lambda bounds, _: bounds.pressure_share,
        reading=lambda trial: trial.memory_pressure_share,
        broken="processes waited for memory for {value:.0%} of the window",
    ),
    Bounded(
        name="io pressure",
        what="pressure: processes waited for a disk",
        allowed="{pressure_share} of the window",
        most=lambda bounds, _: bounds.pressure_share,
        reading=lambda trial: trial.io_pressure_share,
        broken="processes waited for a disk for {value:.0%} of the window",
    ),
    Bounded(
        name="speed",
        what="speed of the server's core, before against after",
        allowed="{speed_drift} apart",
        most=lambda bounds, _: bounds.speed_drift,
        reading=lambda trial: trial.speed_drift,
        broken="the server's core changed its speed by {value:.0%}",
    ),
)
