"""From the evidence of one trial to its row in trials.csv."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from harness.config import Lane, Route, Validity
from harness.judge.evidence import Evidence, Flags
from harness.judge.histograms import histogram_of, percentile_ms
from harness.judge.reconcile import delivered
from harness.judge.validity import Case, not_checked, reasons
from harness.judge.window import counts, late_users, parts, throughput_rps, user_idle_s
from harness.plan.blocks import PlannedTrial
from harness.plan.limits import limit
from harness.plan.plan import capacity_of
from harness.records import Trial

HANDLER = re.compile(r"handler;[^,]*?dur=([0-9.]+)")


def tally(
    planned: PlannedTrial, lane: Lane, routes: Sequence[Route], evidence: Evidence, bounds: Validity, **known: Any
) -> Trial:
    """Return the judged trial; `known` are the fields that do not come from the evidence (scenario, start)."""
    trial = Trial(
        trial=planned.name,
        block=planned.block,
        attempt=planned.attempt,
        lane=planned.lane,
        users=planned.users,
        load="closed",
        status="valid",
        warmup_s=planned.timing.warmup_s,
        window_s=evidence.window[1] - evidence.window[0],
        drain_s=max(0.0, float(evidence.requests.end_s.max(initial=0.0)) - evidence.window[1]),
        not_checked="; ".join(not_checked(lane, routes)),
        **known,
        **_counted(evidence),
        **_timed(evidence, planned.users),
        **_spent(evidence),
    )
    trial = trial.model_copy(update=_limited(trial, planned, lane, routes, evidence))
    found = reasons(Case(evidence, trial, planned.timing, lane, routes, bounds))
    return trial.model_copy(update={"status": "invalid" if found else "valid", "reasons": "; ".join(found)})


def _counted(evidence: Evidence) -> dict[str, int]:
    """Count every request, by outcome and by the part of the trial in which it ended."""
    requests = evidence.requests
    by_part = {part: counts(requests, which) for part, which in parts(requests, evidence.window).items()}
    return {
        "started": evidence.started,
        **{outcome: int(np.sum(requests.are(outcome))) for outcome in ("ok", "failed", "censored")},
        **{f"{part}_ok": count.ok for part, count in by_part.items()},
        **{f"{part}_failed": count.failed for part, count in by_part.items()},
        "upstream_calls": len(evidence.calls.id),
    }


def _timed(evidence: Evidence, users: int) -> dict[str, float | None]:
    """Return throughput and latencies of the window's good answers; failed and censored requests rank slowest."""
    requests, window = evidence.requests, evidence.window
    inside = parts(requests, window)["window"]
    good = inside & requests.are("ok")
    if not good.any():
        return {}
    histogram = histogram_of(requests.latency_s[good])
    slower = int(np.sum(inside & requests.are("failed")) + np.sum(requests.are("censored")))
    return {
        "throughput_rps": throughput_rps(requests, window),
        "completed_rps": float(np.sum(good)) / (window[1] - window[0]),
        "latency_mean_ms": float(requests.latency_s[good].mean()) * 1000,
        **{f"latency_p{percent}_ms": percentile_ms(histogram, percent, slower) for percent in (50, 95, 99)},
        "latency_max_ms": percentile_ms(histogram, 100),
        "handler_mean_ms": _handler_mean_ms(requests.server_timing, good),
        "late_users": late_users(requests, window, users),
        "user_idle_ms": user_idle_s(requests, window, users) * 1000,
    }


def _handler_mean_ms(server_timing: Sequence[str], which: Flags) -> float | None:
    """Return the mean duration of the app's handler, from the answers' Server-Timing; None without it."""
    found = [HANDLER.search(server_timing[place]) for place in np.flatnonzero(which).tolist()]
    durations = [float(match[1]) for match in found if match]
    return sum(durations) / len(durations) if durations else None


def _spent(evidence: Evidence) -> dict[str, float | int | None]:
    """Return cost and evidence of the machine; CPU per request counts each answer by its share in the window."""
    seconds = evidence.window[1] - evidence.window[0]
    lateness_s = evidence.calls.lateness_p99_s()
    machine: dict[str, float | int | None] = {
        "accept_queue_max": evidence.accept_queue_max,
        "listen_overflows": evidence.listen_overflows,
        "stub_max_in_flight": evidence.stub_max_in_flight,
        "stub_lateness_p99_ms": None if lateness_s is None else lateness_s * 1000,
    }
    if (cost := evidence.cost) is None:
        return machine
    answers = throughput_rps(evidence.requests, evidence.window) * seconds
    return machine | {
        "cpu_ms_per_request": cost.cpu_s * 1000 / answers if answers else None,
        "cpu_share": cost.cpu_s / seconds,
        "rss_mib": cost.rss_mib,
        "threads": cost.threads,
        "generator_cpu_share": cost.generator_cpu_s / seconds / cost.generators,
        "stub_cpu_share": cost.stub_cpu_s / seconds,
    }


def _limited(
    trial: Trial, planned: PlannedTrial, lane: Lane, routes: Sequence[Route], evidence: Evidence
) -> dict[str, float | str]:
    """Return the upstream time that was delivered, and the limit that follows from it and the CPU that was used."""
    waited = delivered(evidence.requests, evidence.calls, routes)
    if waited is None:
        return {}
    critical_s, calls_s = waited
    cpu_s = trial.cpu_ms_per_request / 1000 if trial.cpu_ms_per_request else None
    capacity = capacity_of(lane, cores=evidence.cost.cores if evidence.cost else 1)
    bound = limit(planned.users, capacity, critical_s=critical_s, calls_s=calls_s, cpu_s_per_request=cpu_s)
    upstream: dict[str, float | str] = {"upstream_mean_ms": critical_s * 1000}
    return upstream | {"limit_rps": bound.rps, "limit_by": bound.by} if bound else upstream
