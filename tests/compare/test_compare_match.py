from pathlib import Path

import pytest
from compare_inputs import (
    LOCUST_1,
    LOCUST_2,
    make_trial,
    write_first_run,
    write_run,
    write_second_run,
    write_trials,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.compare import compare
from harness.compare.comparison import match
from harness.compare.metrics import KNOWN
from harness.compare.sides import AGGREGATED, Key, Row, Side
from harness.errors import UsageError

NAMES = st.sampled_from(["/", "/a", "/b", "", "=1", "Aggregated"])
KEYS: st.SearchStrategy[Key] = st.tuples(st.sampled_from(["GET", "POST", ""]), NAMES)
FIGURES = st.floats(min_value=0, max_value=1e12)
ROWS = st.builds(Row, values=st.dictionaries(st.sampled_from(list(KNOWN.values())), FIGURES, min_size=1))
SIDES = st.dictionaries(KEYS, ROWS, min_size=1).map(lambda rows: Side("x", "locust", "made up", rows))


@settings(deadline=None)
@given(SIDES)
def test_a_side_is_the_same_as_itself_in_everything(side: Side) -> None:
    comparison = match(side, side)

    assert len(comparison.rows) == len(side.rows)
    assert comparison.only_a == comparison.only_b == ()
    assert comparison.metrics_only_a == comparison.metrics_only_b == ()
    for figure in (figure for row in comparison.rows for figure in row.figures.values()):
        assert figure.ratio == (1 if figure.a else None)
        assert figure.direction == ("same" if figure.metric.better else "n.a.")


@settings(deadline=None)
@given(SIDES, SIDES)
def test_swapping_the_sides_swaps_everything_that_has_a_side(a: Side, b: Side) -> None:
    if not a.rows.keys() & b.rows.keys():
        return
    there, back = match(a, b), match(b, a)

    assert {row.key for row in there.rows} == {row.key for row in back.rows} == a.rows.keys() & b.rows.keys()
    assert {row.key for row in there.only_a} == {row.key for row in back.only_b} == a.rows.keys() - b.rows.keys()
    assert there.metrics_only_a == back.metrics_only_b


@settings(deadline=None)
@given(SIDES, SIDES)
def test_no_value_of_either_side_gets_lost(a: Side, b: Side) -> None:
    if not a.rows.keys() & b.rows.keys():
        return
    comparison = match(a, b)

    shown = [figure for row in comparison.all_rows for figure in row.figures.values()]
    assert sum(figure.a is not None for figure in shown) == sum(len(row.values) for row in a.rows.values())
    assert sum(figure.b is not None for figure in shown) == sum(len(row.values) for row in b.rows.values())


def test_locusts_rows_are_matched_by_method_and_name_across_versions() -> None:
    comparison = compare(LOCUST_1, LOCUST_2)

    assert [row.label for row in comparison.rows] == ["GET /api/city/10115/de", "GET /api/sun/97201/us", "Aggregated"]
    assert [row.label for row in comparison.only_a] == ["GET /old"]
    assert [row.label for row in comparison.only_b] == ["GET /api/<place>|new"]
    assert [metric.name for metric in comparison.metrics_only_a] == ["p99.999"]
    assert comparison.metrics_only_b == ()


def test_trials_are_matched_by_lane_and_point(tmp_path: Path) -> None:
    comparison = compare(write_first_run(tmp_path / "a"), write_second_run(tmp_path / "b"))

    assert [row.label for row in comparison.rows] == ["flask-sync-4@16", "quart@16"]
    assert [(row.label, row.why_not_b) for row in comparison.only_a] == [
        ("quart@300", "1 trial, none valid: 3 requests with wrong upstream calls")
    ]
    assert [(row.label, row.why_not_a) for row in comparison.only_b] == [
        ("flask-sync-4@300", "beyond the lane's limit, with a wait of 15.0 s")
    ]


def test_a_point_without_a_valid_trial_on_either_side_is_listed(tmp_path: Path) -> None:
    trials = [make_trial("quart", 1), make_trial("quart", 4, status="invalid", reasons="late")]
    path = write_trials(tmp_path / "trials.csv", trials)

    (point,) = compare(path, path).unmeasured

    assert (point.label, point.a, point.b) == ("quart@4", None, None)
    assert point.why_not_a == point.why_not_b == "1 trial, none valid: late"


def test_sides_without_a_common_row_are_an_error_that_shows_what_they_have(tmp_path: Path) -> None:
    a = write_trials(tmp_path / "a.csv", [make_trial("quart", users) for users in range(1, 9)])
    b = write_trials(tmp_path / "b.csv", [make_trial("flask", 1, status="invalid", reasons="late")])

    with pytest.raises(UsageError, match="no row in common") as raised:
        compare(a, b)

    assert "A has quart@1, quart@2, quart@3, quart@4, quart@5 and 3 more" in raised.value.hint
    assert "B has flask@1 (1 trial, none valid: late)" in raised.value.hint


@pytest.mark.parametrize("swapped", [False, True])
def test_a_run_and_a_locust_report_are_different_kinds(tmp_path: Path, swapped: bool) -> None:
    run = write_first_run(tmp_path)
    report = run / "locust" / "b01-quart-u16_stats.csv"
    report.parent.mkdir()
    report.write_text(LOCUST_2.read_text())

    with pytest.raises(UsageError, match=r"by lane and point; .* by method and name") as raised:
        compare(*((LOCUST_1, run) if swapped else (run, LOCUST_1)))

    assert str(report) in raised.value.hint
    assert compare(LOCUST_1, report).rows


def test_two_reports_say_that_one_trial_allows_no_verdict() -> None:
    assert "One trial a side allows no verdict" in compare(LOCUST_1, LOCUST_2).notes[0]


def test_two_runs_say_what_they_were_not_measured_alike_in(tmp_path: Path) -> None:
    trials = [make_trial("quart", 1)]
    a = write_run(tmp_path / "a", trials)
    b = write_run(tmp_path / "b", trials, commit="fedcba987654", versions={"quart": "0.23.0"}, machine={"cores": "4"})

    different = [note for note in compare(a, b).notes if "not measured alike" in note]

    assert different == [
        "A and B were not measured alike: commit 0123456789ab / fedcba987654; cores 2 / 4; quart 0.22.0 / 0.23.0."
    ]
    assert not any("alike" in note for note in compare(a, a).notes)


@pytest.mark.parametrize(("sample", "thin"), [(999, True), (1000, False)])
def test_a_percentile_with_fewer_than_ten_requests_beyond_it_is_thin(tmp_path: Path, sample: int, thin: bool) -> None:
    a = write_trials(tmp_path / "a.csv", [make_trial("quart", 1, window_ok=5000)])
    b = write_trials(tmp_path / "b.csv", [make_trial("quart", 1, window_ok=sample)])

    (row,) = compare(a, b).rows

    assert [figure.metric.name for figure in row.figures.values() if figure.marks] == (["p99"] if thin else [])
    assert any("thin percentile" in note for note in compare(a, b).notes) == thin


def test_a_side_without_requests_has_counts_only() -> None:
    nothing = Side("x", "locust", "made up", {AGGREGATED: Row({KNOWN["requests"]: 0})})
    something = Side("y", "locust", "made up", {AGGREGATED: Row({KNOWN["requests"]: 5, KNOWN["mean"]: 2})})

    (row,) = match(nothing, something).rows

    assert row.figures[KNOWN["requests"]].ratio is None
    assert row.figures[KNOWN["mean"]].direction == "n.a."
