"""Intervals, Holm and verdicts, against SciPy and against simulated truth."""

import math
from collections.abc import Collection
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.facts.config import Primary, judged_places
from harness.facts.figures import BY_NAME
from harness.facts.point import users
from harness.facts.trial import Trial
from harness.facts.verdict import Verdict
from harness.judge.power import chance_of_equality, detectable_effect, pairs_to_settle
from harness.judge.statistics import holm, is_equivalent, paired_ratio
from harness.judge.verdict import fooled_by, is_settled, most_failed, of_whole_blocks, resolutions, verdicts

SIMULATED = 2000
values = st.lists(st.tuples(st.floats(0.1, 1e4), st.floats(0.1, 1e4)), min_size=2, max_size=20)


def noisy_pairs(ratio: float, noise: float, blocks: int, seed: int) -> list[tuple[float, float]]:
    luck = np.random.default_rng(seed)
    first, second = np.exp(luck.normal(0, noise / math.sqrt(2), (2, blocks)))
    return list(zip(ratio * first, second, strict=True))


def test_the_interval_is_scipys() -> None:
    pairs = noisy_pairs(1.3, 0.1, 10, seed=1)
    logs = [math.log(first / second) for first, second in pairs]
    low, high = stats.t.interval(0.95, 9, loc=np.mean(logs), scale=stats.sem(logs))

    ratio = paired_ratio(pairs)

    assert ratio is not None
    assert ratio.low == pytest.approx(math.exp(low))
    assert ratio.high == pytest.approx(math.exp(high))
    assert ratio.p == pytest.approx(
        stats.ttest_rel(np.log([a for a, _ in pairs]), np.log([b for _, b in pairs])).pvalue
    )


@given(values)
def test_swapping_the_lanes_inverts_the_ratio(pairs: list[tuple[float, float]]) -> None:
    ratio, inverse = paired_ratio(pairs), paired_ratio([(second, first) for first, second in pairs])

    assert ratio is not None
    assert inverse is not None
    assert ratio.value == pytest.approx(1 / inverse.value)
    assert ratio.low == pytest.approx(1 / inverse.high)


@pytest.mark.parametrize("noise", [0.02, 0.05, 0.1])
def test_the_interval_covers_the_truth_in_95_of_100_plans(noise: float) -> None:
    ratios = [paired_ratio(noisy_pairs(1.1, noise, 10, seed)) for seed in range(SIMULATED)]

    covered = sum(ratio is not None and ratio.low <= 1.1 <= ratio.high for ratio in ratios) / SIMULATED

    assert 0.94 <= covered <= 0.96


def test_fewer_than_two_pairs_give_no_ratio() -> None:
    assert paired_ratio([(1.0, 2.0)]) is None


def test_pairs_without_any_noise_are_no_error() -> None:
    same = paired_ratio([(2.0, 2.0)] * 8)

    assert same is not None
    assert (same.value, same.low, same.high, same.p) == (1.0, 1.0, 1.0, 1.0)


def test_holm_is_the_textbooks() -> None:
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03}) == {"a": 0.03, "c": 0.06, "b": 0.06}


@given(st.dictionaries(st.text(max_size=3), st.floats(0, 1), min_size=1, max_size=6))
def test_holm_never_lowers_a_p_and_keeps_their_order(p: dict[str, float]) -> None:
    adjusted = holm(p)

    assert all(1 >= adjusted[name] >= p[name] for name in p)
    ranked = sorted(p, key=lambda name: p[name])
    assert [adjusted[name] for name in ranked] == sorted(adjusted.values())


def test_the_blocks_that_would_settle_it_do_settle_it() -> None:
    ratio = paired_ratio(noisy_pairs(1.08, 0.15, 8, seed=3))
    assert ratio is not None

    settling = pairs_to_settle(ratio)

    assert settling is not None
    assert settling.pairs > 8
    settled = [paired_ratio(noisy_pairs(ratio.value, ratio.spread, settling.pairs, seed)) for seed in range(400)]
    assert sum(one is not None and (one.p <= 0.05 or is_equivalent(one)) for one in settled) / 400 > 0.7


def trial(lane: str, block: int, **figures: object) -> Trial:
    nothing = (
        "started",
        "ok",
        "failed",
        "censored",
        "warmup_ok",
        "warmup_failed",
        "window_failed",
        "drain_ok",
        "drain_failed",
    )
    known = {
        "trial": f"b{block}-{lane}",
        "block": block,
        "attempt": 1,
        "lane": lane,
        "scenario": "sun",
        "load": "closed",
    }
    times = {"started_utc": "2026-01-01T00:00:00Z", "warmup_s": 1.0, "window_s": 2.0, "drain_s": 0.1}
    counted = {**dict.fromkeys(nothing, 0), "users": 300, "window_ok": 2000}
    return Trial.model_validate({**known, **times, **counted, "status": "valid", **figures})


def judge(
    pairs: list[tuple[float, float]],
    metric: str = "throughput",
    *,
    fooled: Collection[str] = (),
    complete: bool = True,
    allowed: float = 0.01,
    **more: Any,
) -> Verdict:
    field = BY_NAME[metric].field
    trials = [
        trial(lane, block, **{field: value}, **more)
        for block, pair in enumerate(pairs, start=1)
        for lane, value in zip(("quart", "flask"), pair, strict=True)
    ]
    primary = Primary.model_validate({"lane": "quart", "baseline": "flask", "metric": metric, "point": users(300)})
    found = verdicts([primary], trials, most_failed=allowed, fooled=fooled, complete=complete)
    return found[0]


@pytest.mark.parametrize(
    ("ratio", "noise", "metric", "word"),
    [
        (1.5, 0.05, "throughput", "better"),
        (0.7, 0.05, "throughput", "worse"),
        (1.5, 0.05, "p95", "worse"),
        (0.7, 0.05, "p95", "better"),
        (1.0, 0.01, "throughput", "equivalent"),
        (1.02, 0.3, "throughput", "inconclusive"),
    ],
)
def test_the_four_verdicts(ratio: float, noise: float, metric: str, word: str) -> None:
    verdict = judge(noisy_pairs(ratio, noise, 10, seed=1), metric)

    assert verdict.word == word
    assert verdict.doubts == ()
    assert (verdict.blocks_to_settle is not None) == (word == "inconclusive")


def test_fewer_than_eight_pairs_are_inconclusive() -> None:
    verdict = judge(noisy_pairs(2.0, 0.02, 7, seed=1))

    assert verdict.word == "inconclusive"
    assert verdict.doubts == ("few blocks",)


def test_an_invalid_trial_drops_its_pair() -> None:
    assert judge(noisy_pairs(2.0, 0.02, 10, seed=1), status="invalid").pairs == 0


def test_a_lane_whose_failures_reach_the_percentile_is_not_judged_by_its_good_blocks() -> None:
    good = noisy_pairs(0.5, 0.02, 10, seed=1)
    trials = [
        trial(lane, block, latency_p95_ms=None if (lane, block) == ("quart", 3) else 100 * value)
        for block, pair in enumerate(good, start=1)
        for lane, value in zip(("quart", "flask"), pair, strict=True)
    ]

    (verdict,) = verdicts(
        [Primary(lane="quart", baseline="flask", metric="p95", point=users(300))], trials, most_failed=0.0
    )

    assert verdict.word == "inconclusive"
    assert (verdict.doubts, verdict.lacking) == (("lacking",), 1)


def test_a_percentile_with_fewer_than_ten_answers_beyond_it_is_not_judged() -> None:
    few = judge(noisy_pairs(2.0, 0.02, 10, seed=1), "p99", window_ok=999)

    assert (few.pairs, few.word) == (0, "inconclusive")
    assert judge(noisy_pairs(2.0, 0.02, 10, seed=1), "p99", window_ok=1000).pairs == 10


@pytest.mark.parametrize("lost", ["window_failed", "window_censored"])
def test_failed_and_censored_requests_count_among_those_beyond_a_percentile(lost: str) -> None:
    found = judge(noisy_pairs(2.0, 0.02, 10, seed=1), "p95", window_ok=199, **dict[str, Any]({lost: 1}))

    assert (found.pairs, found.lacking) == (10, 0)


@pytest.mark.parametrize("lost", ["window_failed", "window_censored"])
def test_a_lane_that_fails_fast_is_not_better(lost: str) -> None:
    verdict = judge(noisy_pairs(1.5, 0.02, 10, seed=1), window_ok=960, **dict[str, Any]({lost: 40}))

    assert (verdict.word, verdict.doubts, verdict.failed_share) == ("inconclusive", ("failures",), 0.04)


def test_what_may_fail_is_what_the_run_declared() -> None:
    pairs = noisy_pairs(1.5, 0.02, 10, seed=1)

    assert judge(pairs, window_ok=960, window_failed=40, allowed=0.04).word == "better"
    assert judge(pairs, window_ok=960, window_failed=40, allowed=0.039).word == "inconclusive"
    assert (most_failed({"failed_share": 0.2}), most_failed({})) == (0.2, 0.0)


@pytest.mark.parametrize(("metric", "word"), [("throughput", "better"), ("cpu", "worse"), ("p50", "worse")])
def test_each_metric_says_which_way_is_better(metric: str, word: str) -> None:
    assert judge(noisy_pairs(2.0, 0.02, 10, seed=1), metric).word == word


def test_the_spread_is_that_of_a_sample() -> None:
    ratio = paired_ratio([(math.exp(log), 1.0) for log in (0.1, 0.3, 0.5)])

    assert ratio is not None
    assert ratio.spread == pytest.approx(0.2)


def test_the_detectable_effect_is_that_of_the_strictest_step_of_holm() -> None:
    pair = {"lane": "quart", "baseline": "flask"}
    primaries = [
        Primary.model_validate({**pair, "metric": metric, "point": users(300)}) for metric in ("throughput", "p95")
    ]
    values = noisy_pairs(1.2, 0.05, 10, seed=3)
    trials = [
        trial(lane, block, throughput_rps=value, latency_p95_ms=value)
        for block, both in enumerate(values, start=1)
        for lane, value in zip(("quart", "flask"), both, strict=True)
    ]
    sd = float(np.std([math.log(first / second) for first, second in values], ddof=1))

    found = resolutions(primaries, [], trials, 10)

    assert [seen.effect for seen in found] == [pytest.approx(detectable_effect(sd, 10, alpha=0.025))] * 2
    assert [seen.equality for seen in found] == [pytest.approx(chance_of_equality(sd, 10, 0.1))] * 2


def test_what_a_run_can_see_is_that_of_all_its_pairs_even_if_a_look_has_ended_it() -> None:
    primary = Primary(lane="quart", baseline="flask", metric="throughput", point=users(300))
    trials = [
        trial(lane, block, throughput_rps=value)
        for block, both in enumerate(noisy_pairs(2.0, 0.05, 4, seed=3), start=1)
        for lane, value in zip(("quart", "flask"), both, strict=True)
    ]

    (seen,) = resolutions([primary], [], trials, 10)

    assert seen.pairs == 10


def test_a_block_with_an_invalid_judged_trial_counts_for_no_pair() -> None:
    primary = Primary(lane="quart", baseline="flask", metric="throughput", point=users(300))
    control = Primary(lane="quart-again", baseline="quart", metric="throughput", point=users(300))
    trials = [
        trial(lane, block, status="invalid" if (lane, block) == ("quart-again", 2) else "valid")
        for block in (1, 2)
        for lane in ("quart", "flask", "quart-again", "bystander")
    ]

    kept = of_whole_blocks(trials, judged_places([primary, control]))

    assert {(one.lane, one.block) for one in kept} == {("quart", 1), ("flask", 1), ("quart-again", 1)}


def test_each_primary_is_judged_at_its_own_point() -> None:
    busy, calm = noisy_pairs(1.5, 0.02, 10, seed=1), noisy_pairs(0.7, 0.02, 9, seed=2)
    trials = [
        trial(lane, block, users=level, throughput_rps=value)
        for level, pairs in ((300, busy), (16, calm))
        for block, pair in enumerate(pairs, start=1)
        for lane, value in zip(("quart", "flask"), pair, strict=True)
    ]
    at = [
        Primary(lane="quart", baseline="flask", metric="throughput", point=point) for point in (users(16), users(300))
    ]

    found = verdicts(at, trials, most_failed=0.0)

    assert [(one.point.level, one.word, one.pairs) for one in found] == [(16, "worse", 9), (300, "better", 10)]
    assert resolutions(at[:1], [], trials, 9) == resolutions(at[:1], [], [one for one in trials if one.users == 16], 9)


def test_what_fails_or_is_lacking_at_another_point_casts_no_doubt() -> None:
    trials = [
        trial(
            lane,
            block,
            users=level,
            throughput_rps=value if level == 300 else None,
            window_failed=0 if level == 300 else 9,
        )
        for level in (300, 16)
        for block, pair in enumerate(noisy_pairs(1.5, 0.02, 10, seed=1), start=1)
        for lane, value in zip(("quart", "flask"), pair, strict=True)
    ]
    primary = Primary(lane="quart", baseline="flask", metric="throughput", point=users(300))

    (found,) = verdicts([primary], trials, most_failed=0.0)

    assert (found.word, found.lacking, found.failed_share) == ("better", 0, 0.0)


def test_an_invalid_trial_costs_the_pairs_of_its_own_point_alone() -> None:
    places = {("quart", users(16)), ("flask", users(16)), ("quart", users(300)), ("flask", users(300))}
    trials = [
        trial(lane, 1, users=level, status="invalid" if (lane, level) == ("flask", 16) else "valid")
        for lane in ("quart", "flask")
        for level in (16, 300)
    ]

    assert {one.place for one in of_whole_blocks(trials, places)} == {("quart", users(300)), ("flask", users(300))}


def test_a_run_that_is_not_complete_decides_nothing() -> None:
    verdict = judge(noisy_pairs(2.0, 0.02, 10, seed=1), complete=False)

    assert (verdict.word, verdict.doubts) == ("inconclusive", ("incomplete",))
    assert verdict.ratio == pytest.approx(2.0, rel=0.05)


def test_a_lane_that_differs_from_itself_withholds_the_verdicts_of_that_metric_alone() -> None:
    pairs = noisy_pairs(1.5, 0.02, 10, seed=1)
    fooled = fooled_by([judge(pairs)])

    held, kept = judge(pairs, fooled=fooled), judge(pairs, "p95", fooled=fooled)

    assert (held.word, kept.word) == ("inconclusive", "worse")
    assert (held.doubts, kept.doubts) == (("withheld",), ())


def test_an_equal_lane_withholds_nothing() -> None:
    assert fooled_by([judge(noisy_pairs(1.0, 0.02, 10, seed=4))]) == frozenset()


def test_a_primary_without_a_ratio_still_counts_in_the_family() -> None:
    pairs = noisy_pairs(1.05, 0.03, 10, seed=2)
    trials = [
        trial(lane, block, throughput_rps=value)
        for block, pair in enumerate(pairs, start=1)
        for lane, value in zip(("quart", "flask"), pair, strict=True)
    ]
    primaries = [
        Primary.model_validate({"lane": "quart", "baseline": "flask", "metric": metric, "point": users(300)})
        for metric in ("throughput", "p95")
    ]

    (alone,) = verdicts(primaries[:1], trials, most_failed=0.0)
    with_another = verdicts(primaries, trials, most_failed=0.0)[0]

    assert alone.p is not None
    assert with_another.p == pytest.approx(min(1.0, 2 * alone.p))


def adjusted_pairs(raw: list[tuple[float, float]], speeds: list[tuple[float, float]]) -> list[Trial]:
    return [
        trial(lane, block, throughput_rps=value * speed, speed=speed)
        for block, (pair, both) in enumerate(zip(raw, speeds, strict=True), start=1)
        for lane, value, speed in zip(("quart", "flask"), pair, both, strict=True)
    ]


def test_throughput_at_equal_core_speed_is_judged_with_the_raw_ratio_beside_it() -> None:
    speeds = noisy_pairs(1.0, 0.6, 10, seed=5)
    primary = Primary(lane="quart", baseline="flask", metric="throughput_adjusted", point=users(300))

    trials = adjusted_pairs(noisy_pairs(1.1, 0.02, 10, seed=1), speeds)
    (verdict,) = verdicts([primary], trials, most_failed=0.0, planned=10)

    assert verdict.word == "better"
    assert verdict.ratio == pytest.approx(1.1, rel=0.02)
    assert verdict.raw is not None
    raw, low, high = verdict.raw
    assert low < 1 < high
    assert raw == pytest.approx(
        math.exp(np.mean([math.log(trials[i].throughput_rps / trials[i + 1].throughput_rps) for i in range(0, 20, 2)]))  # type: ignore[operator]
    )


def at_look(pairs: int, ratio: float = 2.0) -> tuple[Primary, list[Trial]]:
    primary = Primary(lane="quart", baseline="flask", metric="throughput", point=users(300))
    trials = [
        trial(lane, block, throughput_rps=value)
        for block, both in enumerate(noisy_pairs(ratio, 0.02, pairs, seed=3), start=1)
        for lane, value in zip(("quart", "flask"), both, strict=True)
    ]
    return primary, trials


@pytest.mark.parametrize(("pairs", "word"), [(4, "better"), (5, "inconclusive"), (7, "better"), (9, "better")])
def test_fewer_than_eight_pairs_decide_at_a_declared_look_only(pairs: int, word: str) -> None:
    primary, trials = at_look(pairs)

    (verdict,) = verdicts([primary], trials, most_failed=0.0, planned=10)

    assert verdict.word == word
    assert ("few blocks" in verdict.doubts) == (word == "inconclusive")


def test_an_early_look_asks_more_of_p_and_widens_the_interval() -> None:
    primary, trials = at_look(4)

    (early,) = verdicts([primary], trials, most_failed=0.0, planned=10)
    (whole,) = verdicts([primary], trials, most_failed=0.0, planned=4)

    assert early.p is not None
    assert whole.p is not None
    assert early.p > whole.p
    assert early.low is not None
    assert whole.low is not None
    assert early.low < whole.low


def test_a_look_settles_a_clear_difference_for_a_family_of_three_and_nothing_else() -> None:
    primary, clear = at_look(4)

    assert is_settled([primary], clear, planned=10, family=3)
    assert not is_settled([primary], at_look(4, ratio=1.05)[1], planned=10, family=3)
    assert not is_settled([primary], at_look(5)[1], planned=10, family=3)  # no look
    spoiled = [one.model_copy(update={"status": "invalid"}) if one.block == 2 else one for one in clear]
    assert not is_settled([primary], spoiled, planned=10, family=3)


def test_what_is_sure_alone_is_not_sure_in_a_large_family() -> None:
    primary, trials = at_look(4, ratio=1.25)

    assert is_settled([primary], trials, planned=10, family=1)
    assert not is_settled([primary], trials, planned=10, family=100)
