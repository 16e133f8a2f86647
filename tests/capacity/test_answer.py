"""What the model names, what is planned for it, what the answer means in instances, and how the report says it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_trials import Recipe
from show_runs import make_run

from harness.bench.probing import none_keeps, none_resolved
from harness.capacity.answer import needs
from harness.capacity.named import named_rates, tail_of
from harness.facts.capacity import LaneCapacity, Probe, Word
from harness.facts.config import Profile
from harness.facts.run import Run
from harness.facts.slo import parse_slo
from harness.model.latency import sigma_of_longest
from harness.plan.probes import can_resolve, window_s
from harness.report.charts.pareto import all_pareto, with_front
from harness.report.tables import capacity_table, probes_table
from harness.report.words import capacity_sentences, needs_sentences

SLO = parse_slo("p99<500ms,errors<0.1%")
PROFILE = Profile(lanes=("quart",), points=(1,), blocks=1, verdict_blocks=3, window_s=2.0, open_window_s=8.0)


def probe(rate: float, word: Word) -> Probe:
    return Probe(rate_rps=rate, word=word, measured=3, valid=3, requests=9000, late=(3, 0))


def run_with(*found: LaneCapacity) -> Run:
    recipe = Recipe(points=(1, 64, 300), rates=(300, 400), spoiled=())
    return make_run(recipe).model_copy(update={"held_rates": found})


FOUND = LaneCapacity(
    lane="quart",
    slo=str(SLO),
    named_rps=350,
    probes=(probe(300, "held"), probe(350, "unresolved"), probe(400, "missed")),
)


def test_the_model_names_a_rate_below_the_capacity_and_none_where_an_idle_lane_is_too_slow() -> None:
    run = make_run(Recipe(spoiled=()))

    named = named_rates(run, parse_slo("p99<500ms"), 1.0)

    assert 12 < named["flask-sync-4"] < 20  # 4 slots that take 200 ms each
    assert 250 < named["flask-threads-64"] < 320
    assert set(named_rates(run, parse_slo("p99<150ms"), 1.0).values()) == {0.0}


def test_a_long_tail_lowers_the_rate_that_is_named() -> None:
    run = make_run(Recipe(spoiled=()))

    fixed, tailed = (named_rates(run, parse_slo("p99<400ms"), tail) for tail in (1.0, 4.0))

    assert tailed["flask-threads-64"] < fixed["flask-threads-64"]


@given(st.floats(0.05, 2.0))
def test_the_deviation_of_a_log_normal_delay_is_found_from_its_longest(sigma: float) -> None:
    tail = tail_of({"sun": 0.1 * math.exp(sigma**2 / 2)}, {"sun": 0.1 * math.exp(3.719 * sigma)})

    assert sigma_of_longest(tail) == pytest.approx(sigma, rel=1e-6)


def test_a_slow_lane_gets_longer_windows_and_one_that_is_too_slow_cannot_be_resolved() -> None:
    assert window_s(450, SLO, PROFILE) == 8.0
    assert window_s(50, SLO, PROFILE) == pytest.approx(2995 / 150)
    assert can_resolve(50, SLO, PROFILE)
    assert not can_resolve(19, SLO, PROFILE)
    assert "too few requests to resolve p99<500ms,errors<0.1%: it takes 2,995" in str(
        none_resolved({"flask-sync-4": 19.0}, SLO, PROFILE)
    )


def test_an_slo_that_no_lane_keeps_is_said_with_the_nearest() -> None:
    said = str(none_keeps(make_run(Recipe(spoiled=())), parse_slo("p99<100ms")))

    assert said.startswith("no lane keeps p99<100ms at any rate: the nearest is ")
    assert "ms" in said.partition("whose median with 1 user is ")[2]


@given(st.floats(1, 1000), st.floats(1, 100_000), st.floats(0.01, 10))
def test_instances_are_enough_for_the_peak_and_one_fewer_is_not(held: float, peak: float, price: float) -> None:
    needed = needs(held, peak, price)

    assert needed.instances is not None
    assert needed.per_million is not None
    assert needed.instances * held >= peak * 0.999999
    assert (needed.instances - 1) * held < peak
    assert needed.per_million >= price / (held * 3600) * 1e6 * 0.999999


def test_the_answer_says_what_is_held_what_is_missed_and_what_is_open() -> None:
    run = run_with(FOUND, LaneCapacity(lane="flask-sync-4", slo=str(SLO)))

    held, none = (sentence.text for sentence in capacity_sentences(run))

    assert held.startswith("quart holds 300/s at p99<500ms,errors<0.1% and misses it at 400/s.")
    assert "not resolved (350/s)" in held
    assert "keeps p99<500ms,errors<0.1% at no rate" in none
    assert next(row.cells[:4] for row in capacity_table(run).rows) == ("quart", "300", "400", "350")
    assert [row.cells[2] for row in probes_table(run).rows] == ["held", "unresolved", "missed"]
    assert list(needs_sentences(run, 1000, 0.36)) == [
        "quart: 4 instances serve 1,000/s, a million requests cost 0.400 there"
    ]
    assert list(needs_sentences(run, None, 0.36)) == ["quart: a million requests cost 0.333 at 300/s"]


def test_the_chart_shows_which_lanes_no_other_beats() -> None:
    rows = [
        {"lane": lane, "cost": cost, "value": value} for lane, cost, value in (("a", 1, 5), ("b", 2, 5), ("c", 2, 9))
    ]

    assert [row["lane"] for row in with_front(rows) if row["front"]] == ["a", "c"]
    assert [drawing.name for drawing in all_pareto(run_with(FOUND))] == ["pareto-cpu", "pareto-memory"]
    assert not list(all_pareto(make_run()))
