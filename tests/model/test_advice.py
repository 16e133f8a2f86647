"""Advice: enough or not, the smallest change that is, and how far it holds."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_lanes import LANES, calibrated

from harness.model.advice import Checked, Known, Question, Way, advise
from harness.model.stacks import COSTS, Stack, stack_of

KNOWN = Known({name: calibrated(name) for name in LANES}, LANES, ("loop",))
ASKED = Question(rate_rps=50, upstream_s=0.4, slo_s=1.0, workers=4, threads=1, calls=2)


@pytest.mark.parametrize(
    ("name", "stack"),
    [("sync", "sync"), ("threads", "threads"), ("urllib3", "client"), ("gevent", "gevent"), ("loop", "loop")],
)
def test_a_lane_is_of_the_stack_that_its_command_says(name: str, stack: Stack) -> None:
    assert stack_of(LANES[name]) == stack


def test_four_slots_are_not_enough_for_fifty_requests_of_400_ms_and_threads_are() -> None:
    found = advise(ASKED, KNOWN)

    assert found.today.way == Way("sync", "sync", 4, 1)
    assert found.today.enough == "no"
    assert math.isinf(found.today.latency_s.value)
    assert found.recommended is not None
    assert found.recommended.way.stack == "threads"
    assert 20 < found.recommended.way.threads <= 32  # 50/s x 0.4 s are 20 in service on the average
    assert [one.way.stack for one in found.changes] == ["threads", "client", "gevent", "loop"]


def test_where_today_is_enough_nothing_is_recommended_and_the_margin_is_today_s() -> None:
    found = advise(replace(ASKED, rate_rps=3), KNOWN)

    assert found.today.enough == "yes"
    assert found.recommended is None
    assert found.margin is not None
    assert found.margin.rate == pytest.approx(found.today.most_rps.low / 3)
    assert found.margin.upstream > 1
    assert found.margin.cpu > 1


def test_a_rate_within_the_interval_is_too_close_to_call() -> None:
    most = advise(ASKED, KNOWN).today.most_rps

    assert advise(replace(ASKED, rate_rps=most.value), KNOWN).today.enough == "close"
    assert advise(replace(ASKED, rate_rps=0.99 * most.low), KNOWN).today.enough == "yes"
    assert advise(replace(ASKED, rate_rps=1.01 * most.high), KNOWN).today.enough == "no"


def test_a_rate_beyond_every_core_has_no_recommendation() -> None:
    found = advise(replace(ASKED, rate_rps=5000), KNOWN)

    assert found.recommended is None
    assert found.margin is None
    assert {one.enough for one in found.changes} == {"no"}


def test_no_rate_keeps_a_limit_below_the_upstream_time() -> None:
    found = advise(replace(ASKED, slo_s=0.3), KNOWN)

    assert [one.most_rps.high for one in (found.today, *found.changes)] == [0] * 5


def test_own_cpu_is_work_that_every_stack_has_to_do() -> None:
    usual, own = (advise(replace(ASKED, cpu_s=cpu), KNOWN).changes[-1] for cpu in (None, 0.023))

    assert usual.capacity_rps == pytest.approx(1 / 0.001)
    assert own.capacity_rps == pytest.approx(1 / 0.021, rel=1e-3)


def test_less_cpu_than_in_the_run_makes_every_stack_cheaper_alike() -> None:
    assert advise(replace(ASKED, cpu_s=0.0015), KNOWN).changes[-1].capacity_rps == pytest.approx(2 / 0.001)


def test_more_cores_offer_more_processes_first() -> None:
    found = advise(replace(ASKED, workers=1, threads=20, cores=2), KNOWN)

    assert found.changes[0].way == Way("threads", "threads", 2, 20)


def test_a_run_without_a_synchronous_lane_gives_no_advice() -> None:
    with pytest.raises(ValueError, match="synchronous"):
        advise(ASKED, Known({"loop": calibrated("loop")}, LANES))


@given(rate=st.floats(5, 400), upstream_s=st.floats(0.05, 1), threads=st.integers(1, 100))
@settings(max_examples=4)
def test_latency_and_rate_say_the_same_of_today(rate: float, upstream_s: float, threads: int) -> None:
    asked = Question(rate, upstream_s, 2 * upstream_s, workers=1, threads=threads, calls=2)

    today = advise(asked, KNOWN).today

    if abs(rate / today.most_rps.value - 1) > 0.01:
        assert (today.latency_s.value <= asked.slo_s) == (rate <= today.most_rps.value)
    assert today.most_rps.low <= today.most_rps.value <= today.most_rps.high


@pytest.mark.parametrize(("within", "held"), [(True, False), (False, True)])
def test_a_prediction_holds_if_what_was_measured_is_what_was_said(within: bool, held: bool) -> None:
    expected = advise(ASKED, KNOWN).today

    assert Checked(expected, 0.5, within).held is held
    assert Checked(replace(expected, enough="close"), 0.5, within).held


def test_the_first_call_costs_more_than_the_next() -> None:
    for cost in COSTS.values():
        assert cost.ratio(1, 0) - 1 > cost.ratio(2, 0) - cost.ratio(1, 0) > 0
