"""From evidence to a row: counts, latencies, cost, the limit; closed load and open load."""

from dataclasses import replace

import pytest
from trials import LANE, WINDOW, closed_load, evidence, judged, open_load, requests

from harness.facts.config import Lane
from harness.facts.trial import Trial
from harness.judge.rows import Evidence

HEALTHY = evidence(closed_load(4, 0.205))


def row(seen: Evidence, lane: Lane = LANE) -> Trial:
    return judged(seen, lane)[0]


def test_a_healthy_trial_is_valid_and_its_figures_are_right() -> None:
    trial = row(HEALTHY)

    assert (trial.status, trial.reasons, trial.not_checked) == ("valid", "", "")
    assert trial.started == trial.ok == trial.warmup_ok + trial.window_ok + trial.drain_ok
    assert trial.throughput_rps == pytest.approx(4 / 0.205, rel=0.01)
    assert trial.latency_p50_ms == pytest.approx(205, rel=0.001)
    assert trial.upstream_mean_ms == pytest.approx(200)
    assert trial.limit_rps == pytest.approx(20)
    assert trial.limit_by == "users"
    assert trial.cpu_ms_per_request == pytest.approx(0.6 / (3 * 4 / 0.205) * 1000, rel=0.01)
    assert trial.cpu_share == pytest.approx(0.2)


def test_cpu_shares_are_over_the_time_between_the_readings() -> None:
    late = row(evidence(HEALTHY.requests, cost={"cpu_s": 0.8, "edges_s": (10.0, 14.0)}))

    assert late.cpu_share == pytest.approx(0.2)
    assert late.cpu_ms_per_request == pytest.approx(0.6 / (3 * 4 / 0.205) * 1000, rel=0.01)


def test_cpu_is_charged_to_failed_answers_too() -> None:
    outcome = HEALTHY.requests.outcome.copy()
    outcome[::2] = "failed"

    half = row(evidence(replace(HEALTHY.requests, outcome=outcome)))

    assert half.cpu_ms_per_request == pytest.approx(0.6 / (3 * 4 / 0.205) * 1000, rel=0.03)


def test_the_mean_answers_time_is_divided_between_queue_handler_and_upstream() -> None:
    trial = row(HEALTHY)

    assert trial.handler_mean_ms == pytest.approx(204)
    assert trial.queueing_mean_ms == pytest.approx(205 - 204)
    assert trial.upstream_mean_ms == pytest.approx(200)
    assert trial.client_wait_mean_ms == pytest.approx(1 + 2)


def test_an_app_that_says_nothing_of_its_time_has_no_such_figures() -> None:
    silent = replace(HEALTHY.requests, server_timing=[""] * len(HEALTHY.requests.id))

    trial = row(evidence(silent))

    assert (trial.handler_mean_ms, trial.queueing_mean_ms, trial.client_wait_mean_ms) == (None, None, None)


def test_cpu_that_is_used_up_becomes_the_limit() -> None:
    assert row(evidence(HEALTHY.requests, cost={"cpu_s": 30.0})).limit_by == "cpu"


def test_a_figure_without_a_good_answer_is_absent_not_zero() -> None:
    trial = row(evidence(requests(["a"], [10.0], [0.2], ["failed"])))

    assert trial.throughput_rps is None
    assert trial.latency_p99_ms is None


def test_a_percentile_that_reaches_the_failed_requests_is_absent() -> None:
    ids = [str(number) for number in range(100)]
    outcomes = ["ok"] * 97 + ["failed"] * 3

    trial = row(evidence(requests(ids, [10.5] * 100, [0.2] * 100, outcomes)))

    assert trial.latency_p95_ms == pytest.approx(200, rel=0.001)
    assert trial.latency_p99_ms is None
    assert (trial.window_ok, trial.window_failed) == (97, 3)


def test_censored_requests_are_counted_and_never_vanish() -> None:
    trial = row(evidence(requests(["a", "b"], [10.5, 12.5], [0.2, 9.0], ["ok", "censored"])))

    assert (trial.started, trial.ok, trial.failed, trial.censored) == (2, 1, 0, 1)
    assert trial.drain_s == pytest.approx(12.5 + 9.0 - WINDOW[1])


def test_the_window_of_open_load_holds_the_arrivals_that_were_due_in_it_however_long_they_took() -> None:
    trial = row(evidence(open_load(20, 2.5), load="open"))

    assert trial.window_ok == 3 * 20
    assert trial.drain_ok == 0
    assert trial.latency_p50_ms == pytest.approx(2500, rel=0.001)
    assert (trial.users, trial.rate_rps) == (None, 20)


def test_latency_of_open_load_counts_from_the_intended_moment_and_service_time_from_the_sending() -> None:
    trial = row(evidence(open_load(20, 0.205, late_s=0.004), load="open"))

    assert trial.latency_p50_ms == pytest.approx(205, rel=0.001)
    assert trial.service_p50_ms == pytest.approx(201, rel=0.001)
    assert trial.send_lateness_p99_ms == pytest.approx(4, rel=0.001)
    assert trial.status == "valid"


def test_an_arrival_without_an_answer_ranks_slowest() -> None:
    seen = open_load(20, 0.205)
    outcome = ["censored" if 20 <= place < 24 else "ok" for place in range(len(seen.id))]

    trial = row(evidence(requests(seen.id, list(seen.start_s), list(seen.latency_s), outcome), load="open"))

    assert (trial.window_ok, trial.window_censored) == (56, 4)
    assert trial.latency_p50_ms == pytest.approx(205, rel=0.001)
    assert trial.latency_p95_ms is None


def test_a_server_that_keeps_up_is_sustained_and_one_whose_backlog_grows_is_not() -> None:
    steady = open_load(200, 0.2)
    falling_behind = replace(steady, latency_s=0.2 + 0.3 * (steady.start_s - steady.start_s[0]))

    assert row(evidence(steady, load="open")).sustained
    behind = row(evidence(falling_behind, load="open"))
    assert behind.sustained is False
    assert (behind.latency_p50_ms, behind.latency_p99_ms) == (None, None)
    assert behind.backlog_last is not None
    assert behind.backlog_first is not None
    assert behind.backlog_last > behind.backlog_first + 50


def test_an_arrival_that_found_no_free_sender_is_not_sustained() -> None:
    trial = row(evidence(open_load(20, 0.205), load="open", sent={"waited": 1}))

    assert trial.sustained is False


def test_closed_load_has_no_figures_of_open_load_and_open_load_none_of_closed() -> None:
    closed, opened = row(HEALTHY), row(evidence(open_load(20, 0.205), load="open"))

    assert (closed.sustained, closed.service_p50_ms, closed.send_lateness_p99_ms) == (None, None, None)
    assert (opened.user_idle_ms, opened.late_users) == (None, None)


def test_open_load_is_limited_by_slots_and_cpu_and_by_no_users() -> None:
    trial = row(evidence(open_load(20, 0.205), load="open"))

    assert trial.limit_by == "slots"
    assert trial.limit_rps == pytest.approx(4 / 0.2)


def test_the_row_follows_from_counts_and_histograms_alone() -> None:
    trial, observed = judged(HEALTHY)

    assert type(observed).model_validate_json(observed.model_dump_json()) == observed
    assert observed.shares / observed.window_s == trial.throughput_rps


@pytest.mark.parametrize("outcome", ["failed", "censored"])
def test_the_longest_lost_request_of_the_window_is_known(outcome: str) -> None:
    lost = requests(["a", "b", "c"], [10.0, 10.1, 10.2], [0.2, 1.5, 2.5], ["ok", outcome, outcome])

    assert row(evidence(lost)).slowest_lost_ms == pytest.approx(2500)
    assert row(HEALTHY).slowest_lost_ms is None


def test_a_server_whose_processes_are_not_known_has_no_cpu_and_no_limit_by_it() -> None:
    trial = row(evidence(closed_load(4, 0.205), cost={"cpu_s": None, "pss_mib": None, "threads": None}))

    assert (trial.cpu_ms_per_request, trial.cpu_share, trial.pss_mib) == (None, None, None)
    assert trial.limit_by != "cpu"
    assert trial.throughput_rps is not None


def test_users_who_think_are_no_idle_users_and_keep_littles_law() -> None:
    seen = closed_load(4, 0.205)
    thinking = replace(seen, start_s=seen.start_s, latency_s=seen.latency_s * 0.5)

    trial = row(evidence(thinking, sent={"thought_s": 0.5 * 4 * 3.0}))
    without = row(evidence(thinking))

    assert trial.user_idle_ms == pytest.approx(0, abs=1.5)
    assert without.user_idle_ms == pytest.approx(102.5, abs=1.5)


def test_the_way_to_another_machine_holds_a_user_and_no_slot() -> None:
    few, many = (row(evidence(HEALTHY.requests, rtt_s=rtt_s)) for rtt_s in ((0.02, 0.03), (0.03, 0.02)))
    wide = judged(evidence(HEALTHY.requests, rtt_s=(0.02, 0.02)), LANE.model_copy(update={"slots": 2}))[0]

    assert few.limit_rps == many.limit_rps == pytest.approx(4 / 0.22)
    assert few.limit_by == "users"
    assert few.rtt_ms == pytest.approx(20)
    assert few.rtt_drift_ms == pytest.approx(10)
    assert wide.limit_by == "slots"
    assert wide.limit_rps == pytest.approx(2 / 0.2)
