"""Closed load against exact mean value analysis, the bounds, and several cores."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model.closed import closed, erlang_b, throughput, throughputs
from harness.model.server import Demand, Server, constant, deployed

seconds = st.floats(min_value=1e-4, max_value=2.0)
few = st.integers(min_value=1, max_value=60)


def mean_value_analysis(upstream_s: float, demand_s: float, most: int) -> list[float]:
    """Return the throughput for 1, 2, ... users by the exact recursion of Reiser and Lavenberg (1980)."""
    found, queue = [], 0.0
    for users in range(1, most + 1):
        response_s = demand_s * (1 + queue)
        found.append(users / (upstream_s + response_s))
        queue = found[-1] * response_s
    return found


def test_erlang_b_has_the_values_of_its_tables() -> None:
    assert erlang_b(1, 1.0) == pytest.approx(0.5)
    assert erlang_b(5, 3.0) == pytest.approx(0.11005, abs=1e-5)
    assert erlang_b(10, 5.0) == pytest.approx(0.01838, abs=1e-5)


@given(upstream_s=seconds, demand_s=seconds, most=few)
def test_throughput_is_that_of_exact_mean_value_analysis(upstream_s: float, demand_s: float, most: int) -> None:
    found = throughputs(Server(upstream_s, constant(demand_s)), most)

    assert list(found) == pytest.approx(mean_value_analysis(upstream_s, demand_s, most), rel=1e-9)


@given(upstream_s=seconds, demand_s=seconds, users=few, slots=few)
def test_users_beyond_the_slots_only_wait(upstream_s: float, demand_s: float, users: int, slots: int) -> None:
    server = Server(upstream_s, constant(demand_s), slots)

    full, found = throughput(server, min(users, slots)), closed(server, users)

    assert found.throughput_rps == pytest.approx(full)
    assert found.latency_s == pytest.approx(users / full)
    assert found.wait_s == pytest.approx(max(0, users - slots) / full)


@given(upstream_s=seconds, demand_s=seconds, users=few, think_s=seconds)
def test_thinking_keeps_littles_law_and_equals_a_longer_delay_where_slots_suffice(
    upstream_s: float, demand_s: float, users: int, think_s: float
) -> None:
    found = closed(Server(upstream_s, constant(demand_s)), users, think_s)

    assert found.throughput_rps * (found.latency_s + think_s) == pytest.approx(users)
    assert found.throughput_rps == pytest.approx(throughput(Server(upstream_s + think_s, constant(demand_s)), users))


def test_a_second_core_counts_once_the_first_is_busy() -> None:
    one, two = (Server(0.2, constant(0.001), cores=cores) for cores in (1, 2))

    assert throughput(two, 1) == pytest.approx(throughput(one, 1))
    assert throughput(two, 300) == pytest.approx(300 / 0.202, rel=0.01)
    assert throughput(two, 3000) == pytest.approx(2000)


def test_as_many_cores_as_requests_leave_no_queue() -> None:
    assert throughput(Server(0.2, constant(0.1), cores=4), 4) == pytest.approx(4 / 0.3)


def test_a_demand_lies_on_a_line_over_the_logarithm_of_what_is_in_service() -> None:
    demand = Demand((1, 100), (0.004, 0.001))

    assert [demand.at(level) for level in (0.5, 1, 10, 100, 1e6)] == pytest.approx([0.004, 0.004, 0.0025, 0.001, 0.001])
    assert demand.at_levels_times(2).at(20) == pytest.approx(0.0025)
    assert demand.times(3).at(10) == pytest.approx(0.0075)


def test_a_throughput_uses_the_demand_of_as_many_as_are_in_service() -> None:
    server = Server(0.2, Demand((1, 100), (0.004, 0.001)), slots=10)

    assert closed(server, 100).throughput_rps == pytest.approx(throughput(Server(0.2, constant(0.0025)), 10))


@pytest.mark.parametrize(("levels", "values"), [((), ()), ((1, 2), (0.1,)), ((2, 2), (0.1, 0.1))])
def test_a_demand_that_cannot_be_interpolated_is_refused(levels: tuple[float, ...], values: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="demand"):
        Demand(levels, values)


def test_processes_of_one_slot_take_from_one_queue_and_those_of_several_have_their_own() -> None:
    alone = Server(0.2, constant(0.001))

    sync = deployed(alone, processes=4, slots_each=1, cores=2)
    threads = deployed(alone, processes=4, slots_each=10, cores=2)
    loops = deployed(alone, processes=2, slots_each=math.inf, cores=8)

    assert (sync.queues, sync.each.slots, sync.each.cores) == (1, 4, 2)
    assert (threads.queues, threads.each.slots, threads.each.cores) == (2, 20, 1)
    assert (loops.queues, loops.each.slots, loops.each.cores) == (2, math.inf, 1)
