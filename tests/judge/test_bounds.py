"""A figure exactly at its bound is allowed, one just beyond it is not; and what was not checked is said."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from bounds import BOUNDS
from trials import LANE, ROUTE, closed_load, evidence, judged, open_load, requests

from harness.errors import UsageError
from harness.judge.rule import Case
from harness.judge.validity import check_bounds, not_checked, reasons

CLOSED = evidence(closed_load(4, 0.205))
OPEN = evidence(open_load(20, 0.205), load="open")
AT_THE_BOUND: list[dict[str, Any]] = [
    {"generator_cpu_share": BOUNDS["generator_cpu_share"]},
    {"driver_cpu_share": BOUNDS["driver_cpu_share"]},
    {"stub_lateness_p99_ms": BOUNDS["stub_lateness_ms"]},
    {"stub_lateness_p99_ms": BOUNDS["stub_lateness_share"] * 1000, "upstream_mean_ms": 1000.0},
    {"user_idle_ms": BOUNDS["user_idle_share"] * 205, "latency_mean_ms": 205.0},
    {"generator_queue_share": BOUNDS["generator_queue_share"]},
    {"steal_share": BOUNDS["steal_share"]},
    {"foreign_share": BOUNDS["foreign_share"]},
    {"memory_pressure_share": BOUNDS["pressure_share"]},
    {"io_pressure_share": BOUNDS["pressure_share"]},
]


def why(seen: Any = CLOSED, **figures: Any) -> list[str]:
    trial, observed = judged(seen)
    return reasons(Case(observed, trial.model_copy(update=figures), LANE, [ROUTE], BOUNDS))


@pytest.mark.parametrize("figures", AT_THE_BOUND, ids=str)
def test_a_figure_at_its_bound_is_allowed_and_one_beyond_it_is_not(figures: dict[str, Any]) -> None:
    name, bound = next(iter(figures.items()))

    assert why(**figures) == []
    assert len(why(**{**figures, name: bound * 1.01})) == 1


def test_an_arrival_may_be_late_by_a_share_of_the_median() -> None:
    bound = BOUNDS["send_lateness_share"] * 205

    assert why(OPEN, send_lateness_p99_ms=bound, latency_p50_ms=205.0) == []
    assert len(why(OPEN, send_lateness_p99_ms=bound * 1.01, latency_p50_ms=205.0)) == 1
    assert len(why(OPEN, send_lateness_p99_ms=BOUNDS["send_lateness_ms"] * 1.01, latency_p50_ms=None)) == 1


def test_a_throughput_that_cpu_limits_cannot_be_above_the_limit() -> None:
    too_much = {"throughput_rps": 19.0, "limit_rps": 10.0}

    assert why(**too_much, limit_by="slots") == ["throughput is 190% of the limit"]
    assert why(**too_much, limit_by="cpu") == []
    assert why(throughput_rps=19.0, limit_rps=None) == []


def test_counts_that_agree_hold_failed_and_censored_requests_too() -> None:
    seen = closed_load(4, 0.205)
    outcome = np.array(["ok"] * len(seen.id), dtype="U8")
    outcome[0], outcome[1] = "failed", "censored"

    assert not any("have an outcome" in reason for reason in why(evidence(replace(seen, outcome=outcome))))


def test_a_lane_that_is_slower_than_its_timing_says_how_slow_it_was() -> None:
    assert "not in steady state: the mean response time was 2.00 s" in why(latency_mean_ms=2000.0)
    assert not any("steady" in reason for reason in why(OPEN, latency_mean_ms=2000.0))


def test_several_wrong_answers_are_listed_one_after_the_other() -> None:
    seen = requests(["a", "b", "c"], [10.0, 10.3, 10.6], [0.2, 0.2, 0.2], ["failed", "failed", "ok"])
    found = why(evidence(replace(seen, error=["status 500", "status 502", ""])))

    assert any("failed: status 500 (1), status 502 (1)" in reason for reason in found)


def test_a_wrong_answer_without_a_body_is_told_without_one() -> None:
    found = why(evidence(requests(["a"], [10.0], [0.2], ["failed"])))

    assert "every answer was wrong: status 500 (1 of 1)" in found


@pytest.mark.parametrize(
    ("identity", "upstream", "missing"),
    [
        ("flask", ROUTE.upstream, []),
        (None, ROUTE.upstream, ["identity"]),
        ("flask", None, ["upstream calls", "limit"]),
        (None, None, ["identity", "upstream calls", "limit"]),
    ],
)
def test_what_a_lane_does_not_allow_to_be_checked_is_said(
    identity: str | None, upstream: Any, missing: list[str]
) -> None:
    lane, route = LANE.model_copy(update={"identity": identity}), ROUTE.model_copy(update={"upstream": upstream})

    assert not_checked(lane, [route], judged(CLOSED)[0], matched=True) == missing


@pytest.mark.parametrize(
    ("bounds", "message", "hint"),
    [
        (
            {**BOUNDS, "steel_share": 0.1},
            "x.toml: there is no key 'validity.steel_share'",
            "did you mean 'steal_share'?",
        ),
        ({"steal_share": 0.1}, "x.toml: validity.failed_share is missing", "state it in [validity] of x.toml"),
        (
            {name: bound for name, bound in BOUNDS.items() if name != "edge_late_share"},
            "x.toml: validity.edge_late_share is missing",
            "x.toml",
        ),
    ],
)
def test_a_configuration_states_the_bounds_of_all_rules_and_no_others(
    bounds: dict[str, float], message: str, hint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        check_bounds(bounds, "x.toml")

    assert (str(caught.value), hint in caught.value.hint) == (message, True)


def test_a_rule_that_is_newer_than_the_run_does_not_judge_it() -> None:
    trial, observed = judged(CLOSED)
    older = {name: bound for name, bound in BOUNDS.items() if name != "steal_share"}
    case = Case(observed, trial.model_copy(update={"steal_share": 1.0, "foreign_share": 1.0}), LANE, [ROUTE], older)

    assert reasons(case) == ["other processes used 100% of one core"]
