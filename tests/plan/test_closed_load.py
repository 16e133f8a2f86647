"""The plan: balanced, seeded, and within what a profile allows."""

from collections import Counter
from itertools import islice, permutations
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.facts.config import Config
from harness.facts.parsing import parse_config
from harness.facts.point import users
from harness.plan.blocks import lane_orders, points_in_order, side_by_side
from harness.plan.closed_load import Delays, Plan, again, make_plan
from harness.plan.timing import timing

FIXED = Delays(dict.fromkeys(("location", "sun", "weather"), 0.1), dict.fromkeys(("location", "sun", "weather"), 0.1))


def config() -> Config:
    return parse_config(Path("bench.toml").read_text())


def plan_of(profile: str) -> Plan:
    return make_plan(config(), config().profiles[profile], config().scenarios["sun"], FIXED)


def test_a_lane_that_refuses_is_measured_with_no_more_users_than_it_takes() -> None:
    assert {(trial.lane, trial.point.level) for trial in plan_of("goodput").trials} == {
        ("flask-threads-64", 300),
        ("flask-threads-64-bounded", 48),
        ("quart", 300),
        ("quart-bounded", 48),
    }


@given(lanes=st.integers(2, 7), seed=st.integers(0, 1000), pairs=st.integers(1, 8))
def test_of_any_two_lanes_each_goes_first_equally_often(lanes: int, seed: int, pairs: int) -> None:
    names = [f"lane-{number}" for number in range(lanes)]

    orders = list(islice(lane_orders(names, seed), 2 * pairs))

    assert all(sorted(order) == sorted(names) for order in orders)
    for first, second in permutations(names, 2):
        assert sum(order.index(first) < order.index(second) for order in orders) == pairs


def test_an_order_is_random_from_two_blocks_to_the_next_and_each_lane_comes_to_each_place() -> None:
    names = list("abcdefg")

    orders = list(islice(lane_orders(names, 1), 400))

    assert all(first == second[::-1] for first, second in zip(orders[::2], orders[1::2], strict=True))
    assert all({order[place] for order in orders} == set(names) for place in range(7))


@pytest.mark.parametrize("seed", range(8))
def test_the_lanes_of_a_verdict_follow_one_another_and_no_step_of_the_ladder_is_far(seed: int) -> None:
    judged, steps = config().compared

    for order in islice(lane_orders(config().ladder_lanes, seed, [judged, steps]), 10):
        assert all(abs(order.index(one) - order.index(other)) == 1 for one, other in judged)
        assert all(abs(order.index(one) - order.index(other)) <= 5 for one, other in steps)


def test_a_plan_puts_lanes_that_are_compared_beside_each_other_and_leaves_the_rest_to_chance() -> None:
    turns = plan_of("quick").turns
    orders = [tuple(turn.lane for turn in turns if turn.block == block) for block in range(1, 11)]

    assert all(abs(order.index("quart") - order.index("flask-threads-300")) == 1 for order in orders)
    assert len({tuple(sorted((order, order[::-1]))) for order in orders[:4]}) == 2


@given(st.permutations(list("abcdef")), st.randoms(use_true_random=False))
def test_pairs_stand_side_by_side_those_of_the_first_group_before_others(lanes: list[str], luck: Random) -> None:
    order = "".join(side_by_side(lanes, [[("a", "b")], [("a", "c"), ("x", "e")]], luck))

    assert sorted(order) == sorted(lanes)
    assert "bac" in order or "cab" in order


def test_a_lane_without_a_partner_comes_to_each_place() -> None:
    orders = [side_by_side("abcde", [[("a", "b")]], Random(seed)) for seed in range(100)]

    assert {order.index("e") for order in orders} == set(range(5))


def test_the_same_seed_gives_the_same_order_and_another_seed_another() -> None:
    names, points = list("abcdefg"), [users(number) for number in (1, 4, 16, 64)]

    def orders(seed: int) -> list[list[str]]:
        return list(islice(lane_orders(names, seed), 10))

    assert orders(1) == orders(1)
    assert orders(1) != orders(2)
    assert points_in_order(points, 1, 1, "a") == points_in_order(points, 1, 1, "a")


def test_quick_has_ten_blocks_of_the_pair_four_of_the_ladder_and_two_elsewhere() -> None:
    blocks = Counter((trial.lane, trial.point.level) for trial in plan_of("quick").trials)
    pair = {("quart", 300), ("flask-threads-300", 300)}
    ladder = {(lane, 16 if lane == "flask-sync-4" else 300) for lane in config().ladder_lanes} - pair

    assert {blocks.pop(place) for place in pair} == {10}
    assert {blocks.pop(place) for place in ladder} == {4}
    assert set(blocks.values()) == {2}
    assert {lane for lane, _ in blocks} == set(config().profiles["quick"].lanes)


def test_quick_measures_each_lane_below_at_and_above_its_slots() -> None:
    points: dict[str, set[int]] = {}
    for trial in plan_of("quick").trials:
        points.setdefault(trial.lane, set()).add(round(trial.point.level))

    for lane, slots in (("flask-sync-4", 4), ("flask-threads-64", 64)):
        assert min(points[lane]) < slots < max(points[lane])
        assert slots in points[lane]
    assert points["flask-threads-300"] >= {1, 300}


def test_a_point_beyond_its_lanes_limit_is_skipped_with_the_wait_it_would_have() -> None:
    skipped = {(point.lane, point.users): point.wait_s for point in plan_of("quick").skipped}

    assert skipped["flask-sync-4", 300] == pytest.approx(300 / 20)
    assert {lane for lane, _ in skipped} == {"flask-sync-4"}


def test_a_plan_with_every_point_beyond_its_limit_is_an_error() -> None:
    profile = (
        config().profiles["quick"].model_copy(update={"lanes": ("flask-sync-4",), "points": (300,), "ladder_blocks": 0})
    )

    with pytest.raises(UsageError, match="every point is beyond"):
        make_plan(config(), profile, config().scenarios["sun"], FIXED)


@pytest.mark.parametrize(("profile", "minutes"), [("smoke", 1.5), ("quick", 8.5), ("full", 55)])
def test_each_profile_stays_within_its_time_where_its_first_look_decides(profile: str, minutes: float) -> None:
    plan = plan_of(profile)

    assert plan.until(4).expected_s + plan.rest.expected_s < minutes * 60


def test_most_of_a_quick_run_is_load() -> None:
    plan = plan_of("quick")

    assert plan.load_s / plan.expected_s > 0.7


@given(wait_s=st.floats(0.001, 60), longest_s=st.floats(0, 10), window_s=st.floats(2, 30))
def test_a_trial_is_long_enough_for_its_wait(wait_s: float, longest_s: float, window_s: float) -> None:
    planned = timing(wait_s, longest_s, window_s)

    assert planned.suits(1.15 * wait_s)
    assert planned.spread_s <= max(wait_s, planned.warmup_s - wait_s) * 1.000001
    assert planned.warmup_s >= max(1.0, longest_s)
    assert planned.window_s >= window_s


def test_a_repeated_trial_has_time_for_the_wait_that_was_measured() -> None:
    trial = plan_of("quick").trials[0]

    repeated = again(trial, 2.0, 0.2)

    assert repeated.timing.warmup_s >= 2 * trial.timing.warmup_s

    assert repeated.timing.suits(2.0)
    assert repeated.attempt == 2
    assert repeated.name == f"{trial.name}-r2"
