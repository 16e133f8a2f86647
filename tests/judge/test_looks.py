"""Declared looks: their levels, p and intervals, against simulated plans, known bounds and the t test itself."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import harness.judge.looks
from harness.judge.looks import Looks, declared, levels, repeated_interval, sequential_p, sequential_ps
from harness.judge.statistics import CONFIDENCE, SIGNIFICANCE, Ratio, paired_ratio

DECLARED = Looks((4, 7, 10))
SIMULATED = 100_000
OTHERS = ((4, 7, 10), (3, 5), (4, 8, 12), (5, 7, 9, 20), (6, 30), (10,))
alphas = st.floats(1e-5, 0.5)


@pytest.fixture(autouse=True, scope="module")
def _nothing_is_remembered() -> None:
    """Compute every level in this process: levels from before it was forked would hide what a mutation changes."""
    for function in vars(harness.judge.looks).values():
        if isinstance(function, type(levels)):
            function.cache_clear()


def simulated_p(looks: Looks, log: float = 0.0, plans: int = SIMULATED) -> np.ndarray:
    """Return the p of the t test at every look, a row for each look, of plans whose log ratio has a deviation of 1."""
    logs = np.random.default_rng(11).normal(log, 1, (plans, looks.pairs[-1]))
    return np.array([stats.ttest_1samp(logs[:, :pairs], 0.0, axis=1).pvalue for pairs in looks.pairs])


def ratio_of(logs: list[float]) -> Ratio:
    ratio = paired_ratio([(math.exp(log), 1.0) for log in logs])
    assert ratio is not None
    return ratio


def spending(alpha: float, share: float) -> float:
    return alpha * share * share * share


def test_the_declared_levels_are_what_the_first_look_spends_and_what_20_million_simulated_plans_gave() -> None:
    assert levels(DECLARED) == pytest.approx((0.05 * 0.4**3, 0.014563, 0.040499), rel=3e-3)


def test_the_more_pairs_the_nearer_are_the_levels_to_those_of_normal_deviates() -> None:
    normal = 0.0032, 0.015591, 0.043795  # by recursive integration of the joint normal density

    few, many = (np.abs(np.log(levels(Looks(pairs))) - np.log(normal)) for pairs in ((40, 70, 100), (80, 140, 200)))

    assert max(many) < 0.006
    assert all(many[1:] < 0.6 * few[1:])


@pytest.mark.parametrize("pairs", OTHERS)
@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.1])
def test_equal_lanes_pass_each_look_as_often_as_may_be_spent_by_then(pairs: tuple[int, ...], alpha: float) -> None:
    looks = Looks(pairs)
    p = simulated_p(looks)

    stops = np.logical_or.accumulate(p <= np.array([levels(looks, alpha)]).T)

    for passed, at in zip(stops.mean(axis=1), pairs, strict=True):
        expected = spending(alpha, at / pairs[-1])
        assert passed == pytest.approx(expected, abs=4 * math.sqrt(expected / SIMULATED))


def test_levels_of_normal_deviates_would_break_the_promise() -> None:
    p = simulated_p(DECLARED)

    wrong = np.mean(np.any(p <= np.array([[0.0032], [0.015591], [0.043795]]), axis=0))

    assert wrong > 0.0515


@pytest.mark.parametrize("pairs", [*OTHERS, (3, 6, 50), (20, 40, 60, 80, 100)])
@pytest.mark.parametrize("alpha", [1e-6, 1e-4, 0.2])
def test_levels_rise_from_look_to_look_however_small_alpha_is(pairs: tuple[int, ...], alpha: float) -> None:
    found = levels(Looks(pairs), alpha)

    assert all(0 < before < then for before, then in pairwise((*found, 1.002 * alpha)))


def test_one_look_is_the_t_test_itself() -> None:
    assert levels(Looks((10,))) == pytest.approx((SIGNIFICANCE,))
    assert sequential_p(Looks((10,)), 10, 0.03) == pytest.approx(0.03)


@given(alphas)
def test_a_look_has_at_least_what_it_spends_and_at_most_what_is_spent_by_then(alpha: float) -> None:
    spent = [0.0, *(spending(alpha, pairs / 10) for pairs in DECLARED.pairs)]

    for level, (before, then) in zip(levels(DECLARED, alpha), pairwise(spent), strict=True):
        assert (then - before) * (1 - 1e-4) <= level <= then * (1 + 1e-4)


@given(st.floats(1e-5, 0.45), st.floats(1.05, 2))
def test_a_larger_alpha_has_larger_levels_at_every_look(alpha: float, more: float) -> None:
    assert all(
        less < larger for less, larger in zip(levels(DECLARED, alpha), levels(DECLARED, alpha * more), strict=True)
    )


@given(st.floats(1e-4, 0.99), st.sampled_from(OTHERS))
def test_sequential_p_is_the_alpha_whose_level_p_reaches(alpha: float, pairs: tuple[int, ...]) -> None:
    looks = Looks(pairs)

    found = [sequential_p(looks, at, level) for at, level in zip(pairs, levels(looks, alpha), strict=True)]

    assert found == pytest.approx([alpha] * len(pairs), rel=2e-3)


@given(st.floats(0, 1), st.floats(0, 1), st.sampled_from(DECLARED.pairs))
def test_sequential_p_keeps_the_order_of_p_and_is_no_less(first: float, second: float, pairs: int) -> None:
    low, high = (sequential_p(DECLARED, pairs, p) for p in sorted((first, second)))

    assert 0 <= low <= high <= 1
    assert low >= min(first, second) - 1e-9


@pytest.mark.parametrize("alpha", [0.01, 0.025, 0.05, 0.2])
def test_of_equal_lanes_any_look_has_a_sequential_p_of_alpha_or_less_in_that_share_of_plans(alpha: float) -> None:
    rows = zip(DECLARED.pairs, simulated_p(DECLARED), strict=True)

    least = np.min([sequential_ps(DECLARED, pairs, p) for pairs, p in rows], axis=0)

    assert sequential_p(DECLARED, 10, levels(DECLARED)[-1]) == pytest.approx(SIGNIFICANCE, rel=1e-6)
    assert np.mean(least <= alpha) == pytest.approx(alpha, abs=4 * math.sqrt(alpha / SIMULATED))


def test_at_every_look_the_interval_leaves_out_one_where_p_passes_the_look() -> None:
    luck = np.random.default_rng(3)
    passed = set()
    for pairs, level in zip(DECLARED.pairs, levels(DECLARED), strict=True):
        for shift in np.linspace(0, 8, 81):
            ratio = ratio_of(list(0.05 * (luck.standard_normal(pairs) + shift)))
            repeated = repeated_interval(DECLARED, ratio)
            passed.add(ratio.p <= level)
            assert (ratio.p <= level) == (not repeated.low <= 1 <= repeated.high)
            assert (repeated.value, repeated.p, repeated.pairs) == (ratio.value, ratio.p, pairs)
            assert repeated.low < ratio.low < ratio.high < repeated.high
    assert passed == {True, False}


def test_a_repeated_interval_is_the_t_interval_of_its_level() -> None:
    logs = [0.1, 0.16, 0.05, 0.12]
    level = levels(DECLARED, 0.1)[0]
    low, high = stats.t.interval(1 - level, 3, loc=np.mean(logs), scale=stats.sem(logs))

    found = repeated_interval(DECLARED, ratio_of(logs), confidence=0.9)

    assert (found.low, found.high) == pytest.approx((math.exp(low), math.exp(high)))


def test_with_one_look_the_repeated_interval_is_that_of_the_ratio() -> None:
    ratio = ratio_of([0.1, 0.16, 0.05, 0.12])

    assert repeated_interval(Looks((4,)), ratio).low == pytest.approx(ratio.low)
    assert repeated_interval(Looks((4,)), ratio).high == pytest.approx(ratio.high)


def test_the_intervals_of_all_looks_hold_the_truth_together_in_95_percent() -> None:
    hold = simulated_p(DECLARED) > np.array([levels(DECLARED, 1 - CONFIDENCE)]).T  # the truth is 1, as is the pivot

    assert np.mean(hold.all(axis=0)) == pytest.approx(CONFIDENCE, abs=0.002)


def test_a_ratio_without_noise_keeps_its_interval() -> None:
    exact = ratio_of([0.5] * 4)

    assert repeated_interval(DECLARED, exact) == exact


@pytest.mark.parametrize(
    ("pairs", "looks"),
    [(1, (1,)), (4, (4,)), (5, (5,)), (6, (4, 6)), (7, (5, 7)), (8, (4, 6, 8)), (10, (4, 7, 10)), (20, (8, 14, 20))],
)
def test_a_plan_declares_looks_after_40_70_and_100_percent_with_room_between(
    pairs: int, looks: tuple[int, ...]
) -> None:
    assert declared(pairs) == Looks(looks)


@given(st.integers(1, 200))
def test_every_plan_can_declare_looks_and_the_last_one_is_all_pairs(pairs: int) -> None:
    assert declared(pairs).pairs[-1] == pairs
    assert declared(pairs).pairs[0] >= min(4, pairs)


def test_a_plan_that_lost_pairs_looks_last_at_those_left_and_no_more_easily() -> None:
    assert DECLARED.ending_at(10) == DECLARED
    assert DECLARED.ending_at(9) == Looks((4, 7, 9))
    assert DECLARED.ending_at(8) == Looks((4, 8))

    p = simulated_p(Looks((4, 7, 9)))
    passed = p <= np.array([[*levels(DECLARED)[:2], levels(DECLARED.ending_at(9))[-1]]]).T

    assert np.mean(passed.any(axis=0)) <= 0.05


def test_noise_beyond_what_a_float_holds_is_no_error() -> None:
    found = repeated_interval(DECLARED, Ratio(4, 1.0, 0.1, 10.0, 0.9, 1e3, error=5e2, df=3))

    assert 0 <= found.low < 1 < found.high < math.inf


@pytest.mark.parametrize("pairs", [(), (0,), (2, 5), (4, 5), (4, 4), (7, 4)])
def test_looks_that_cannot_be_are_refused(pairs: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="looks take 3 pairs or more"):
        Looks(pairs)


def test_a_number_of_pairs_that_is_no_look_is_refused() -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        sequential_p(DECLARED, 5, 0.01)
