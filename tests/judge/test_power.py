"""Power and detectable effect, against the noncentral F distribution, known figures and simulated truth."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.judge.power import (
    chance_of_equality,
    detectable_effect,
    interval_of_deviation,
    pairs_to_settle,
    pooled_deviation,
    power_of,
    rate_interval,
    resolution,
)
from harness.judge.statistics import Ratio

SIMULATED = 10_000
deviations = st.floats(0.001, 1)
numbers_of_pairs = st.integers(2, 200)


def noise(sd: float, plans: int, pairs: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, sd, (plans, pairs))


@pytest.mark.parametrize(
    ("pairs", "percents"), [(6, {0.02: 2.9, 0.05: 7.4, 0.1: 15.4}), (10, {0.02: 2.0, 0.05: 5.1, 0.1: 10.5})]
)
def test_the_detectable_effects_of_six_and_ten_blocks_are_the_known_ones(
    pairs: int, percents: dict[float, float]
) -> None:
    found = {sd: round(100 * (detectable_effect(sd, pairs) or 0), 1) for sd in percents}

    assert found == percents


@given(deviations, numbers_of_pairs, st.floats(0.5, 0.99), st.floats(0.001, 0.2))
def test_the_detectable_effect_is_found_with_the_power_that_was_asked_for(
    sd: float, pairs: int, power: float, alpha: float
) -> None:
    shift = math.log1p(min(1e300, detectable_effect(sd, pairs, power, alpha) or 0))

    if shift < 600:
        assert power_of(math.exp(shift), sd, pairs, alpha) == pytest.approx(power, abs=1e-6)


@given(deviations, numbers_of_pairs, st.floats(0.01, 3), st.floats(0.001, 0.2))
def test_power_is_that_of_the_f_test(sd: float, pairs: int, shift: float, alpha: float) -> None:
    noncentrality = pairs * (shift * sd) ** 2 / sd**2  # the square of t is F
    expected = stats.ncf.sf(stats.f.isf(alpha, 1, pairs - 1), 1, pairs - 1, noncentrality)

    assert power_of(math.exp(shift * sd), sd, pairs, alpha) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("sd", "pairs"), [(0.02, 6), (0.05, 10), (0.1, 3)])
def test_simulated_plans_find_the_detectable_effect_four_times_in_five(sd: float, pairs: int) -> None:
    effect = detectable_effect(sd, pairs)
    assert effect is not None

    p = stats.ttest_1samp(noise(sd, SIMULATED, pairs) + math.log1p(effect), 0, axis=1).pvalue

    assert np.mean(p <= 0.05) == pytest.approx(0.8, abs=0.01)


@given(st.floats(0.2, 5), deviations, numbers_of_pairs)
def test_a_ratio_and_its_inverse_are_found_equally_often(ratio: float, sd: float, pairs: int) -> None:
    assert power_of(ratio, sd, pairs) == pytest.approx(power_of(1 / ratio, sd, pairs), abs=1e-9)


@given(deviations, numbers_of_pairs, st.floats(0.001, 0.2))
def test_equal_lanes_are_told_apart_as_often_as_the_level_says(sd: float, pairs: int, alpha: float) -> None:
    assert power_of(1.0, sd, pairs, alpha) == pytest.approx(alpha)


def test_without_noise_every_ratio_but_one_is_found() -> None:
    assert power_of(1.001, 0.0, 10) == 1
    assert power_of(1.0, 0.0, 10) == 0
    assert detectable_effect(0.0, 10) == 0


def test_fewer_than_two_pairs_find_nothing() -> None:
    assert power_of(10.0, 0.05, 1) == 0
    assert detectable_effect(0.05, 1) is None
    assert resolution([[0.1, 0.2, 0.3]], 1) is None


def test_a_power_that_luck_alone_has_takes_no_effect() -> None:
    assert detectable_effect(0.05, 10, power=0.05) == 0


@pytest.mark.parametrize("sd", [0.0, 1e-300, 1e-6, 1e6, 1e300])
def test_extreme_noise_is_no_error(sd: float) -> None:
    for pairs in (2, 10, 1000):
        effect = detectable_effect(sd, pairs)

        assert effect is not None
        assert 0 <= effect < math.inf
        assert 0 <= power_of(1e9, sd, pairs) <= 1


def test_the_pooled_deviation_of_one_group_is_its_own() -> None:
    group = [0.1, -0.2, 0.05, 0.3]

    sd, freedom = pooled_deviation([group])

    assert sd == pytest.approx(float(np.std(group, ddof=1)))
    assert freedom == 3


def test_the_pooled_deviation_is_the_root_of_the_mean_square_within_groups() -> None:
    groups = [list(noise(0.1, 1, pairs, seed=pairs)[0]) for pairs in (4, 7, 12)]
    within = stats.f_oneway(*groups)
    means = [float(np.mean(group)) for group in groups]
    between = sum(
        len(group) * (mean - float(np.mean(np.concatenate(groups)))) ** 2
        for group, mean in zip(groups, means, strict=True)
    )

    sd, freedom = pooled_deviation(groups)

    assert freedom == 20
    assert between / 2 / sd**2 == pytest.approx(float(within.statistic))


@given(st.lists(st.lists(st.floats(-1, 1), max_size=8), max_size=5), st.floats(-5, 5))
def test_groups_are_pooled_each_around_its_own_mean(groups: list[list[float]], shift: float) -> None:
    moved = [[value + shift * place for value in group] for place, group in enumerate(groups)]

    assert pooled_deviation(moved)[0] == pytest.approx(pooled_deviation(groups)[0], abs=1e-9)


def test_groups_of_fewer_than_two_have_no_deviation() -> None:
    assert pooled_deviation([[1.0], []]) == (0.0, 0)
    assert interval_of_deviation(0.0, 0) is None
    assert resolution([[1.0], []], 10) is None


def test_the_interval_of_the_deviation_covers_the_truth_in_95_of_100_plans() -> None:
    found = np.std(noise(0.05, SIMULATED, 10), axis=1, ddof=1)
    intervals = [interval_of_deviation(float(sd), 9) or (0, 0) for sd in found]

    covered = sum(low <= 0.05 <= high for low, high in intervals) / SIMULATED

    assert covered == pytest.approx(0.95, abs=0.01)


def test_the_resolution_is_the_detectable_effect_of_the_pooled_deviation_and_its_interval() -> None:
    groups = [list(group) for group in noise(0.05, 3, 10)]
    sd, freedom = pooled_deviation(groups)
    interval = interval_of_deviation(sd, freedom)
    assert interval is not None

    found = resolution(groups, 6)

    assert found is not None
    assert (found.pairs, found.sd) == (6, sd)
    assert (found.effect_low, found.effect, found.effect_high) == tuple(
        detectable_effect(deviation, 6) for deviation in (interval[0], sd, interval[1])
    )
    assert found.effect_low < found.effect < found.effect_high


@given(st.integers(1, 500).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials))))
def test_the_interval_of_a_rate_is_the_beta_quantiles(counted: tuple[int, int]) -> None:
    hits, trials = counted
    low = stats.beta.ppf(0.025, hits, trials - hits + 1) if hits else 0
    high = stats.beta.ppf(0.975, hits + 1, trials - hits) if hits < trials else 1

    assert rate_interval(hits, trials) == pytest.approx((low, high), abs=1e-9)


def test_no_trials_bound_no_rate() -> None:
    assert rate_interval(0, 0) == (0, 1)


@pytest.mark.parametrize("level", [0.05, 0.1])
@pytest.mark.parametrize("ratio", [1.0, 1.02, 1 / 1.02, 1.05])
@pytest.mark.parametrize(("sd", "pairs"), [(0.035, 10), (0.05, 10), (0.08, 10), (0.02, 4), (0.05, 2)])
def test_equal_lanes_are_called_so_as_often_as_in_simulated_plans(
    sd: float, pairs: int, ratio: float, level: float
) -> None:
    logs = math.log(ratio) + noise(sd, SIMULATED, pairs)
    half = stats.t.isf(level / 2, pairs - 1) * np.std(logs, axis=1, ddof=1) / math.sqrt(pairs)

    called = np.mean(np.abs(logs.mean(axis=1)) + half <= math.log(1.05))

    assert chance_of_equality(sd, pairs, level, ratio) == pytest.approx(called, abs=0.015)


def test_the_chances_of_equality_with_ten_pairs_are_the_documented_ones() -> None:
    found = {
        sd: [round(100 * chance_of_equality(sd, 10, level)) for level in (0.05, 0.1)] for sd in (0.035, 0.05, 0.08)
    }

    assert found == {0.035: [95, 98], 0.05: [58, 77], 0.08: [7, 19]}


@given(deviations, numbers_of_pairs, st.floats(1.05, 3))
def test_lanes_that_differ_by_5_percent_are_called_equal_in_5_percent_at_most(
    sd: float, pairs: int, ratio: float
) -> None:
    assert chance_of_equality(sd, pairs, 0.1, ratio) <= 0.05 + 1e-6


def test_without_noise_lanes_are_equal_if_their_ratio_is() -> None:
    assert chance_of_equality(0.0, 10, ratio=1.04) == 1
    assert chance_of_equality(0.0, 10, ratio=1.06) == 0
    assert chance_of_equality(0.05, 1) == 0


@pytest.mark.parametrize("alpha", [0.05, 0.0207])
@pytest.mark.parametrize("value", [0.9, 1.0, 1.01, 1.04, 1.1, 1.5])
def test_the_pairs_to_settle_have_80_percent_and_one_less_has_not(value: float, alpha: float) -> None:
    seen = Ratio(10, value, 0.9, 1.2, 0.3, 0.06)

    found = pairs_to_settle(seen, alpha)

    assert found is not None
    assert found.pairs > 10
    assert found.chance >= 0.8
    chances = power_of(value, 0.06, found.pairs - 1, alpha), chance_of_equality(0.06, found.pairs - 1, 0.05, value)
    assert max(chances) < 0.8 or found.pairs == 11


def test_a_stricter_level_takes_more_pairs() -> None:
    seen = Ratio(10, 1.05, 0.9, 1.2, 0.3, 0.06)
    family, alone = pairs_to_settle(seen, 0.0207), pairs_to_settle(seen)

    assert family is not None
    assert alone is not None
    assert family.pairs > alone.pairs


def test_what_a_thousand_pairs_do_not_settle_is_not_settled() -> None:
    assert pairs_to_settle(Ratio(10, 1.049, 0.5, 2.0, 0.9, 1.0)) is None
