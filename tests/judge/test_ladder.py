"""What each step buys: made-up blocks whose ratios are known."""

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from measured_trials import trial

from harness.facts.config import Step
from harness.facts.ladder import Ladder
from harness.facts.point import users
from harness.facts.summary import PointSummary
from harness.facts.trial import Trial
from harness.judge.ladder import SATURATED, ladders, unsaturated
from harness.judge.statistics import paired_ratio

STEPS = (
    Step(change="slots", baseline="sync", lane="threads"),
    Step(change="client", baseline="threads", lane="urllib3"),
    Step(change="async", baseline="urllib3", lane="quart"),
    Step(change="loop", baseline="quart", lane="uvloop", aside=True),
)
LANES = ("sync", "threads", "urllib3", "quart", "uvloop")
rates = st.lists(st.tuples(*[st.floats(1, 1e4)] * len(LANES)), min_size=2, max_size=8)


def measured(blocks: Sequence[tuple[float, ...]]) -> list[Trial]:
    """Return trials at 300 users; the first lane went no further than 16."""
    return [
        trial(lane, block, at=16 if lane == "sync" else 300, throughput_rps=rate, cpu_ms_per_request=1000 / rate)
        for block, row in enumerate(blocks, 1)
        for lane, rate in zip(LANES, row, strict=True)
    ]


def of_throughput(trials: list[Trial], steps: tuple[Step, ...] = STEPS) -> Ladder:
    return ladders(steps, trials)[0]


@given(rates)
def test_the_steps_multiply_to_the_whole_where_every_block_is_complete(blocks: list[tuple[float, ...]]) -> None:
    ladder = of_throughput(measured(blocks))

    assert ladder.whole is not None
    assert ladder.product == pytest.approx(ladder.whole.ratio)
    assert ladder.product == pytest.approx(math.exp(sum(math.log(row[3] / row[0]) for row in blocks) / len(blocks)))


@given(rates)
def test_a_rung_is_the_ratio_of_paired_blocks_with_its_interval(blocks: list[tuple[float, ...]]) -> None:
    rung = of_throughput(measured(blocks)).rungs[1]
    expected = paired_ratio([(row[2], row[1]) for row in blocks])

    assert expected is not None
    assert (rung.ratio, rung.low, rung.high) == (expected.value, expected.low, expected.high)
    assert rung.pairs == len(blocks)


def test_each_metric_has_its_own_ladder() -> None:
    throughput, cpu = ladders(STEPS, measured([(10, 20, 30, 40, 50), (10, 20, 30, 40, 50)]))

    assert (throughput.metric, cpu.metric) == ("throughput", "cpu")
    assert throughput.product == pytest.approx(4)
    assert cpu.product == pytest.approx(1 / 4)


def test_a_branch_is_no_part_of_the_way() -> None:
    ladder = of_throughput(measured([(10, 20, 30, 40, 80), (10, 20, 30, 40, 80)]))

    assert [rung.step.change for rung in ladder.way] == ["slots", "client", "async"]
    assert ladder.rungs[3].ratio == pytest.approx(2)
    assert ladder.times_of("client") == pytest.approx(1.5)


def test_a_lane_stands_for_itself_at_its_highest_point_only() -> None:
    higher = [(10.0, 20.0, 30.0, 40.0, 50.0)] * 2
    lower = [trial("threads", block, at=64, throughput_rps=999.0) for block in (1, 2)]

    assert of_throughput([*lower, *measured(higher)]).rungs[0].ratio == pytest.approx(2)


def test_an_invalid_trial_costs_its_block_in_the_steps_that_it_belongs_to() -> None:
    trials = measured([(10, 20, 30, 40, 50), (10, 21, 30, 40, 50), (10, 22, 30, 40, 50)])
    lost = [one.model_copy(update={"status": "invalid"}) if one.trial == "b2-urllib3-u300" else one for one in trials]

    assert [rung.pairs for rung in of_throughput(lost).rungs] == [3, 2, 2, 3]


def test_a_step_with_fewer_than_two_pairs_has_no_ratio_and_leaves_no_product() -> None:
    blocks = measured([(10, 20, 30, 40, 50)] * 2)
    ladder = of_throughput([one for one in blocks if (one.lane, one.block) != ("urllib3", 2)])

    assert [rung.ratio is None for rung in ladder.rungs] == [False, True, True, False]
    assert ladder.product is None
    assert ladder.agrees is None


def test_without_any_ratio_there_is_no_ladder() -> None:
    assert ladders(STEPS, measured([(10, 20, 30, 40, 50)])) == ()
    assert ladders((), measured([(10, 20, 30, 40, 50)] * 2)) == ()


@pytest.mark.parametrize(("product_off", "agrees"), [(1.0, True), (3.0, False)])
def test_a_product_outside_the_interval_of_the_whole_does_not_agree(product_off: float, agrees: bool) -> None:
    ladder = of_throughput(measured([(10, 20, 30, 40, 50), (10, 20, 30, 41, 50), (10, 20, 30, 39, 50)]))
    rung = ladder.rungs[0].model_copy(update={"ratio": 2 * product_off})

    assert ladder.model_copy(update={"rungs": (rung, *ladder.rungs[1:])}).agrees is agrees


def test_rungs_that_do_not_follow_one_another_have_no_whole() -> None:
    ladder = of_throughput(measured([(10, 20, 30, 40, 50)] * 2), (STEPS[0], STEPS[2]))

    assert ladder.whole is None
    assert len(ladder.rungs) == 2


def test_without_steps_there_is_no_ladder() -> None:
    assert ladders((), measured([(10, 20, 30, 40, 50)] * 2)) == ()


def test_a_lane_that_more_users_would_get_more_from_is_not_saturated() -> None:
    def at(lane: str, level: int, share: float, by: str = "cpu") -> PointSummary:
        return PointSummary(lane=lane, point=users(level), limit_share=share, limit_by=by)

    found = unsaturated(
        STEPS,
        [
            at("sync", 4, 0.5),
            at("sync", 16, 0.98, "slots"),
            at("threads", 300, SATURATED),
            at("urllib3", 300, SATURATED - 0.01),
            at("quart", 300, 0.95, "users"),
            at("elsewhere", 300, 0.1),
        ],
    )

    assert [point.lane for point in found] == ["urllib3", "quart"]
