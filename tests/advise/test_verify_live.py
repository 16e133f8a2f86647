"""Advice put to the test with real processes: one situation, a short window."""

from dataclasses import replace

import pytest
from running import ROOT
from tried import in_three_tries

from harness.advise.known import Source, source
from harness.facts.config import Upstream
from harness.model.advice import Question, Way, advise
from harness.studies import verified
from harness.studies.laboratory import laboratory

ASKED = Question(rate_rps=30, upstream_s=0.1, slo_s=2.0, workers=1, threads=20, calls=2)


@pytest.fixture(scope="module")
def found() -> Source:
    return source(ROOT / "results", ROOT / "results" / "sample", print)


@in_three_tries
def test_a_way_that_is_enough_is_measured_to_be(found: Source) -> None:
    today = advise(ASKED, found.known).today
    lane = verified.lane_of(today.way, found.known)
    short = replace(verified.experiment(today, ASKED, lane, found.run.info.config), warmup_s=0.5, window_s=1.0)

    with laboratory(Upstream(delay=verified.delay_of(ASKED))) as bench:
        tested = verified.beside(ASKED, today, bench.measure_fresh(lane, short))

    assert today.enough == "yes"
    assert tested.latency_s >= 0.1
    assert tested.held


def test_the_lane_that_is_started_has_the_question_s_processes_and_threads(found: Source) -> None:
    threads = verified.lane_of(Way("threads", "flask-threads-64", 2, 12), found.known)
    sync = verified.lane_of(Way("sync", "flask-sync-4", 3, 1), found.known)

    assert "--workers 2 --threads 12" in threads.command
    assert threads.slots == 24
    assert "--workers 3 --config" in sync.command
    assert verified.lane_of(Way("loop", "quart", 1, float("inf")), found.known) == found.known.lanes["quart"]


@pytest.mark.parametrize(("share", "least_s", "most_s"), [(0.3, 5, 5), (0.99, 15, 20), (1.2, 10, 10), (1.0, 20, 20)])
def test_a_window_opens_once_its_start_is_forgotten(found: Source, share: float, least_s: float, most_s: float) -> None:
    today = advise(ASKED, found.known).today
    asked = replace(ASKED, rate_rps=share * today.capacity_rps)

    load = verified.experiment(today, asked, found.known.lanes["quart"], found.run.info.config)

    assert least_s <= load.warmup_s <= most_s + 1e-6


def test_the_stub_waits_as_the_question_says() -> None:
    assert verified.delay_of(ASKED) == "fixed:0.05"
    median_s, sigma = map(float, verified.delay_of(replace(ASKED, tail=3.0)).split(":")[1:])
    assert sigma == pytest.approx(0.4723, abs=1e-3)
    assert median_s < 0.05
