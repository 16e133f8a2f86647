"""From evidence to a row, and every rule of validity: the healthy trial keeps all, each fault breaks its own."""

from dataclasses import replace

import pytest
from trials import LANE, ROUTE, WINDOW, calls_for, closed_load, evidence, requests

from harness.config import Lane, Validity
from harness.judge.evidence import Calls, Cost, Evidence
from harness.judge.tally import tally
from harness.plan.blocks import PlannedTrial
from harness.plan.timing import timing
from harness.records import Trial

HEALTHY = evidence(
    closed_load(4, 0.205),
    cost=Cost(cpu_s=0.6, rss_mib=50.0, threads=5, generator_cpu_s=0.3, stub_cpu_s=0.3),
    listen_overflows=0,
)


def judged(seen: Evidence, lane: Lane = LANE) -> Trial:
    planned = PlannedTrial(1, "flask-sync-4", 4, timing(0.2, 0.2, 3.0))
    return tally(planned, lane, [ROUTE], seen, Validity(), scenario="sun", started_utc="2026-01-01T00:00:00Z")


def test_a_healthy_trial_is_valid_and_its_figures_are_right() -> None:
    trial = judged(HEALTHY)

    assert (trial.status, trial.reasons, trial.not_checked) == ("valid", "", "")
    assert trial.started == trial.ok == trial.warmup_ok + trial.window_ok + trial.drain_ok
    assert trial.throughput_rps == pytest.approx(4 / 0.205, rel=0.01)
    assert trial.latency_p50_ms == pytest.approx(205, rel=0.001)
    assert trial.handler_mean_ms == 150
    assert trial.upstream_mean_ms == pytest.approx(200)
    assert trial.limit_rps == pytest.approx(20)
    assert trial.limit_by == "users"
    assert trial.cpu_ms_per_request == pytest.approx(0.6 / (3 * 4 / 0.205) * 1000, rel=0.01)
    assert trial.cpu_share == pytest.approx(0.2)


def test_cpu_that_is_used_up_becomes_the_limit() -> None:
    trial = judged(replace(HEALTHY, cost=Cost(30.0, 50.0, 5, 0.3, 0.3)))

    assert trial.limit_by == "cpu"


def slow_calls() -> Calls:
    right = calls_for(HEALTHY.requests)
    return replace(right, delivered_s=[0.205] * len(right.id))


def late_calls(seconds: float) -> Calls:
    right = calls_for(HEALTHY.requests)
    return replace(right, delivered_s=[0.1 + seconds] * len(right.id))


LATE = requests(["a", "b"], [10.0, 11.0], [2.0, 1.9])
FAULTS = {
    "no request was answered": evidence(requests(["a"], [10.0], [0.2], ["failed"])),
    "requests were sent, ": replace(HEALTHY, started=len(HEALTHY.requests.id) + 1),
    "ids are distinct": evidence(requests(["a", "a"], [10.0, 11.0], [0.2, 0.2]), calls=calls_for(requests([], [], []))),
    "wrong upstream calls": replace(HEALTHY, calls=calls_for(closed_load(3, 0.205))),
    "came from another app": replace(
        HEALTHY, requests=replace(HEALTHY.requests, error=["wrong identity: X-App is 'quart', not 'flask'"] * 80)
    ),
    "not in steady state": evidence(LATE),
    "the generator used 60% of a core": replace(HEALTHY, cost=Cost(0.6, 50.0, 5, 3.6, 0.1, generators=2)),
    "throughput is 200% of the limit": replace(HEALTHY, calls=slow_calls()),
    "4 users had no answer when the window opened": evidence(closed_load(4, 0.205, first_s=10.0)),
    "generator and stub used 80% of a core": replace(HEALTHY, cost=Cost(0.6, 50.0, 5, 1.2, 1.2)),
    "the stub was 12.0 ms late at p99": replace(HEALTHY, calls=late_calls(0.012)),
    "users were without a request": evidence(closed_load(3, 0.205)),
    "a listen queue overflowed 3 times": replace(HEALTHY, listen_overflows=3),
    "the server ended": replace(HEALTHY, faults=("the server ended in mid-trial",)),
}


@pytest.mark.parametrize("reason", FAULTS)
def test_each_fault_makes_a_trial_invalid_with_its_reason(reason: str) -> None:
    trial = judged(FAULTS[reason])

    assert trial.status == "invalid"
    assert reason in trial.reasons


def test_all_reasons_are_collected() -> None:
    trial = judged(replace(HEALTHY, listen_overflows=1, started=1))

    assert trial.reasons.count(";") == 1


def test_a_figure_without_a_good_answer_is_absent_not_zero() -> None:
    trial = judged(evidence(requests(["a"], [10.0], [0.2], ["failed"])))

    assert trial.throughput_rps is None
    assert trial.latency_p99_ms is None


def test_a_percentile_that_reaches_the_failed_requests_is_absent() -> None:
    ids = [str(number) for number in range(100)]
    outcomes = ["ok"] * 97 + ["failed"] * 3

    trial = judged(evidence(requests(ids, [10.5] * 100, [0.2] * 100, outcomes)))

    assert trial.latency_p95_ms == pytest.approx(200, rel=0.001)
    assert trial.latency_p99_ms is None
    assert (trial.window_ok, trial.window_failed) == (97, 3)


def test_censored_requests_are_counted_and_never_vanish() -> None:
    seen = requests(["a", "b"], [10.5, 12.5], [0.2, 9.0], ["ok", "censored"])

    trial = judged(evidence(seen))

    assert (trial.started, trial.ok, trial.failed, trial.censored) == (2, 1, 0, 1)
    assert trial.drain_s == pytest.approx(12.5 + 9.0 - WINDOW[1])
