"""The limit: min over users, slots, pool and CPU."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.facts.routes import Phases
from harness.model.limit import Capacity, critical_path, limit, sum_of_calls

SECONDS = {"location": 0.1, "sun": 0.3, "weather": 0.2}
positive = st.floats(min_value=1e-3, max_value=1e3)


@pytest.mark.parametrize(
    ("users", "capacity", "cpu_s", "rps", "by"),
    [
        (300, Capacity(slots=64), None, 320, "slots"),
        (16, Capacity(slots=64), None, 80, "users"),
        (300, Capacity(), None, 1500, "users"),
        (300, Capacity(pool=10), None, 50, "pool"),
        (300, Capacity(), 0.001, 1000, "cpu"),
        (300, Capacity(cores=2), 0.001, 1500, "users"),
    ],
)
def test_the_smallest_bound_is_the_limit(
    users: int, capacity: Capacity, cpu_s: float | None, rps: float, by: str
) -> None:
    bound = limit(users, capacity, critical_s=0.2, calls_s=0.2, cpu_s_per_request=cpu_s)

    assert bound is not None
    assert bound.rps == pytest.approx(rps)
    assert bound.by == by


def test_a_route_without_upstream_calls_and_without_known_cpu_has_no_limit() -> None:
    assert limit(300, Capacity(slots=4), critical_s=0.0, calls_s=0.0) is None


def test_calls_made_together_wait_only_for_the_longest() -> None:
    phases: Phases = (("location",), ("sun", "weather"))

    assert critical_path(phases, SECONDS) == pytest.approx(0.4)
    assert sum_of_calls(phases, SECONDS) == pytest.approx(0.6)


@given(users=st.integers(1, 1000), slots=st.integers(1, 1000), critical_s=positive)
def test_at_the_limit_the_wait_is_at_least_the_critical_path(users: int, slots: int, critical_s: float) -> None:
    bound = limit(users, Capacity(slots=slots), critical_s=critical_s, calls_s=critical_s)

    assert bound is not None
    assert bound.wait_s(users) >= critical_s or math.isclose(bound.wait_s(users), critical_s)


@given(users=st.integers(1, 1000), critical_s=positive, think_s=positive)
def test_users_who_think_are_held_for_that_too_and_wait_for_the_rest_of_their_cycle(
    users: int, critical_s: float, think_s: float
) -> None:
    bound = limit(users, Capacity(), critical_s=critical_s, calls_s=critical_s, think_s=think_s)

    assert bound is not None
    assert bound.rps == pytest.approx(users / (critical_s + think_s))
    assert bound.wait_s(users, think_s) == pytest.approx(critical_s, abs=1e-9 * (critical_s + think_s))


def test_slots_bind_where_thinking_users_are_many() -> None:
    bound = limit(300, Capacity(slots=10), critical_s=0.2, calls_s=0.2, think_s=1.0)

    assert bound is not None
    assert bound.by == "slots"
    assert bound.rps == pytest.approx(50)
    assert bound.wait_s(300, 1.0) == pytest.approx(5.0)
