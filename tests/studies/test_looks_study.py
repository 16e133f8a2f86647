"""The simulated plans with looks are judged as the project judges one, and the study keeps and can miss its promise."""

import numpy as np
import pytest

from harness.judge.looks import Looks, repeated_interval, sequential_p
from harness.judge.statistics import SIGNIFICANCE, Ratio, holm, paired_ratio
from harness.studies import early_stops
from harness.studies.early_stops import stopped
from harness.studies.looks import LOOKS, looks
from harness.studies.study import Study

SUBSET = 60
PRIMARIES = 3


@pytest.fixture(scope="module")
def study() -> Study:
    return looks()


def values(study: Study, figure: str, column: str, **circumstances: object) -> list[float]:
    rows = [row for row in study.rows if str(row["figure"]).startswith(figure)]
    kept = [row for row in rows if all(row[name] == value for name, value in circumstances.items())]
    return [value for row in kept if isinstance(value := row[column], float)]


def at_look(logs: np.ndarray, pairs: int) -> Ratio:
    ratio = paired_ratio([(float(value), 1.0) for value in np.exp(logs[:pairs])])
    assert ratio is not None
    return ratio


def test_many_plans_are_judged_as_each_alone() -> None:
    luck = np.random.default_rng(5)
    logs = luck.uniform(0, 0.8, (1, SUBSET, 1)) + 0.1 * luck.standard_normal((PRIMARIES, SUBSET, 10))

    seen = stopped(LOOKS, logs)

    half_widths = seen.half_widths()
    for plan in range(SUBSET):
        for place, pairs in enumerate(LOOKS.pairs):
            ratios = {str(primary): at_look(logs[primary, plan], pairs) for primary in range(PRIMARIES)}
            p = holm({name: sequential_p(LOOKS, pairs, ratio.p) for name, ratio in ratios.items()})
            assert seen.p[place, :, plan] == pytest.approx([p[name] for name in ratios])
            lows = [repeated_interval(LOOKS, ratio).low for ratio in ratios.values()]
            assert np.exp(seen.log - half_widths)[place, :, plan] == pytest.approx(lows)
            if max(p.values()) <= SIGNIFICANCE or pairs == LOOKS.pairs[-1]:
                assert seen.pairs[plan] == pairs
                break
    assert set(seen.pairs) == {4, 7, 10}


def test_p_of_many_plans_is_adjusted_as_that_of_each_alone() -> None:
    p = np.random.default_rng(2).uniform(0, 0.5, (PRIMARIES, SUBSET))

    adjusted = early_stops.holm(p)

    for plan in range(SUBSET):
        alone = holm({str(primary): float(p[primary, plan]) for primary in range(PRIMARIES)})
        assert list(adjusted[:, plan]) == [alone[str(primary)] for primary in range(PRIMARIES)]


def test_flags_are_those_of_the_look_that_each_plan_stops_at() -> None:
    logs = np.array([[[0.5, 0.5001, 0.5002, 0.4999] * 2, [0.1, -0.1] * 4]])

    seen = stopped(Looks((4, 8)), logs)

    assert list(seen.pairs) == [4, 8]
    assert seen.at_stop(seen.different).tolist() == [[True, False]]


def test_the_study_keeps_its_promise(study: Study) -> None:
    assert study.kept


def test_family_wise_errors_are_those_of_theory(study: Study) -> None:
    independent = [100 * (1 - (1 - 0.05 / primaries) ** primaries) for primaries in (2, 3)]

    assert values(study, "wrong p at any look, equal lanes", "percent", noise="normal") == pytest.approx(
        independent, abs=0.7
    )


def test_repeated_intervals_hold_at_every_look_in_94_to_96_percent_and_at_the_stop_in_more(study: Study) -> None:
    together = values(study, "interval holds at every look", "percent")
    at_stop = values(study, "interval holds at the stop", "percent")

    assert all(94 <= share <= 96 for share in together)
    assert all(stop >= share for stop, share in zip(at_stop, together, strict=True))
    assert max(at_stop) > 99


def test_equal_lanes_get_the_full_number_and_large_differences_the_least(study: Study) -> None:
    assert values(study, "median pairs used", "pairs", ratio=1.0) == [10] * 6
    assert values(study, "median pairs used", "pairs", ratio=1.7, primaries=1) == [4, 4]


def test_the_study_fails_where_it_promises_too_much() -> None:
    assert not looks(plans=1000, promised=["two speeds in one lane"]).kept


def test_all_rows_have_the_same_keys_and_their_interval_holds_the_share(study: Study) -> None:
    assert len({tuple(row) for row in study.rows}) == 1
    for row in study.rows:
        low, share, high = (row[f"{name}percent"] for name in ("low_", "", "high_"))
        if share is not None:
            assert isinstance(low, float)
            assert isinstance(share, float)
            assert isinstance(high, float)
            assert low <= share <= high


def test_the_same_seed_gives_the_same_study_and_another_seed_another() -> None:
    small = looks(plans=100, seed=3)

    assert looks(plans=100, seed=3) == small
    assert looks(plans=100, seed=4) != small
