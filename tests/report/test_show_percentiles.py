"""Percentiles and their intervals, in tables and in charts."""

import re
from dataclasses import replace
from typing import Any

import pytest
from show_runs import make_run, open_run

from harness.facts.run import Run
from harness.facts.summary import Percentile, PointSummary
from harness.report.charts import Drawing, drawings
from harness.report.draw import svg
from harness.report.marks import KEY, percentile, percentile_and_interval
from harness.report.style import FILE

WHOLE = Percentile(709, 690, 730, at_least=False, thin=False)


def drawing_of(run: Run, name: str) -> Drawing:
    return next(drawing for drawing in drawings(run) if drawing.name == name)


def rows_of(drawing: Drawing) -> list[dict[str, Any]]:
    return next(rows for rows in drawing.draw(FILE)["datasets"].values() if "value" in rows[0])


def with_p95(found: Percentile | None) -> Run:
    """Return a run whose lane quart has this p95 at 300 users."""
    run = make_run()

    def changed(point: PointSummary) -> PointSummary:
        here = (point.lane, point.point.level) == ("quart", 300)
        return point.model_copy(update={"percentiles": {**point.percentiles, "p95": found}}) if here else point

    return run.model_copy(update={"summaries": tuple(map(changed, run.summaries))})


@pytest.mark.parametrize(
    ("found", "alone", "whole"),
    [
        (WHOLE, "709", "709 (690–730)"),  # noqa: RUF001
        (replace(WHOLE, thin=True), "~709", "~709 (690–730)"),  # noqa: RUF001
        (replace(WHOLE, at_least=True, high_ms=None), "≥ 709", "≥ 709 (690–)"),  # noqa: RUF001
        (replace(WHOLE, at_least=True, low_ms=None, high_ms=None), "≥ 709", "≥ 709"),
        (None, "–", "–"),  # noqa: RUF001
    ],
)
def test_a_percentile_carries_its_marks_and_its_interval(found: Percentile | None, alone: str, whole: str) -> None:
    assert (percentile(found), percentile_and_interval(found)) == (alone, whole)


def test_every_mark_is_explained() -> None:
    assert all(mark in KEY for mark in ("~", "≥", "–"))  # noqa: RUF001


def test_the_interval_is_drawn_as_a_bar_and_written_in_the_table_behind() -> None:
    drawing = drawing_of(make_run(), "latency-p95")
    drawn = [row for row in rows_of(drawing) if row["low"] is not None]

    assert drawn
    assert all(row["low"] <= row["value"] <= row["high"] for row in drawn)
    assert any(layer["mark"]["type"] == "rule" for layer in drawing.draw(FILE)["layer"])
    written = [re.fullmatch(r"~?[\d,.]+( \([\d,.]+–[\d,.]+\))?", row.cells[2]) for row in drawing.table.rows]  # noqa: RUF001
    assert all(written)
    assert sum(match is not None and match[1] is not None for match in written) == len(drawn)


def test_the_limit_has_a_column_of_its_own_in_the_table_behind() -> None:
    table = drawing_of(make_run(), "latency-p95").table

    assert [column.heading for column in table.columns] == ["users", "lane", "latency p95, ms", "limit"]
    assert [column.heading for column in drawing_of(make_run(), "cpu").table.columns] == [
        "users",
        "lane",
        "CPU of the server, ms per request",
    ]


def test_a_value_that_is_only_a_bound_is_marked_in_the_chart() -> None:
    drawing = drawing_of(with_p95(replace(WHOLE, at_least=True, high_ms=None)), "latency-p95")

    assert svg(drawing.draw(FILE)).count(">≥<") == 1
    assert "≥: failed or unanswered requests" in drawing.caption
    assert "≥" not in drawing_of(make_run(), "latency-p95").caption


def test_a_bound_without_any_answer_is_not_drawn() -> None:
    drawing = drawing_of(with_p95(Percentile(0.0, None, None, at_least=True, thin=False)), "latency-p95")

    assert ("quart", 300) not in {(row["lane"], row["load"]) for row in rows_of(drawing)}


def test_the_spectrum_ends_at_the_slowest_answer_where_one_in_all_of_them_is() -> None:
    run = open_run()
    rows = [row for row in rows_of(drawing_of(run, "spectrum")) if row["lane"] == "quart"]
    answers = sum(trial.window_ok for trial in run.trials if (trial.lane, trial.users) == ("quart", 300))
    summary = next(point for point in run.summaries if (point.lane, point.point.slug) == ("quart", "u300"))

    assert (rows[-1]["percentile"], rows[-1]["one_in"]) == ("slowest", answers)
    assert rows[-1]["value"] == pytest.approx(summary.latency_max_ms, rel=1e-4)
    assert [row["one_in"] for row in rows] == sorted(row["one_in"] for row in rows)


def test_the_spectrum_marks_each_nine() -> None:
    rows = rows_of(drawing_of(open_run(), "spectrum"))

    assert [row["percentile"] for row in rows if row["lane"] == "quart" and row["mark"]] == [
        "0",
        "90",
        "99",
        "99.9",
        "99.99",
        "slowest",
    ]


def test_the_spectrum_has_an_axis_of_nines() -> None:
    drawn = svg(drawing_of(open_run(), "spectrum").draw(FILE))

    assert all(f">{label}<" in drawn for label in ("0", "50", "90", "99", "99.9", "99.99"))


def test_a_run_without_a_spectrum_has_no_chart_of_it() -> None:
    names = [drawing.name for drawing in drawings(make_run().model_copy(update={"spectra": {}}))]

    assert "spectrum" not in names
    assert "throughput" in names
