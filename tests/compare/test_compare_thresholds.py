from pathlib import Path

import pytest
from compare_inputs import LOCUST_1, LOCUST_2, make_trial, write_first_run, write_second_run, write_trials
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.compare import compare
from harness.compare.thresholds import parse
from harness.errors import UsageError


@pytest.mark.parametrize(
    ("text", "row", "metric", "of_ratio", "sign", "bound"),
    [
        ("p99 < 500ms", "", "p99", False, "<", 500),
        ("p99<0.5s", "", "p99", False, "<", 500),
        ("p50 <= 250 us", "", "p50", False, "<=", 0.25),
        ("quart:p99 < 500ms", "quart", "p99", False, "<", 500),
        ("quart@300: throughput >= 900/s", "quart@300", "throughput", False, ">=", 900),
        (" throughput ratio >= 0.95 ", "", "throughput", True, ">=", 0.95),
        ("GET /api/sun: failure_share <= 1%", "GET /api/sun", "failure_share", False, "<=", 1),
        ("GET http://x:80/a:b: p99.9 < 1s", "GET http://x:80/a:b", "p99.9", False, "<", 1000),
        ("Aggregated: requests > 1000", "Aggregated", "requests", False, ">", 1000),
        ("cpu < .8ms", "", "cpu", False, "<", 0.8),
        ("pss < 200MiB", "", "pss", False, "<", 200),
        ("failures <= 0", "", "failures", False, "<=", 0),
    ],
)
def test_the_grammar(text: str, row: str, metric: str, of_ratio: bool, sign: str, bound: float) -> None:
    threshold = parse(text)

    assert (threshold.row, threshold.metric.name, threshold.of_ratio) == (row, metric, of_ratio)
    assert threshold.sign == sign
    assert threshold.bound == pytest.approx(bound)


@pytest.mark.parametrize(
    ("text", "problem", "hint"),
    [
        ("", "is not a threshold", "write it like"),
        ("p99", "is not a threshold", "write it like"),
        ("p99 = 5ms", "is not a threshold", "write it like"),
        ("p99 < fastms", "is not a threshold", "write it like"),
        ("p99 < -5ms", "is not a threshold", "write it like"),
        (": p99 < 5ms", "is not a threshold", "write it like"),
        ("troughput >= 9/s", "no metric 'troughput'", "did you mean 'throughput'?"),
        ("P99 < 5ms", "no metric 'P99'", "did you mean 'p99'?"),
        ("p99 < 500", "has no unit", "p99 is written with ms or s or us"),
        ("p99 < 500%", "has the unit '%'", "p99 is written with ms or s or us"),
        ("failure_share < 1", "has no unit", "failure_share is written with %"),
        ("requests > 5ms", "has the unit 'ms'", "requests is written without a unit"),
        ("p99 ratio < 5ms", "has the unit 'ms'", "a ratio of p99 is written without a unit"),
        ("p99 < 0ms", "missed by every possible value", "correct the number"),
        ("throughput >= 0/s", "kept by every possible value", "correct the number"),
        ("throughput ratio >= 0", "kept by every possible value", "correct the number"),
        ("failure_share <= 100%", "kept by every possible value", "correct the number"),
        ("failure_share > 100%", "missed by every possible value", "correct the number"),
    ],
)
def test_a_threshold_without_sense_is_an_error(text: str, problem: str, hint: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse(text)

    assert problem in str(raised.value)
    assert hint in raised.value.hint


@settings(deadline=None)
@given(st.text() | st.from_regex(r"[a-z@ ]*:? *p9{1,2} (ratio )?[<>]=? *[0-9.]*[a-z/%]*", fullmatch=True))
def test_any_text_is_a_threshold_or_a_usage_error(text: str) -> None:
    hint, bound = "", -1.0
    try:
        bound = parse(text).bound
    except UsageError as error:
        hint = error.hint

    assert bool(hint) != (bound >= 0)


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("Aggregated: p99 < 370ms", False),
        ("Aggregated: p99 <= 370ms", True),
        ("Aggregated: p99 ratio < 0.72", True),
        ("Aggregated: throughput ratio >= 1.5", False),
        ("/api/sun/97201/us: failures <= 0", True),
        ("GET /api/<place>|new: failure_share < 3%", False),
    ],
)
def test_a_threshold_is_about_side_b_or_the_ratio(text: str, met: bool) -> None:
    comparison = compare(LOCUST_1, LOCUST_2, [text])

    assert [outcome.met for outcome in comparison.outcomes] == [met]
    assert bool(comparison.missed) is not met


def test_without_a_threshold_nothing_is_missed() -> None:
    assert compare(LOCUST_2, LOCUST_1).missed == ()


def test_a_lane_selects_each_of_its_points_and_nothing_else(tmp_path: Path) -> None:
    trials = [make_trial(lane, users, latency_p99_ms=users) for lane in ("quart", "quart-uvloop") for users in (1, 300)]
    path = write_trials(tmp_path / "trials.csv", trials)

    outcomes = compare(path, path, ["quart: p99 < 100ms"]).outcomes

    assert [(outcome.label, outcome.met) for outcome in outcomes] == [("quart@1", True), ("quart@300", False)]


def test_without_a_row_every_row_is_checked(tmp_path: Path) -> None:
    path = write_trials(tmp_path / "trials.csv", [make_trial(lane, 1) for lane in ("flask", "quart")])

    assert [outcome.label for outcome in compare(path, path, ["p99 < 1s"]).outcomes] == ["flask@1", "quart@1"]


@pytest.mark.parametrize(
    ("text", "problem", "hint"),
    [
        ("quarts: p99 < 1s", "no row 'quarts'", "did you mean 'quart'?"),
        ("flask-sync-4@61: p99 < 1s", "no row 'flask-sync-4@61'", "did you mean 'flask-sync-4@16'?"),
        ("p42 < 1s", "no metric 'p42'", "known: "),
        ("quart@300: p99 < 1s", "B does not have the row (1 trial, none valid", "without the threshold"),
        ("quart: p99 < 1s", "cannot be checked at quart@300", "without the threshold"),
        ("p99 < 1s", "cannot be checked at quart@300", "name the row that is meant: 'ROW: p99 < 1s'"),
        ("flask-sync-4@300: p99 ratio < 1", "A does not have the row (beyond the lane's limit", "without"),
        ("quart@16: failures ratio < 2", "no ratio, because failures is 0 in A", "without the threshold"),
    ],
)
def test_a_threshold_that_cannot_be_checked_never_passes(tmp_path: Path, text: str, problem: str, hint: str) -> None:
    a, b = write_first_run(tmp_path / "a"), write_second_run(tmp_path / "b")

    with pytest.raises(UsageError) as raised:
        compare(a, b, [text])

    assert problem in str(raised.value)
    assert hint in raised.value.hint


def test_a_row_that_lacks_a_metric_is_not_checked_there_and_says_so(tmp_path: Path) -> None:
    path = write_trials(tmp_path / "trials.csv", [make_trial("flask", 1), make_trial("quart", 1, latency_p99_ms=None)])

    outcomes = {outcome.label: outcome for outcome in compare(path, path, ["p99 < 1s"]).outcomes}

    assert outcomes["flask@1"].met is True
    assert (outcomes["quart@1"].met, outcomes["quart@1"].why) == (None, "B has no p99 there")
    with pytest.raises(UsageError, match="cannot be checked at quart@1: B has no p99 there"):
        compare(path, path, ["quart: p99 < 1s"])


def test_a_row_that_only_b_has_can_be_held_to_a_value(tmp_path: Path) -> None:
    a, b = write_first_run(tmp_path / "a"), write_second_run(tmp_path / "b")

    (outcome,) = compare(a, b, ["flask-sync-4@300: throughput > 21/s"]).missed

    assert outcome.value == 20
