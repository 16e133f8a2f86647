"""What each route did, and the ratio over paired blocks."""

import numpy as np
import pytest
from compare_inputs import make_trial
from trials import requests

from harness.facts.config import Primary
from harness.facts.point import users
from harness.facts.route import RouteCounts
from harness.judge.by_route import counts_of_routes, of_routes

PAIR = Primary(lane="quart", baseline="flask", metric="throughput", point=users(300))


def test_each_route_is_counted_by_itself() -> None:
    seen = requests([str(n) for n in range(300)], [0.0] * 300, [0.1 + n / 1000 for n in range(300)])
    seen.route[:] = ["read"] * 250 + ["write"] * 50

    read, write = counts_of_routes(seen, np.ones(300, dtype=bool), 10.0)

    assert (read.route, read.ok, read.lost, read.throughput_rps) == ("read", 250, 0, 25.0)
    assert read.p50_ms == pytest.approx(224)
    assert read.p95_ms == pytest.approx(337)
    assert (write.ok, write.p95_ms) == (50, None)  # fewer than ten beyond it


def test_lost_requests_are_the_slowest_of_their_route() -> None:
    seen = requests([str(n) for n in range(400)], [0.0] * 400, [0.1] * 400)
    seen.route[:] = ["a", "b"] * 200
    seen.outcome[:24:2] = "failed"

    a, b = counts_of_routes(seen, np.ones(400, dtype=bool), 1.0)

    assert (a.ok, a.lost, a.p95_ms) == (188, 12, None)  # the 190th of 200 is one of them
    assert b.p95_ms == pytest.approx(100)


def test_one_route_alone_is_all_there_is() -> None:
    seen = requests(["1", "2"], [0.0, 0.0], [0.1, 0.1])

    assert counts_of_routes(seen, np.ones(2, dtype=bool), 1.0) == ()


def test_a_routes_ratio_is_that_of_its_paired_blocks() -> None:
    trials = [make_trial(lane, 300, block) for lane in ("quart", "flask") for block in (1, 2, 3)]
    factor = {1: 0.5, 2: 0.4, 3: 0.6}
    counts = {
        trial.trial: [
            RouteCounts(route=route, ok=500, lost=0, throughput_rps=50.0, p95_ms=value)
            for route, value in (("a", 100.0 * (factor[trial.block] if trial.lane == "quart" else 1)), ("b", None))
        ]
        for trial in trials
    }

    rows = of_routes(trials, counts, [PAIR])

    assert [(row.route, row.lane) for row in rows] == [("a", "flask"), ("a", "quart"), ("b", "flask"), ("b", "quart")]
    ours = rows[1]
    assert ours.ratio == pytest.approx((0.5 * 0.4 * 0.6) ** (1 / 3))
    assert ours.low is not None
    assert ours.low < 0.5 < (ours.high or 0)
    assert rows[0].ratio is None
    assert rows[3].ratio is None


def test_invalid_trials_are_left_out() -> None:
    trials = [make_trial("quart", 300, 1), make_trial("quart", 300, 2, status="invalid", reasons="steal")]
    counts = {trial.trial: [RouteCounts(route="a", ok=1, lost=0, throughput_rps=1.0)] for trial in trials}

    assert [row.blocks for row in of_routes(trials, counts, [PAIR]) if row.lane == "quart"] == [1]
