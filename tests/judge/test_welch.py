"""The ratio of two runs, which no block pairs, against SciPy and against simulated truth."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.judge.power import pairs_to_settle
from harness.judge.statistics import is_equivalent, unpaired_ratio

SIMULATED = 2000
figures = st.lists(st.floats(0.1, 1e4), min_size=2, max_size=15)


def noisy(level: float, noise: float, blocks: int, seed: int) -> list[float]:
    return list(level * np.exp(np.random.default_rng(seed).normal(0, noise, blocks)))


def sides(ratio: float, noise: tuple[float, float], seed: int, blocks: int = 10) -> tuple[list[float], list[float]]:
    return noisy(ratio, noise[0], blocks, 2 * seed), noisy(1.0, noise[1], blocks, 2 * seed + 1)


def test_interval_and_p_are_welchs_formula() -> None:
    first, second = noisy(1.3, 0.1, 12, seed=1), noisy(1.0, 0.03, 9, seed=2)
    errors = [float(np.var(np.log(side), ddof=1)) / len(side) for side in (first, second)]
    freedom = sum(errors) ** 2 / (errors[0] ** 2 / 11 + errors[1] ** 2 / 8)
    mean = float(np.mean(np.log(first)) - np.mean(np.log(second)))
    low, high = stats.t.interval(0.95, freedom, loc=mean, scale=math.sqrt(sum(errors)))

    ratio = unpaired_ratio(first, second)

    assert ratio is not None
    assert (ratio.low, ratio.value, ratio.high) == pytest.approx((math.exp(low), math.exp(mean), math.exp(high)))
    assert ratio.p == pytest.approx(2 * stats.t.sf(abs(mean) / math.sqrt(sum(errors)), freedom))
    assert ratio.pairs == 9


@given(figures, figures)
def test_swapping_the_sides_inverts_the_ratio(first: list[float], second: list[float]) -> None:
    ratio, inverse = unpaired_ratio(first, second), unpaired_ratio(second, first)

    assert ratio is not None
    assert inverse is not None
    assert math.log(ratio.value) == pytest.approx(-math.log(inverse.value), abs=1e-9)
    assert (ratio.p, ratio.pairs, ratio.spread) == pytest.approx((inverse.p, inverse.pairs, inverse.spread), abs=1e-9)


@given(figures, figures, st.floats(0.01, 100))
def test_another_unit_changes_nothing(first: list[float], second: list[float], factor: float) -> None:
    ratio = unpaired_ratio(first, second)
    scaled = unpaired_ratio([factor * one for one in first], [factor * one for one in second])

    assert ratio is not None
    assert scaled is not None
    assert math.log(scaled.value) == pytest.approx(math.log(ratio.value), abs=1e-6)


@pytest.mark.parametrize("noise", [(0.02, 0.02), (0.05, 0.05), (0.02, 0.1)])
def test_the_interval_covers_the_truth_in_95_of_100_plans(noise: tuple[float, float]) -> None:
    ratios = [unpaired_ratio(*sides(1.1, noise, seed)) for seed in range(SIMULATED)]

    covered = sum(ratio is not None and ratio.low <= 1.1 <= ratio.high for ratio in ratios) / SIMULATED

    assert 0.94 <= covered <= 0.96


def test_two_equal_runs_are_significantly_different_in_5_of_100_plans() -> None:
    ratios = [unpaired_ratio(*sides(1.0, (0.05, 0.05), seed)) for seed in range(SIMULATED)]

    wrong = sum(ratio is not None and ratio.p <= 0.05 for ratio in ratios) / SIMULATED

    assert 0.04 <= wrong <= 0.06


@pytest.mark.parametrize(("first", "second"), [([1.0], [1.0, 2.0]), ([1.0, 2.0], [1.0]), ([], [])])
def test_fewer_than_two_blocks_on_a_side_give_no_ratio(first: list[float], second: list[float]) -> None:
    assert unpaired_ratio(first, second) is None


@pytest.mark.parametrize(("level", "p"), [(100.1, 1.0), (200.2, 0.0)])
def test_two_sides_without_any_noise_differ_exactly_or_not_at_all(level: float, p: float) -> None:
    ratio = unpaired_ratio([level] * 8, [100.1] * 9)

    assert ratio is not None
    assert ratio.low == ratio.value == ratio.high == pytest.approx(level / 100.1)
    assert ratio.p == p


@pytest.mark.parametrize("swapped", [False, True])
def test_one_side_without_any_noise_is_no_error(swapped: bool) -> None:
    still, noise = [123.4] * 10, noisy(123.4, 0.05, 10, seed=1)

    ratio = unpaired_ratio(noise, still) if swapped else unpaired_ratio(still, noise)

    assert ratio is not None
    assert ratio.low < ratio.value < ratio.high
    assert 0 < ratio.p < 1


@pytest.mark.parametrize(("first", "second"), [([1e-300, 1e300], [1e300, 1e-300]), ([1e300, 1e300], [1e-300, 1e-300])])
def test_ratios_beyond_a_float_are_no_error(first: list[float], second: list[float]) -> None:
    ratio = unpaired_ratio(first, second)

    assert ratio is not None
    assert 0 < ratio.low <= ratio.value <= ratio.high < math.inf


def test_the_blocks_that_would_settle_it_do_settle_it() -> None:
    ratio = unpaired_ratio(*sides(1.08, (0.1, 0.12), seed=3, blocks=8))
    assert ratio is not None

    settling = pairs_to_settle(ratio)

    assert settling is not None
    assert settling.pairs > 8
    settled = [unpaired_ratio(*sides(ratio.value, (0.1, 0.12), seed, settling.pairs)) for seed in range(400)]
    assert sum(one is not None and (one.p <= 0.05 or is_equivalent(one)) for one in settled) / 400 > 0.7
