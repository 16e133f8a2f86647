"""Open load against Erlang C, the closed forms of an event loop, and the law of Allen and Cunneen."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model.closed import erlang_b
from harness.model.latency import Upstream, highest_rate, percentile_s, sigma_of, steady_with
from harness.model.open_load import capacity, steady, steady_of
from harness.model.server import Demand, Served, Server, constant

shares = st.floats(min_value=0.05, max_value=0.95)


@given(slots=st.integers(min_value=1, max_value=40), share=shares)
def test_without_cpu_it_is_erlang_c(slots: int, share: float) -> None:
    held_s, rate = 0.2, share * slots / 0.2
    blocked = erlang_b(slots, rate * held_s)
    waiting = blocked / (1 - share * (1 - blocked))

    found = steady(Server(held_s, constant(0.0), slots), rate)

    assert found is not None
    assert found.waiting == pytest.approx(waiting)
    assert found.wait_s == pytest.approx(waiting / (slots / held_s - rate))
    assert found.excess_s == pytest.approx(0, abs=1e-9)


@given(share=shares, demand_s=st.sampled_from([0.0005, 0.002, 0.01]), upstream_s=st.sampled_from([0.0, 0.05, 1.0]))
def test_an_event_loop_answers_after_upstream_time_and_a_shared_core(
    share: float, demand_s: float, upstream_s: float
) -> None:
    found = steady(Server(upstream_s, constant(demand_s)), share / demand_s)

    assert found is not None
    assert found.latency_s == pytest.approx(upstream_s + demand_s / (1 - share), rel=1e-6)
    assert found.used == pytest.approx(share)
    assert found.waiting == found.wait_s == 0


def test_an_event_loop_whose_requests_cost_less_when_more_are_in_service_keeps_up_with_more() -> None:
    """At 64 in service the core is busy all the time, at 330/s; with 300 it does 500/s."""
    found = steady(Server(0.035, Demand((16.0, 300.0), (0.004, 0.002))), 400.0)

    assert found is not None
    assert found.in_service > 64
    assert 0.035 < found.latency_s < 1


def test_one_slot_is_a_single_server() -> None:
    found = steady(Server(0.2, constant(0.05), slots=1), 3.0)

    assert found is not None
    assert found.latency_s == pytest.approx(1 / (1 / 0.25 - 3))


def test_equal_times_halve_the_wait_for_a_slot() -> None:
    server = Server(0.2, constant(0.0), slots=4)
    alike, exponential = steady(server, 18.0, service_scv=0), steady(server, 18.0)

    assert alike is not None
    assert exponential is not None
    assert alike.wait_s == pytest.approx(exponential.wait_s / 2)


def test_a_rate_at_the_capacity_has_no_steady_state() -> None:
    server = Server(0.2, constant(0.001), slots=4)

    assert steady(server, capacity(server)) is None
    assert steady(server, 0.999 * capacity(server)) is not None


def test_several_queues_share_the_rate() -> None:
    alone = Server(0.2, constant(0.001), slots=40)
    one, three = steady(alone, 100.0), steady_of(Served(alone, 3), 300.0)

    assert one is not None
    assert three is not None
    assert three.latency_s == pytest.approx(one.latency_s)
    assert three.capacity_rps == pytest.approx(3 * one.capacity_rps)
    assert three.in_service == pytest.approx(3 * one.in_service)


@pytest.mark.parametrize("percent", [50, 95, 99])
def test_percentiles_of_a_single_stage_are_exponential(percent: float) -> None:
    state = steady(Server(0.2, constant(0.001)), 500.0)

    assert state is not None
    assert percentile_s(state, percent, Upstream(0.2, calls=0)) == pytest.approx(
        0.2 - 0.002 * math.log(1 - percent / 100), abs=2e-5
    )


def test_percentiles_of_a_single_server_are_those_of_its_law() -> None:
    state = steady(Server(0.0, constant(0.1), slots=1), 7.0)  # M/M/1: exponential with mean 1 / (10 - 7)

    assert state is not None
    assert percentile_s(state, 95, Upstream(0.0, calls=0)) == pytest.approx(-math.log(0.05) / 3, rel=0.01)


def test_an_upstream_with_a_tail_has_its_own_percentiles() -> None:
    upstream = Upstream(0.4, calls=1, sigma=sigma_of(3.0))
    served = Served(Server(0.4, constant(0.0)))
    state = steady_with(served, 10.0, upstream)
    median_s = 0.4 * math.exp(-(upstream.sigma**2) / 2)

    assert state is not None
    assert percentile_s(state, 50, upstream) == pytest.approx(median_s, rel=0.01)
    assert percentile_s(state, 99, upstream) == pytest.approx(3 * median_s, rel=0.01)


@pytest.mark.parametrize("slots", [4, 100, math.inf])
def test_the_highest_rate_keeps_the_latency_and_a_little_more_does_not(slots: float) -> None:
    served, upstream = Served(Server(0.2, constant(0.002), slots)), Upstream(0.2, calls=2)

    rate = highest_rate(served, upstream, 95, 0.3)
    at, beyond = steady_with(served, rate, upstream), steady_with(served, 1.02 * rate, upstream)

    assert at is not None
    assert percentile_s(at, 95, upstream) <= 0.3
    assert beyond is None or percentile_s(beyond, 95, upstream) > 0.3


def test_no_rate_keeps_a_latency_below_the_upstream_time() -> None:
    assert highest_rate(Served(Server(0.2, constant(0.002))), Upstream(0.2, calls=2), 95, 0.1) == 0
