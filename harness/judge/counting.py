"""From the rows of a trial to its counts and sums."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from harness.facts.routes import Route
from harness.judge.anatomy import anatomies
from harness.judge.by_route import counts_of_routes
from harness.judge.counts import Observed, WrongAnswers
from harness.judge.reconcile import EXAMPLES, are_matched, delays_by_id, delivered, disagreements
from harness.judge.rows import Calls, Evidence, Flags, Requests
from harness.judge.server_timing import HANDLER, spans
from harness.judge.window import answers_by_share, backlog, count, late_users, overlap_s, parts
from harness.plan.blocks import PlannedTrial

KINDS = 3  # of errors that are named
LEGIBLE = 120  # signs of an error
EARLY_S = 0.0005  # an answer that is this much earlier than the stub sent it is one that no clock explains


def count_trial(planned: PlannedTrial, routes: Sequence[Route], evidence: Evidence) -> Observed:
    """Return the counts and sums of one trial; with its histograms they are all that its figures need."""
    requests, calls, window = evidence.requests, evidence.calls, evidence.window
    by_part = parts(requests, window, evidence.load)
    good = by_part["window"] & requests.are("ok")
    known = delivered(requests, calls, routes)
    wrong = disagreements(requests, calls, routes)
    closed = evidence.load == "closed"
    censored = requests.are("censored") & ((requests.start_s < window[1]) if closed else by_part["window"])
    lost = censored | by_part["window"] & requests.are("failed")
    return Observed(
        load=evidence.load,
        timing=planned.timing,
        window_s=window[1] - window[0],
        drain_s=max(0.0, float(requests.end_s.max(initial=0.0)) - window[1]),
        sent=evidence.sent,
        watched=evidence.watched,
        **{outcome: int(np.sum(requests.are(outcome))) for outcome in ("ok", "failed", "censored")},
        distinct_ids=len(set(requests.id)),
        **{part: count(requests, which) for part, which in by_part.items()},
        window_censored=int(np.sum(censored)),
        slowest_lost_s=float(requests.latency_s[lost].max()) if lost.any() else None,
        completed=count(requests, (requests.end_s >= window[0]) & (requests.end_s < window[1])).ok,
        shares=answers_by_share(requests, window),
        overlap_s=float(overlap_s(requests, window).sum()),
        latency_s=float(requests.latency_s[good].sum()),
        late_users=late_users(requests, window, round(planned.point.level)) if closed and routes else None,
        backlog=None if closed else backlog(requests, window),
        **_own_words(requests, calls, good),
        upstream_calls=len(calls.id),
        matched=are_matched(calls),
        delivered=len(known),
        critical_s=sum(path for path, _ in known),
        calls_s=sum(total for _, total in known),
        stub_lateness_p99_s=calls.lateness_p99_s(),
        wrong_calls=len(wrong),
        wrong_examples=tuple(wrong[:EXAMPLES]),
        wrong_identity=sum(error.startswith("wrong identity") for error in requests.error),
        wrong_answers=tuple(
            WrongAnswers(error=error[:LEGIBLE], count=count, body=evidence.sent.bodies.get(error, ""))
            for error, count in Counter(_errors(requests)).most_common(KINDS)
        ),
        edge_late_s=_edge_late_s(evidence),
        routes=counts_of_routes(requests, by_part["window"], window[1] - window[0]),
        anatomies=anatomies(evidence, good),
    )


def _errors(requests: Requests) -> Iterator[str]:
    pairs = zip(requests.error, requests.outcome, strict=True)
    return (error for error, outcome in pairs if outcome == "failed")


def _edge_late_s(evidence: Evidence) -> float | None:
    """Return how long after the window's edges the CPU was read, in seconds, the later of both; None without CPU."""
    cost = evidence.watched.cost
    if cost is None or cost.edges_s is None:
        return None
    return max(read_s - edge_s for read_s, edge_s in zip(cost.edges_s, evidence.window, strict=True))


def _own_words(requests: Requests, calls: Calls, good: Flags) -> dict[str, float]:
    """Add up what the app says of its time, and how it compares with what the stub says of the same calls."""
    took = delays_by_id(calls)
    timed, handler_s, client_wait_s, early = 0, 0.0, 0.0, 0
    for place in np.flatnonzero(good).tolist():
        left = {endpoint: iter(delays) for endpoint, delays in took.get(requests.id[place], {}).items()}
        for name, _, duration_s in spans(requests.server_timing[place]):
            if name == HANDLER:
                timed, handler_s = timed + 1, handler_s + duration_s
            elif (stub_s := next(left.get(name, iter(())), None)) is not None:
                client_wait_s += duration_s - stub_s
                early += duration_s < stub_s - EARLY_S
    return {"timed": timed, "handler_s": handler_s, "client_wait_s": client_wait_s, "early_answers": early}
