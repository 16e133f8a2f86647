"""The simulated plans and trials are judged as the project judges, and the studies find what is known."""

import numpy as np
import pytest
from bounds import BOUNDS

from harness.judge.rows import Floats
from harness.judge.statistics import Ratio, holm, paired_ratio
from harness.judge.validity import rule_named
from harness.judge.verdict import Case, word_for
from harness.studies.healthy import Healthy, healthy_case
from harness.studies.noises import NOISES
from harness.studies.simulation import (
    BLOCKS,
    COVERAGE,
    DEVIATIONS,
    adjusted,
    called_different,
    coverage_and_errors,
    false_rejections,
    judged,
)
from harness.studies.study import Study

SUBSET = 100


@pytest.fixture(scope="module")
def study() -> Study:
    return coverage_and_errors(plans=10_000, seed=1)


def percents(study: Study, figure: str, noise: str) -> list[float]:
    rows = [row for row in study.rows if (row["figure"], row["noise"]) == (figure, noise)]
    return [row["percent"] for row in rows if isinstance(row["percent"], float)]


def plans(noise: str, deviation: float) -> Floats:
    """Return the log ratios of two primaries in a few plans, each with a truth of its own."""
    luck = np.random.default_rng(7)
    truths = luck.uniform(-0.15, 0.15, (2, SUBSET, 1))
    return np.asarray(truths + deviation * NOISES[noise](luck, (2, SUBSET, BLOCKS)))


def alone(logs: Floats) -> Ratio:
    """Judge one plan by the project's own function."""
    ratio = paired_ratio([(float(first), 1.0) for first in np.exp(logs)])
    assert ratio is not None
    return ratio


every_setting = pytest.mark.parametrize(
    ("noise", "deviation"), [(noise, deviation) for noise in NOISES for deviation in DEVIATIONS]
)


@every_setting
def test_intervals_and_p_of_many_plans_are_those_of_each_alone(noise: str, deviation: float) -> None:
    logs = plans(noise, deviation)[0]

    at_once = judged(logs)

    ratios = [alone(plan) for plan in logs]
    assert np.exp(at_once.low) == pytest.approx([ratio.low for ratio in ratios])
    assert np.exp(at_once.high) == pytest.approx([ratio.high for ratio in ratios])
    assert at_once.p == pytest.approx([ratio.p for ratio in ratios])


@every_setting
def test_adjusted_p_and_verdicts_of_many_plans_are_those_of_each_alone(noise: str, deviation: float) -> None:
    logs = plans(noise, deviation)
    first, second = judged(logs[0]), judged(logs[1])

    p = adjusted(first.p, second.p)
    different = called_different(first, p[0]), called_different(second, p[1])

    words = set()
    for plan in range(SUBSET):
        ratios = {primary: alone(logs[primary][plan]) for primary in (0, 1)}
        holms = holm({str(primary): ratio.p for primary, ratio in ratios.items()})
        for primary, ratio in ratios.items():
            word = word_for(Case("throughput", ratio), holms[str(primary)])
            assert p[primary][plan] == pytest.approx(holms[str(primary)])
            assert different[primary][plan] == (word in {"better", "worse"})
            words.add(word)
    assert len(words) > 2


@pytest.mark.parametrize("noise", NOISES)
def test_each_noise_has_mean_0_and_deviation_1(noise: str) -> None:
    drawn = NOISES[noise](np.random.default_rng(1), (100_000,))

    assert drawn.mean() == pytest.approx(0, abs=0.02)
    assert drawn.std() == pytest.approx(1, abs=0.02)


def test_under_normal_noise_the_interval_holds_the_truth_in_94_to_96_percent(study: Study) -> None:
    assert all(94 <= share <= 96 for share in percents(study, COVERAGE, "normal"))


def test_under_normal_noise_the_family_wise_error_is_that_of_theory(study: Study) -> None:
    independent = percents(study, "wrong p, two primaries independent", "normal")
    correlated = percents(study, "wrong p, two primaries correlated 0.9", "normal")

    assert independent == pytest.approx([100 * (1 - 0.975**2)] * 3, abs=0.7)
    assert all(2.5 <= share <= 5 for share in correlated)


@pytest.mark.parametrize("relation", ["independent", "correlated 0.9"])
@pytest.mark.parametrize("noise", NOISES)
def test_a_wrong_verdict_takes_a_wrong_p(study: Study, noise: str, relation: str) -> None:
    words = percents(study, f"wrong verdict, two primaries {relation}", noise)
    ps = percents(study, f"wrong p, two primaries {relation}", noise)

    assert len(words) == len(DEVIATIONS)
    assert all(word <= p for word, p in zip(words, ps, strict=True))


def test_a_noise_that_breaks_the_promise_is_named_in_the_notes_and_no_other(study: Study) -> None:
    broken = {noise for noise in NOISES if not 94 <= np.mean(percents(study, COVERAGE, noise)) <= 96}

    named = {noise for noise in NOISES if any(note.startswith(f"Noise {noise} leaves") for note in study.notes)}

    assert {"skewed in one lane", "two speeds in one lane"} <= broken
    assert named == broken


def test_the_study_keeps_its_promise_for_noise_of_both_lanes_and_fails_where_more_is_promised() -> None:
    kept = {noise: coverage_and_errors(plans=4000, promised=[noise]).kept for noise in NOISES}

    assert kept == {
        "normal": True,
        "skewed in both lanes": True,
        "skewed in one lane": False,
        "two speeds in one lane": False,
    }


def test_two_speeds_felt_by_one_lane_leave_about_80_percent(study: Study) -> None:
    assert all(78 <= share <= 83 for share in percents(study, COVERAGE, "two speeds in one lane"))


def test_what_is_not_promised_says_so_and_the_rest_is_kept(study: Study) -> None:
    told = {(row["noise"], row["to_be"] == "not promised") for row in study.rows}

    assert {noise for noise, untold in told if untold} == {"skewed in one lane", "two speeds in one lane"}
    assert len(told) == len(NOISES)
    assert study.kept


def test_the_interval_of_each_share_holds_it(study: Study) -> None:
    for row in study.rows:
        low, share, high = (row[f"{name}percent"] for name in ("low_", "", "high_"))
        assert isinstance(low, float)
        assert isinstance(share, float)
        assert isinstance(high, float)
        assert low <= share <= high
        assert high - low < 2


def test_the_same_seed_gives_the_same_study_and_another_seed_another() -> None:
    small = coverage_and_errors(plans=200, seed=3)

    assert coverage_and_errors(plans=200, seed=3) == small
    assert coverage_and_errors(plans=200, seed=4) != small


def test_all_rows_have_the_same_keys(study: Study) -> None:
    assert len({tuple(row) for row in study.rows}) == 1


def test_a_healthy_trial_is_valid_and_its_users_rest_no_longer_than_they_were_told() -> None:
    trial = healthy_case(Healthy(50, 0.2, 0.1), BOUNDS, np.random.default_rng(1)).trial

    assert (trial.status, trial.reasons, trial.failed, trial.censored) == ("valid", "", 0, 0)
    assert trial.throughput_rps == pytest.approx(50 / 0.2, rel=0.02)
    assert trial.latency_mean_ms == pytest.approx(200, rel=0.02)
    assert trial.user_idle_ms == pytest.approx(0.125, abs=0.02)


def test_users_who_rest_too_long_are_rejected_by_littles_law_alone() -> None:
    case = healthy_case(Healthy(50, 0.2, 0.1, idle_s=(0.01, 0.02)), BOUNDS, np.random.default_rng(1))

    assert "users were without a request" in (rule_named("idle users").reason(case) or "")
    assert rule_named("steady state").reason(case) is None


def test_healthy_trials_are_rejected_only_where_long_waits_scatter() -> None:
    study = false_rejections(trials=250, seed=1)

    rejected = {(row["rule"], row["users"], row["sigma"]) for row in study.rows if row["percent"] != 0}
    assert rejected <= {("steady state", 16, 0.3), ("steady state", 300, 0.3)}
    assert len(study.rows) == 15
