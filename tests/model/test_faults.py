"""What theory expects of a lane under a fault."""

import math
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from harness.facts.config import Lane
from harness.facts.faults import Fault, Injected, Orchestrator
from harness.facts.routes import Route
from harness.model.faults import Strain, dead_after_s, expected, last_trace_s, recovery_s, strain

KUBELET = Orchestrator()
STALL = Strain(rate=50, slots=64, capacity=400, busy_s=0.0, length_s=10, share=1.0, hold_s=30)
SUN = Route(path="/sun", upstream=(("location",), ("sun",)))
WEATHER = Route(path="/weather", upstream=(("weather",),))
MEAN_S = {"location": 0.1, "sun": 0.1, "weather": 0.1}
HANG = Fault(inject=(Injected(kind="hang", endpoint="location"),))


def lane(**more: object) -> Lane:
    return Lane.model_validate({"command": "serve {port}", "slots": 64, **more})


def test_a_stall_of_all_calls_takes_every_slot_after_slots_over_rate_seconds() -> None:
    assert dead_after_s(STALL) == pytest.approx(64 / 50)


def test_slots_that_are_busy_anyway_are_not_free_to_be_taken() -> None:
    assert dead_after_s(replace(STALL, busy_s=0.2)) == pytest.approx((64 - 10) / 50)


@pytest.mark.parametrize(
    "change",
    [{"slots": math.inf}, {"share": 0.0}, {"length_s": 1.0}, {"hold_s": 1.0}, {"rate": 1.0}],
    ids=["unbounded", "no call is hit", "too short", "given up in time", "few requests"],
)
def test_a_lane_whose_slots_are_not_all_taken_is_never_dead(change: dict[str, float]) -> None:
    found = expected(replace(STALL, **change), KUBELET)  # type: ignore[arg-type]

    assert dead_after_s(replace(STALL, **change)) is None  # type: ignore[arg-type]
    assert (found.dead_s, found.back_s, found.restarts) == (None, None, 0)


def test_a_stall_of_ten_seconds_costs_a_lane_its_health_until_the_calls_are_given_up() -> None:
    found = expected(STALL, KUBELET)

    assert found.dead_s == pytest.approx(1.28)
    assert found.back_s is not None
    assert 30 < found.back_s < 36
    assert found.restarts == 1


def test_a_backlog_takes_what_came_in_beyond_over_what_is_carried_beyond() -> None:
    assert recovery_s(150, 100, 20, 100, 50) == 20.0
    assert recovery_s(150, 100, 20, 100, 100) == math.inf
    assert recovery_s(80, 100, 20, 100, 50) == 0.0


def test_an_overload_recovers_as_the_formula_says() -> None:
    found = expected(Strain(rate=50, slots=64, capacity=100, busy_s=0.2, length_s=20, surge=3), KUBELET)

    assert found.recovered_s == pytest.approx(20 + (150 - 100) * 20 / (100 - 50))
    assert found.dead_s == pytest.approx(100 * 1.0 / 50)


@pytest.mark.parametrize(("rate", "surge"), [(150, 1.0), (100, 1.5)], ids=["all the time", "just what it carries"])
def test_what_a_lane_cannot_carry_afterwards_is_never_worked_off(rate: float, surge: float) -> None:
    found = expected(Strain(rate=rate, slots=64, capacity=100, busy_s=0.2, length_s=30, surge=surge), KUBELET)

    assert found.dead_s == pytest.approx(2.0)
    assert (found.back_s, found.recovered_s, found.restarts) == (None, None, None)


def test_a_stall_at_more_than_a_lane_carries_is_never_worked_off() -> None:
    found = expected(replace(STALL, rate=500), KUBELET)

    assert found.dead_s == pytest.approx(64 / 500)
    assert (found.back_s, found.recovered_s, found.restarts) == (None, None, None)


def test_health_of_an_event_loop_waits_for_its_core_under_an_overload_and_not_under_a_stall() -> None:
    loop = Strain(rate=50, slots=math.inf, capacity=100, busy_s=0.2, length_s=30, surge=3)

    assert expected(loop, KUBELET) == expected(replace(loop, slots=64), KUBELET)
    assert expected(loop, KUBELET).dead_s == pytest.approx(2.0)
    assert expected(replace(loop, rate=50, surge=2.5), KUBELET).restarts == 1
    assert expected(replace(loop, surge=1.0, share=1.0, hold_s=30), KUBELET).restarts == 0


def test_an_overload_that_ends_before_its_queue_is_long_takes_no_health() -> None:
    found = expected(Strain(rate=50, slots=64, capacity=100, busy_s=0.2, length_s=20, surge=2.05), KUBELET)

    assert (found.dead_s, found.back_s, found.restarts) == (None, None, 0)
    assert found.recovered_s == pytest.approx(20 + 2.5 * 20 / 50)


@settings(max_examples=50)
@given(st.floats(1, 200), st.floats(1, 200), st.floats(0.5, 40), st.floats(0.5, 40))
def test_a_lane_that_is_dead_is_so_in_order_and_more_slots_die_later(
    rate: float, slots: float, length_s: float, hold_s: float
) -> None:
    few = Strain(rate=rate, slots=slots, capacity=1e6, busy_s=0.0, length_s=length_s, share=1.0, hold_s=hold_s)
    found = expected(few, KUBELET)
    assume(found.dead_s is not None)
    assert found.dead_s is not None
    assert found.back_s is not None
    assert found.recovered_s is not None

    assert 0 <= found.dead_s < found.back_s <= found.recovered_s
    more = dead_after_s(replace(few, slots=slots + 1))
    assert more is None or more > found.dead_s


def test_a_remedy_is_read_from_its_lane() -> None:
    def under(**more: object) -> Strain:
        return strain(lane(**more), (SUN, WEATHER), HANG, 60, None, MEAN_S)

    assert (under().hold_s, under().share, under().slots) == (30.0, 0.5, 64.0)
    assert under().capacity == pytest.approx(64 / 0.15)
    assert under(env={"UPSTREAM_READ_TIMEOUT_S": "1"}).hold_s == 1.0
    assert under(env={"MOST_IN_FLIGHT": "48"}).slots == 48.0
    assert under(env={"MOST_IN_FLIGHT": "48"}).reserved
    assert under(command="serve {port} {health_port}").reserved
    assert not under().reserved
    assert math.isinf(under(slots="unbounded").slots)


@pytest.mark.parametrize(
    ("inject", "share", "hold_s"),
    [
        ({"kind": "error", "endpoint": "location"}, 0.0, 0.0),
        ({"kind": "reset", "endpoint": "location"}, 0.0, 0.0),
        ({"kind": "slow", "endpoint": "location", "share": 0.1, "extra_s": 10.0}, 0.1, 10.0),
        ({"kind": "brown-out", "endpoint": "location", "share": 0.0, "extra_s": 0.4}, 1.0, 0.4),
        ({"kind": "hang", "endpoint": "*", "cap_s": 5.0}, 1.0, 10.0),
        ({"kind": "hang", "endpoint": "*"}, 1.0, 30.0),
        ({"kind": "slow", "endpoint": "sun", "share": 1.0, "extra_s": 40.0}, 1.0, 30.0),
    ],
)
def test_a_fault_holds_a_slot_for_as_long_as_its_kind_says(
    inject: dict[str, object], share: float, hold_s: float
) -> None:
    fault = Fault(inject=(Injected.model_validate(inject),))
    found = strain(lane(), (SUN,), fault, 60, 400, MEAN_S)

    assert found.share == pytest.approx(share)
    assert found.hold_s == pytest.approx(hold_s)


def test_a_lane_that_refuses_has_no_backlog_and_is_back_with_its_first_slots() -> None:
    found = expected(replace(STALL, refuses=True, reserved=True), KUBELET)

    assert (found.dead_s, found.recovered_s) == (None, 30.0)


def test_the_last_trace_of_a_stall_is_the_last_call_that_is_given_up_or_the_backlog() -> None:
    assert last_trace_s(replace(STALL, slots=math.inf), KUBELET) == 40.0
    slow = replace(STALL, capacity=60)
    assert last_trace_s(slow, KUBELET) == expected(slow, KUBELET).recovered_s
