"""The figures of a lane at a point, over its valid trials."""

from itertools import pairwise

import numpy as np
import pytest
from hdrh.histogram import HdrHistogram
from measured_trials import trial
from scipy import stats

from harness.facts.point import users
from harness.facts.run import Skipped
from harness.facts.summary import PointSummary
from harness.facts.trial import Trial
from harness.judge.histograms import histogram_of
from harness.judge.summary import spectra, summaries

THREE = tuple(
    trial(
        "quart",
        block,
        throughput_rps=100.0 * block,
        limit_rps=400.0,
        limit_by=by,
        cpu_ms_per_request=cpu,
        pss_mib=50.0 + block,
        threads=3 * block,
        window_ok=1000,
        window_failed=2,
        window_censored=1,
        slowest_lost_ms=9000.0 + block,
    )
    for block, by, cpu in ((1, "users", 1.0), (2, "cpu", None), (3, "cpu", 3.0))
)
INVALID = trial("quart", 4, status="invalid", throughput_rps=9e9, window_ok=1000, window_failed=1000)


def answers(trials: tuple[Trial, ...]) -> dict[str, HdrHistogram]:
    """Return a thousand good answers a trial: 1 ms, 2 ms, and so on."""
    return {one.trial: histogram_of(number / 1000 for number in range(1, 1001)) for one in trials}


def summary(*trials: Trial) -> PointSummary:
    (only,) = summaries(trials, (), answers(trials))
    return only


def test_figures_of_a_point_are_geometric_means_over_its_valid_trials_with_students_interval() -> None:
    found = summary(*THREE, INVALID)

    logs = np.log([100, 200, 300])
    ends = stats.t.interval(0.95, 2, loc=logs.mean(), scale=stats.sem(logs))
    assert (found.lane, found.point, found.blocks, found.invalid) == ("quart", users(300), 3, 1)
    assert found.throughput_rps == pytest.approx(6e6 ** (1 / 3))
    assert (found.throughput_low_rps, found.throughput_high_rps) == pytest.approx(tuple(np.exp(ends)))
    assert (found.limit_rps, found.limit_by) == (400, "cpu")
    assert found.limit_share == pytest.approx(6e6 ** (1 / 3) / 400)
    assert found.cpu_ms_per_request == pytest.approx(3**0.5)
    assert (found.cpu_low_ms, found.cpu_high_ms) == (None, None)  # two blocks say too little
    assert (found.pss_mib, found.threads) == (52, 6)


def test_percentiles_of_a_point_are_geometric_means_of_its_blocks() -> None:
    trials = [one.model_copy(update={"latency_p50_ms": 100.0 * one.block}) for one in THREE]

    found = summary(*trials, INVALID)

    p50 = found.percentiles["p50"]
    assert p50 is not None
    assert p50.ms == pytest.approx(6e6 ** (1 / 3))
    assert p50.low_ms is not None
    assert p50.low_ms < 100
    assert not p50.at_least
    assert found.latency_max_ms is None  # the slowest requests have no good answer


def test_a_percentile_that_lost_requests_reach_is_at_least_the_longest_of_them() -> None:
    lost = trial("quart", 1, window_ok=1000, window_failed=100, slowest_lost_ms=9000.0)

    found = summary(lost, trial("quart", 2, window_ok=1000, window_failed=100)).percentiles["p95"]

    assert found is not None
    assert (found.at_least, found.ms) == (True, 9000.0)


def test_the_slowest_answer_is_known_where_every_request_has_a_good_one() -> None:
    assert summary(trial("quart", 1, window_ok=1000)).latency_max_ms == pytest.approx(1000, rel=0.001)


@pytest.mark.parametrize(("sustained", "behind"), [(True, 0), (False, 1)])
def test_a_point_with_which_the_server_did_not_keep_up_has_no_latency(sustained: bool, behind: int) -> None:
    found = summary(trial("quart", 1, sustained=True), trial("quart", 2, sustained=sustained))

    assert found.not_sustained == behind
    assert (found.percentiles == {}) is (behind > 0)
    assert (found.latency_max_ms is None) is (behind > 0)


def test_a_point_without_a_valid_trial_has_no_figures() -> None:
    found = summary(INVALID)

    assert (found.blocks, found.invalid, found.limit_by) == (0, 1, "")
    assert {found.throughput_rps, found.throughput_low_rps, found.limit_share, found.pss_mib} == {None}
    assert set(found.percentiles.values()) == {None}


def test_points_stand_in_order_and_skipped_ones_follow_with_the_wait_they_would_have_had() -> None:
    trials = (trial("quart", 1, at=300), trial("flask", 1, at=16), trial("quart", 1, at=16), trial("quart", 2, at=16))

    found = summaries(trials, [Skipped(lane="flask", users=300, wait_s=15.0)], answers(trials))

    assert [(point.lane, point.point.level, point.blocks) for point in found] == [
        ("flask", 16, 1),
        ("quart", 16, 2),
        ("quart", 300, 1),
        ("flask", 300, 0),
    ]
    assert [point.wait_beyond_limit_s for point in found] == [None, None, None, 15.0]


def test_a_spectrum_goes_up_to_the_slowest_answer_in_steps_that_at_least_one_request_is_beyond() -> None:
    trials = (trial("quart", 1, window_ok=1000), trial("quart", 2, at=16), trial("flask", 1, status="invalid"))

    (steps,) = spectra(trials, users(300), answers(trials)).values()

    percents = [step.percent for step in steps]
    assert percents[0] == 0
    assert percents[-1] == 100
    assert all(first < second for first, second in pairwise(percents))
    assert percents[-2] == pytest.approx(99.9, abs=0.03)  # of 1,000 requests one is beyond it
    assert [step.ms for step in steps] == sorted(step.ms for step in steps)
    assert steps[-1].ms == pytest.approx(1000, rel=0.001)


def test_a_spectrum_ends_where_lost_requests_begin() -> None:
    trials = (trial("quart", 1, window_ok=1000, window_failed=80, window_censored=20),)

    steps = spectra(trials, users(300), answers(trials))["quart"]

    assert max(step.percent for step in steps) == pytest.approx(90, abs=1.0)
    assert all(step.percent <= 100 * 1000 / 1100 for step in steps)
