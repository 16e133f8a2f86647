import json
from typing import Any

import altair as alt
import pytest
from made_up_trials import FULL, Recipe
from show_runs import all_invalid_run, full_run, make_run, single_trial_run

from harness.facts.point import users
from harness.facts.run import Run
from harness.report.charts import Drawing, Spec, drawings
from harness.report.charts.seconds import READINGS, rows_over_time
from harness.report.draw import png, svg
from harness.report.style import FILE, PAGE, colour, shape

NAMES = [
    "throughput",
    *(f"latency-{percentile}" for percentile in ("p50", "p95", "p99")),
    "cpu",
    "memory",
    "spectrum",
    "throughput-over-time",
    *(f"latency-{percentile}-over-time" for percentile in ("p50", "p95", "p99")),
    "map",
]


def drawing_of(run: Run, name: str) -> Drawing:
    return next(drawing for drawing in drawings(run) if drawing.name == name)


def rows_of(spec: Spec) -> list[dict[str, Any]]:
    """Return the rows that a chart is drawn from."""
    return next(rows for rows in spec["datasets"].values() if "value" in rows[0])


def test_a_run_gets_every_chart_with_a_caption_and_a_table() -> None:
    made = drawings(make_run())

    assert [drawing.name for drawing in made] == NAMES
    assert all(drawing.caption and drawing.table.rows for drawing in made)


def test_every_chart_keeps_the_schema_of_vega_lite() -> None:
    """A report writes them unchecked, which takes half of the time."""
    for drawing in drawings(make_run()):
        alt.LayerChart.from_dict(drawing.draw(FILE), validate=True)


def test_points_that_were_skipped_are_absent_and_not_zero() -> None:
    rows = rows_of(drawing_of(make_run(), "throughput").draw(FILE))

    assert [row["load"] for row in rows if row["lane"] == "flask-sync-4"] == [1, 4, 16]
    assert all(row["value"] for row in rows)


def test_a_lane_without_a_valid_trial_is_absent() -> None:
    recipe = Recipe(points=(300,), blocks=1, verdict_blocks=1, spoiled=(1,))

    rows = rows_of(drawing_of(make_run(recipe), "throughput").draw(FILE))

    assert [row["lane"] for row in rows] == ["flask-threads-64", "quart"]


def test_a_run_without_a_valid_trial_has_no_chart() -> None:
    assert drawings(all_invalid_run()) == ()


def test_every_chart_shows_the_same_users_even_where_a_percentile_is_missing() -> None:
    axes = [
        drawing.draw(FILE)["layer"][0]["encoding"]["x"]["axis"]["values"]
        for drawing in drawings(make_run())
        if drawing.part in ("answer", "cost")
    ]

    assert axes == [[1, 4, 16, 64, 100, 300]] * 6


def test_the_limit_of_a_latency_is_users_over_the_limit() -> None:
    rows = rows_of(drawing_of(make_run(), "latency-p95").draw(FILE))
    row = next(row for row in rows if (row["lane"], row["load"]) == ("flask-threads-64", 300))

    assert row["limit"] == pytest.approx(1000 * 300 / 320)


def test_latencies_over_more_than_a_decade_start_on_a_log_axis() -> None:
    assert drawing_of(make_run(), "latency-p95").scale == "linear"
    assert drawing_of(full_run(), "latency-p95").scale == "log"


def test_only_the_page_leaves_the_legend_to_others() -> None:
    drawing = drawing_of(full_run(), "throughput")
    in_file, in_page = svg(drawing.draw(FILE)), svg(drawing.draw(PAGE))

    assert all(f">{lane}<" in in_file for lane in FULL)
    assert not any(f">{lane}<" in in_page for lane in FULL)


def test_the_legend_names_the_lanes_that_a_chart_shows_and_no_others() -> None:
    made = {name: drawing_of(make_run(), name).draw(FILE) for name in ("throughput", "spectrum")}

    for spec in made.values():
        color = spec["layer"][-1]["encoding"]["color"]
        assert color["legend"]["values"] == [name for name in color["scale"]["domain"] if name in lanes_of(spec)]
    assert lanes_of(made["spectrum"]) == lanes_of(made["throughput"]) - {"flask-sync-4"}


def lanes_of(spec: Spec) -> set[str]:
    return {row["lane"] for row in rows_of(spec)}


def test_colour_and_shape_together_tell_56_lanes_apart() -> None:
    lanes = [f"lane-{number}" for number in range(56)]

    assert len({(colour(lanes, lane), shape(lanes, lane)) for lane in lanes}) == 56


@pytest.mark.parametrize("drawing", drawings(single_trial_run())[:7], ids=lambda drawing: drawing.name)
def test_a_single_trial_can_be_drawn(drawing: Drawing) -> None:
    drawn = svg(drawing.draw(FILE))

    assert drawn.startswith("<svg")
    assert "NaN" not in drawn


def test_a_picture_is_a_png_of_twice_the_size() -> None:
    drawn = '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"></svg>'

    header = png(drawn)[:24]

    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(header[16:20]), int.from_bytes(header[20:24])) == (60, 40)


def test_seconds_are_medians_of_valid_trials_up_to_the_end_of_the_window() -> None:
    run = make_run(Recipe(points=(300,), spoiled=(2,)))
    rows = [row for row in rows_over_time(run, users(300), READINGS["throughput"]) if row["lane"] == "quart"]

    assert [row["at_s"] for row in rows] == [-2, -1, 0, 1, 2]
    assert all(row["low"] <= row["value"] <= row["high"] for row in rows)


def test_a_second_that_the_window_cuts_short_counts_per_second() -> None:
    rows = [row for row in rows_over_time(make_run(), users(300), READINGS["throughput"]) if row["lane"] == "quart"]
    full, short = rows[3]["value"], rows[4]["value"]

    assert short == pytest.approx(full, rel=0.03)


def test_an_invalid_trial_is_in_no_second() -> None:
    valid = make_run(Recipe(points=(300,), blocks=1, verdict_blocks=1, spoiled=()))
    spoiled = make_run(Recipe(points=(300,), blocks=1, verdict_blocks=1, spoiled=(2,)))

    lanes = [{str(row["lane"]) for row in rows_over_time(run, users(300), READINGS["p95"])} for run in (valid, spoiled)]

    assert lanes[0] - lanes[1] == {"quart"}


def test_a_chart_is_plain_json() -> None:
    spec = drawing_of(make_run(), "throughput").draw(PAGE)

    assert json.loads(json.dumps(spec, allow_nan=False)) == spec
