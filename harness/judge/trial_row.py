"""From the counts and histograms of one trial to its row in trials.csv."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hdrh.histogram import HdrHistogram

from harness.facts.config import Bounds, Lane
from harness.facts.figures import PERCENTILES
from harness.facts.routes import Route
from harness.facts.trial import (
    Asked,
    Breakdown,
    ClosedLoad,
    ColdWindow,
    Counted,
    Judged,
    Lengths,
    Limited,
    Noted,
    OpenLoad,
    Spent,
    Timed,
    Trial,
    joined,
)
from harness.judge.cold import cold
from harness.judge.counts import Observed
from harness.judge.histograms import histogram_of, percentile_ms
from harness.judge.rows import Evidence
from harness.judge.rule import Case
from harness.judge.validity import not_checked, reasons
from harness.judge.window import parts
from harness.model.limit import capacity_of, limit
from harness.plan.blocks import PlannedTrial

GROWTH = 4  # times the root of the backlog: what a backlog that does not grow varies by, and a margin


@dataclass(frozen=True)
class Times:
    """Histograms of the window's good answers, in us: latency, and of open load service time and send lateness."""

    ok: HdrHistogram
    service: HdrHistogram | None = None
    late: HdrHistogram | None = None


def times(evidence: Evidence) -> Times:
    """Return the histograms of a trial."""
    requests = evidence.requests
    good = parts(requests, evidence.window, evidence.load)["window"] & requests.are("ok")
    ok = histogram_of(requests.latency_s[good])
    if evidence.load == "closed":
        return Times(ok)
    return Times(ok, histogram_of(requests.service_s[good]), histogram_of(requests.late_s[good]))


def trial_row(
    planned: PlannedTrial,
    lane: Lane,
    routes: Sequence[Route],
    observed: Observed,
    times: Times,
    bounds: Bounds,
    *,
    scenario: str,
    started_utc: str,
) -> Trial:
    """Return the judged trial; its scenario and its start are not observed."""
    closed = observed.load == "closed"
    asked = Asked(
        trial=planned.name,
        block=planned.block,
        attempt=planned.attempt,
        lane=planned.lane,
        scenario=scenario,
        load=observed.load,
        users=round(planned.point.level) if closed else None,
        rate_rps=None if closed else planned.point.level,
        fault=planned.point.fault,
        started_utc=started_utc,
    )
    spent = _spent(observed)
    trial = joined(
        asked,
        Judged(status="valid"),
        Lengths(warmup_s=observed.timing.warmup_s, window_s=observed.window_s, drain_s=observed.drain_s),
        _counted(observed),
        _timed(observed, times),
        _breakdown(observed),
        _closed(observed, planned.point.level) if closed else _open(observed, times),
        cold(times.ok) if observed.timing.cold else ColdWindow(),
        _limited(observed, planned, lane, spent.cpu_ms_per_request),
        spent,
        _noted(observed),
        observed.watched.interference,
    )
    found = reasons(Case(observed, trial, lane, routes, bounds))
    missing = not_checked(lane, routes, trial, matched=observed.matched)
    judged = Judged(status="invalid" if found else "valid", reasons="; ".join(found), not_checked="; ".join(missing))
    return trial.model_copy(update=dict(judged))


def _counted(observed: Observed) -> Counted:
    """Count every request, by outcome and by part of the trial."""
    return Counted(
        started=observed.sent.started,
        ok=observed.ok,
        failed=observed.failed,
        censored=observed.censored,
        warmup_ok=observed.warmup.ok,
        warmup_failed=observed.warmup.failed,
        window_ok=observed.window.ok,
        window_failed=observed.window.failed,
        drain_ok=observed.drain.ok,
        drain_failed=observed.drain.failed,
        window_censored=observed.window_censored,
        slowest_lost_ms=None if observed.slowest_lost_s is None else observed.slowest_lost_s * 1000,
        upstream_calls=observed.upstream_calls,
    )


def _timed(observed: Observed, times: Times) -> Timed:
    """Return throughput, and latencies of the window's good answers; failed and censored requests rank slowest."""
    if not (answers := _answers(observed)):
        return Timed()
    good = observed.window.ok
    return Timed(
        throughput_rps=answers / observed.window_s,
        completed_rps=observed.completed / observed.window_s,
        latency_mean_ms=observed.latency_s / good * 1000 if good else None,
        latency_max_ms=percentile_ms(times.ok, 100) if good else None,
        **(_percentiles(observed, times) if good else {}),
    )


def _answers(observed: Observed) -> float:
    """Return the good answers that the window is given: by shares, or whole where nothing is steady.

    A backlog that grows, and that of users who come all at once into a cold window, distorts the shares.
    """
    steady = not observed.timing.cold if observed.load == "closed" else is_sustained(observed)
    return observed.shares if steady else observed.completed


def _percentiles(observed: Observed, times: Times) -> dict[str, float | None]:
    """Return the percentiles by their fields; none where the server did not keep up."""
    if observed.load == "open" and not is_sustained(observed):
        return {}
    slower = observed.window.failed + observed.window_censored
    return {metric.field: percentile_ms(times.ok, metric.percent or 0.0, slower) for metric in PERCENTILES}


def _breakdown(observed: Observed) -> Breakdown:
    """Return where the mean answer's time went: as the app says, and as the stub delivered it."""
    upstream_ms = observed.critical_s / observed.delivered * 1000 if observed.delivered else None
    if not observed.timed or not _answers(observed):
        return Breakdown(upstream_mean_ms=upstream_ms)
    handler_s = observed.handler_s / observed.timed
    return Breakdown(
        handler_mean_ms=handler_s * 1000,
        queueing_mean_ms=(observed.latency_s / observed.window.ok - handler_s) * 1000,
        upstream_mean_ms=upstream_ms,
        client_wait_mean_ms=observed.client_wait_s / observed.timed * 1000,
    )


def is_sustained(observed: Observed) -> bool:
    """Say whether the server kept up with the arrivals: each found a free sender, and the backlog did not grow.

    Of a server that does not keep up, a percentile would measure how long the trial was.
    """
    assert observed.backlog is not None  # noqa: S101 - open load has one
    first, last = observed.backlog
    return not observed.sent.waited and last - first <= GROWTH * math.sqrt(max(1.0, first))


def _closed(observed: Observed, users: float) -> ClosedLoad:
    """Return whether the users of closed load were always busy.

    Little's law without its assumptions: every user waits for an answer or thinks all the time, so what both leave of
    users x window is time that the generator lost between an answer and the next request.
    """
    if observed.sent.own:
        return ClosedLoad()
    answers = observed.window.ok + observed.window.failed
    thought_s = observed.sent.thought_s
    idle_s = (users * observed.window_s - observed.overlap_s - thought_s) / max(1, answers)
    idle_ms = round(idle_s * 1000, 6) + 0.0  # neither -0.0 nor what floats leave over
    return ClosedLoad(
        late_users=None if observed.timing.cold else observed.late_users,
        user_idle_ms=idle_ms,
        thinking_users=thought_s / observed.window_s if observed.timing.think_s else None,
    )


def _open(observed: Observed, times: Times) -> OpenLoad:
    """Return how arrivals were sent and served: the backlog, how late they went out, and the time from then on."""
    assert observed.backlog is not None  # noqa: S101 - open load has all three
    assert times.service is not None  # noqa: S101
    assert times.late is not None  # noqa: S101
    return OpenLoad(
        sustained=is_sustained(observed),
        backlog_first=observed.backlog[0],
        backlog_last=observed.backlog[1],
        waited=observed.sent.waited,
        service_p50_ms=percentile_ms(times.service, 50),
        service_p99_ms=percentile_ms(times.service, 99),
        send_lateness_p99_ms=percentile_ms(times.late, 99),
    )


def _spent(observed: Observed) -> Spent:
    """Return what the window cost; CPU per request is charged to good and failed answers.

    Good answers count by their share in the window; CPU shares are over the time between the two readings.
    """
    if (cost := observed.watched.cost) is None:
        return Spent()
    seconds = observed.window_s if cost.edges_s is None else cost.edges_s[1] - cost.edges_s[0]
    every, cpu_s = _answers(observed) + observed.window.failed, cost.cpu_s
    return Spent(
        cpu_ms_per_request=cpu_s * observed.window_s / seconds * 1000 / every if every and cpu_s is not None else None,
        cpu_share=None if cpu_s is None else cpu_s / seconds,
        pss_mib=cost.pss_mib,
        threads=cost.threads,
        generator_cpu_share=cost.busiest_generator_s / seconds,
        generator_queue_share=cost.generator_queue_s / seconds,
        stub_queue_share=None if cost.stub_queue_s is None else cost.stub_queue_s / seconds,
        driver_cpu_share=(cost.generator_cpu_s + cost.stub_cpu_s) / seconds / cost.driver_cores,
        stub_cpu_share=cost.stub_cpu_s / seconds,
    )


def _noted(observed: Observed) -> Noted:
    """Return what was noted while the trial ran."""
    watched, late_s = observed.watched, observed.stub_lateness_p99_s
    return Noted(
        stub_lateness_p99_ms=None if late_s is None else late_s * 1000,
        stub_max_in_flight=watched.stub_max_in_flight,
        accept_queue_max=watched.accept_queue_max,
        listen_overflows=watched.listen_overflows,
        kept_extra_ms=watched.kept_extra_ms,
        edge_late_ms=None if observed.edge_late_s is None else observed.edge_late_s * 1000,
        still_ms=None if watched.still_s is None else watched.still_s * 1000,
        rtt_ms=min(watched.rtt_s) * 1000 if watched.rtt_s else None,
        rtt_drift_ms=abs(watched.rtt_s[1] - watched.rtt_s[0]) * 1000 if watched.rtt_s else None,
        worker_imbalance=_imbalance(observed.sent.by_worker),
        clock_uncertainty_ms=max((wire.uncertainty_s * 1000 for wire in watched.wires), default=None),
    )


def _imbalance(by_worker: Sequence[int]) -> float | None:
    """Return how far the share of a Locust process is from an equal one, the farthest of them; None of one alone."""
    if len(by_worker) < 2 or not sum(by_worker):
        return None
    return max(abs(begun * len(by_worker) / sum(by_worker) - 1) for begun in by_worker)


def _limited(observed: Observed, planned: PlannedTrial, lane: Lane, cpu_ms_per_request: float | None) -> Limited:
    """Return the limit that follows from the upstream time that was delivered and the CPU that was used.

    On the way to another machine and back a request holds its user, as thinking does, and no slot.
    """
    if not observed.delivered:
        return Limited()
    cost = observed.watched.cost
    bound = limit(
        planned.point.level if observed.load == "closed" else math.inf,
        capacity_of(lane, cores=cost.cores if cost else 1),
        critical_s=observed.critical_s / observed.delivered,
        calls_s=observed.calls_s / observed.delivered,
        cpu_s_per_request=cpu_ms_per_request / 1000 if cpu_ms_per_request else None,
        think_s=observed.timing.think_s + min(observed.watched.rtt_s or (0.0,)),
    )
    return Limited(limit_rps=bound.rps, limit_by=bound.by) if bound else Limited()
