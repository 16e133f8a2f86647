"""Shares and rates of a row, each against a figure that is computed by hand."""

from dataclasses import replace

import numpy as np
import pytest
from trials import closed_load, evidence, judged, open_load

from harness.facts.trial import Trial
from harness.judge.rows import Evidence


def row(seen: Evidence) -> Trial:
    return judged(seen)[0]


def test_cpu_shares_are_of_one_core_and_the_drivers_of_all_its_cores() -> None:
    trial = row(evidence(closed_load(4, 0.205), cost={"generator_cpu_s": 1.2, "stub_cpu_s": 0.6, "driver_cores": 3}))

    assert trial.driver_cpu_share == pytest.approx((1.2 + 0.6) / 3.0 / 3)
    assert trial.stub_cpu_share == pytest.approx(0.6 / 3.0)


def test_two_cores_of_a_lane_double_what_its_cpu_allows() -> None:
    one, two = (row(evidence(closed_load(4, 0.205), cost={"cpu_s": 30.0, "cores": cores})) for cores in (1, 2))

    assert (one.limit_by, two.limit_by) == ("cpu", "cpu")
    assert two.limit_rps == pytest.approx(2 * (one.limit_rps or 0.0))


def test_a_users_idle_time_is_what_overlaps_leave_of_the_window_for_each_answer() -> None:
    trial = row(evidence(closed_load(3, 0.2)))

    assert trial.user_idle_ms == pytest.approx(1 * 3.0 / (3 * 3.0 / 0.2) * 1000, rel=0.05)  # 4 were asked for, 3 sent


def test_the_spread_of_open_loads_times_gives_each_percentile_its_own_value() -> None:
    seen = open_load(100, 0.2)
    late_s = np.arange(len(seen.id)) / len(seen.id) / 1000
    trial = row(evidence(replace(seen, latency_s=0.2 + 100 * late_s, late_s=late_s), load="open"))

    window = late_s[100:]  # of 400 arrivals, the first 100 are warm-up
    assert trial.send_lateness_p99_ms == pytest.approx(
        1000 * np.percentile(window, 99, method="inverted_cdf"), rel=2e-3
    )
    assert trial.completed_rps == pytest.approx(100, rel=0.1)


def test_what_a_trial_says_of_a_lost_backlog_counts_whole_answers() -> None:
    seen = open_load(200, 0.2)
    behind = row(evidence(replace(seen, latency_s=0.2 + 0.3 * (seen.start_s - 9.0)), load="open"))

    assert behind.sustained is False
    assert behind.throughput_rps == behind.completed_rps
