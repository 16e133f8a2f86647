"""The map: the first lane where next to nothing arrives, none where no core could serve it, and its two lines."""

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from known_lanes import CPU_S, LANES, calibrated

from harness.model.advice import Known
from harness.model.areas import (
    FULL,
    Area,
    Grid,
    areas,
    grid_of,
    most_slots,
    outruns_rps,
    smallest_first,
    threads_stop_helping_rps,
)

ROOM = 1.5
EVERY = smallest_first(Known({name: calibrated(name) for name in reversed(LANES)}, LANES))


def cell(upstream_s: float, rate_rps: float) -> Grid:
    """Return a grid of one cell around these."""
    return Grid((upstream_s / 1.01, upstream_s * 1.01), (rate_rps / 1.01, rate_rps * 1.01))


def answers(grid: Grid) -> list[tuple[str, bool]]:
    return [(area.lane, area.sure) for area in areas(EVERY, grid, ROOM)]


def test_the_smallest_change_comes_first() -> None:
    assert [one.lane for one in EVERY] == ["sync", "threads", "urllib3", "gevent", "loop"]


def test_of_lanes_that_serve_alike_the_preferred_one_stands_for_all() -> None:
    lanes = {"other": LANES["loop"], "loop": LANES["loop"]}
    known = {name: replace(calibrated("loop"), lane=name) for name in lanes}

    assert [one.lane for one in smallest_first(Known(known, lanes))] == ["other"]
    assert [one.lane for one in smallest_first(Known(known, lanes, ("loop",)))] == ["loop"]


@pytest.mark.parametrize(
    ("upstream_s", "rate_rps", "expected"),
    [
        (0.2, 0.1, [("sync", True)]),
        (0.2, 200, [("threads", True)]),  # 40 in service
        (0.2, 620, [("urllib3", True)]),  # more than threads have CPU for
        (2.0, 300, [("gevent", True)]),  # 600 in service
        (0.2, 10_000, []),  # more than a core can do
    ],
)
def test_a_corner_of_the_map_has_the_lane_that_it_must_have(
    upstream_s: float, rate_rps: float, expected: list[tuple[str, bool]]
) -> None:
    assert answers(cell(upstream_s, rate_rps)) == expected


def test_a_cell_at_the_very_edge_of_a_lane_is_not_sure() -> None:
    edge = next(rate for rate in range(400, 500, 4) if answers(cell(0.2, rate))[0][0] != "threads")

    assert answers(cell(0.2, edge - 4)) == [("threads", False)]
    assert answers(cell(0.2, edge)) == [("urllib3", False)]  # threads may keep it after all


def test_areas_of_one_upstream_time_follow_one_another_from_the_lowest_rate() -> None:
    grid = grid_of((0.05, 0.8), (1.0, 2000.0))
    found = areas(EVERY, grid, ROOM)
    columns: dict[tuple[float, float], list[Area]] = {}
    for area in found:
        columns.setdefault(area.upstream_s, []).append(area)

    assert list(columns) == list(pairwise(grid.upstream_s))
    for column in columns.values():
        assert column[0].rates_rps[0] == grid.rates_rps[0]
        assert all(below.rates_rps[1] == above.rates_rps[0] for below, above in pairwise(column))
        order = [next(place for place, one in enumerate(EVERY) if one.lane == area.lane) for area in column]
        assert order == sorted(order)


def test_threads_stop_helping_where_the_core_is_full() -> None:
    threads = most_slots(EVERY, LANES)

    assert threads is not None
    assert threads.lane == "threads"
    assert threads_stop_helping_rps(threads, 0.2) == pytest.approx(1 / CPU_S["threads"])


def test_synchronous_code_outruns_what_its_slots_hold() -> None:
    threads = replace(calibrated("threads"), overhead_s=0.0)

    assert outruns_rps(threads, 0.4) * (0.4 + CPU_S["threads"]) == pytest.approx(FULL * 300)
    assert most_slots([calibrated("loop")], LANES) is None
    assert math.isfinite(outruns_rps(threads, 4.0))
