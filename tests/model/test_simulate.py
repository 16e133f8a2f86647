"""The simulation against the formulas, and what order does to percentiles."""

import math

import numpy as np
import pytest

from harness.model.closed import closed
from harness.model.open_load import steady
from harness.model.server import Server, constant
from harness.model.simulate import Observed, Simulated, closed_window, open_window, poisson

TWO_CALLS = np.full((1, 2), 0.1)


def closed_of(simulated: Simulated, users: int = 150, seed: str = "1") -> Observed:
    return closed_window(simulated, users, warmup_s=2, window_s=10, seed=seed)


@pytest.mark.parametrize(("slots", "users"), [(math.inf, 150), (20, 150), (math.inf, 20)])
def test_closed_load_is_that_of_the_formula(slots: float, users: int) -> None:
    theory = closed(Server(0.2, constant(0.002), slots), users)

    found = closed_of(Simulated(0.002, TWO_CALLS, slots), users)

    assert found.throughput_rps == pytest.approx(theory.throughput_rps, rel=0.02)
    assert found.latencies_s.mean() == pytest.approx(theory.latency_s, rel=0.03)


def test_open_load_without_cpu_is_erlang_c() -> None:
    calls = np.random.default_rng(1).exponential(0.2, (5000, 1))
    theory = steady(Server(0.2, constant(0.0), slots=5), 20.0)

    found = open_window(Simulated(0.0, calls, 5), poisson(20, 1000, "1"), warmup_s=20, window_s=980, seed="1")

    assert theory is not None
    assert found.latencies_s.mean() == pytest.approx(theory.latency_s, rel=0.08)
    assert found.throughput_rps == pytest.approx(20, rel=0.02)


def test_equal_delays_halve_the_wait_for_a_slot() -> None:
    theory = steady(Server(0.2, constant(0.0), slots=4), 17.0, service_scv=0)

    found = open_window(
        Simulated(0.0, np.full((1, 1), 0.2), 4), poisson(17, 1500, "2"), warmup_s=20, window_s=1480, seed="1"
    )

    assert theory is not None
    assert found.latencies_s.mean() - 0.2 == pytest.approx(theory.wait_s, rel=0.15)


def test_order_spreads_latencies_and_leaves_the_throughput() -> None:
    orders = [closed_of(Simulated(0.002, TWO_CALLS, math.inf, variation=0.3, order=order)) for order in (0, 0.5, 1)]

    p99 = [found.percentile_s(99) for found in orders]
    assert p99 == sorted(p99)
    assert p99[2] > 1.5 * p99[0]
    assert [found.throughput_rps for found in orders] == pytest.approx([500] * 3, rel=0.02)


def test_random_order_has_the_mean_and_median_of_a_shared_core() -> None:
    found = open_window(
        Simulated(0.01, np.empty((1, 0)), math.inf), poisson(80, 600, "3"), warmup_s=10, window_s=590, seed="1"
    )

    assert found.latencies_s.mean() == pytest.approx(0.01 / (1 - 0.8), rel=0.1)


def test_several_cores_serve_at_once() -> None:
    theory = closed(Server(0.2, constant(0.004), cores=2), 150)

    found = closed_of(Simulated(0.004, TWO_CALLS, math.inf, cores=2))

    assert found.throughput_rps == pytest.approx(theory.throughput_rps, rel=0.02)


def test_the_overhead_is_part_of_every_latency() -> None:
    bare, more = (closed_of(Simulated(1e-4, TWO_CALLS, math.inf, overhead_s=extra), 4) for extra in (0.0, 0.003))

    assert more.latencies_s.min() - bare.latencies_s.min() == pytest.approx(0.003, abs=2e-4)


def test_the_same_seed_gives_the_same_window_and_another_one_another() -> None:
    simulated = Simulated(0.002, TWO_CALLS, 64)

    first, again, other = (closed_of(simulated, seed=seed) for seed in ("1", "1", "2"))

    assert np.array_equal(first.latencies_s, again.latencies_s)
    assert not np.array_equal(first.latencies_s, other.latencies_s)


def test_a_window_counts_arrivals_that_are_due_in_it_to_their_end() -> None:
    found = open_window(
        Simulated(0.0, np.full((1, 1), 5.0), math.inf), [0.5, 1.0, 1.9, 2.0], warmup_s=1, window_s=1, seed="1"
    )

    assert list(found.latencies_s) == [5.0, 5.0]
