"""Overload over all blocks: what is stated to be detectable is what simulated queues show."""

import math

import numpy as np
import pytest
from compare_inputs import make_open_trial, make_trial

from harness.judge.overload import detectable, overload

RATE, WINDOW_S, BLOCKS, PLANS = 400.0, 2.25, 10, 400


def walk(excess: float, seed: int) -> tuple[float, float]:
    """Return the backlog of a saturated queue in the first and last third: Poisson arrivals, exponential service."""
    luck = np.random.default_rng(seed)
    slices = 300
    length_s = WINDOW_S / slices
    arrivals = luck.poisson(RATE * length_s, slices)
    served = luck.poisson(RATE * (1 - excess) * length_s, slices)
    backlog = 200 + np.cumsum(arrivals - served)
    return float(backlog[: slices // 3].mean()), float(backlog[-slices // 3 :].mean())


def plans(excess: float) -> list[bool]:
    """Say of some plans whether their overload is certain."""
    found = []
    for plan in range(PLANS):
        backlogs = [walk(excess, plan * BLOCKS + block) for block in range(BLOCKS)]
        trials = [
            make_open_trial("quart", RATE, window_s=WINDOW_S, backlog_first=first, backlog_last=last)
            for first, last in backlogs
        ]
        gained = overload(trials)
        assert gained is not None
        found.append(gained.is_certain)
    return found


def test_the_overload_that_is_called_detectable_is_found_in_four_of_five_plans() -> None:
    least = detectable(RATE * WINDOW_S * BLOCKS)

    found = plans(least)

    assert least == pytest.approx(0.0467, abs=0.0005)
    assert 0.68 <= np.mean(found) <= 0.85  # the interval is Student's, the formula's normal


def test_a_backlog_that_only_varies_is_seldom_called_an_overload() -> None:
    assert np.mean(plans(0.0)) <= 0.025 + 3 * math.sqrt(0.025 / PLANS)


def test_four_times_the_arrivals_show_half_the_overload() -> None:
    assert detectable(4000) == pytest.approx(detectable(1000) / 2)


def test_closed_load_has_no_backlog() -> None:
    assert overload([make_trial("quart", 300)]) is None


def test_two_blocks_have_a_mean_and_no_interval() -> None:
    two = [
        make_open_trial("quart", 100.0, window_s=3.0, backlog_first=10.0, backlog_last=last) for last in (12.0, 14.0)
    ]

    gained = overload(two)

    assert gained is not None
    assert gained.gained == pytest.approx(3 / 2 / 100)
    assert (gained.low, gained.is_certain) == (None, False)
