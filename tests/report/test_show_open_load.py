import pytest
from show_runs import make_run, open_run

from harness.facts.run import Run
from harness.facts.summary import PointSummary
from harness.report import tables
from harness.report.charts import drawings
from harness.report.charts.axes import rates_axis
from harness.report.tables.points import FIRST_PERCENTILE_AT


def loads(run: Run, lane: str) -> list[str]:
    return [row.cells[0] for row in tables.lane_table(run, lane).rows]


def test_a_lane_shows_closed_load_first_and_says_which_load_is_which() -> None:
    assert loads(open_run(), "quart") == ["16 users", "300 users", "100 arrivals/s", "300 arrivals/s", "400 arrivals/s"]


def test_a_rate_that_was_not_sustained_says_so_in_place_of_its_percentiles() -> None:
    row = tables.lane_table(open_run(), "flask-threads-64").rows[-1]

    assert row.spread == (FIRST_PERCENTILE_AT, 3)
    assert (FIRST_PERCENTILE_AT, "not sustained in 3 of 3 blocks", 3) in row.spans()
    assert len(row.spans()) == len(row.cells) - 2


def test_the_lane_in_front_moves_what_spans_several_columns() -> None:
    table = tables.points_table(open_run())
    row = next(row for row in table.rows if row.spread)

    assert row.spread is not None
    assert table.columns[row.spread[0]].heading == "p50 ms"
    assert row.cells[row.spread[0]] == "not sustained in 3 of 3 blocks"


def test_the_answer_stays_with_the_users_of_closed_load() -> None:
    assert [row.cells[1] for row in tables.answer_table(open_run()).rows] == ["300 users", "300 users"]


def test_a_lane_that_only_has_open_load_is_in_the_answer_too() -> None:
    run = open_run()
    only = tuple(point for point in run.summaries if point.point.load == "open")

    rows = tables.answer_table(run.model_copy(update={"summaries": only})).rows

    assert [row.cells[1] for row in rows] == ["400 arrivals/s", "400 arrivals/s"]


def test_asked_and_reached_stand_side_by_side_with_service_time_and_lateness() -> None:
    table = tables.open_load_table(open_run())
    row = dict(zip((column.heading for column in table.columns), table.rows[2].cells, strict=True))

    assert row["lane"] == "flask-threads-64"
    assert (row["asked, arrivals/s"], row["reached, req/s"]) == ("400", "310")
    assert row["not sustained"] == "3 of 3 blocks"
    assert row["found no free sender"] == "80"
    assert row["send lateness p99 ms"] == "0.310"
    assert row["latency p99 ms"] != row["service p99 ms"]


def test_a_run_without_open_load_has_neither_its_table_nor_its_charts() -> None:
    assert tables.open_load_table(make_run()).rows == ()
    assert not any(drawing.name.endswith("-open") for drawing in drawings(make_run()))


def test_a_rate_without_a_valid_trial_is_not_in_the_table() -> None:
    run = open_run()
    gone = tuple(point.model_copy(update={"blocks": 0, "invalid": 3}) for point in run.summaries)

    assert tables.open_load_table(run.model_copy(update={"summaries": gone})).rows == ()


def test_the_chart_against_the_arrival_rate_leaves_out_what_was_not_sustained() -> None:
    drawing = next(drawing for drawing in drawings(open_run()) if drawing.name == "latency-p95-open")

    assert [row.cells[:2] for row in drawing.table.rows] == [
        ("100", "flask-threads-64"),
        ("100", "quart"),
        ("300", "flask-threads-64"),
        ("300", "quart"),
        ("400", "quart"),
    ]
    assert "was due" in drawing.caption


def test_the_chart_against_users_has_no_open_load_in_it() -> None:
    drawing = next(drawing for drawing in drawings(open_run()) if drawing.name == "throughput")

    assert {row.cells[0] for row in drawing.table.rows} == {"16", "300"}


@pytest.mark.parametrize(("rates", "scale"), [((100, 400), "linear"), ((10, 1400), "log"), ((50,), "linear")])
def test_rates_that_are_decades_apart_get_a_log_axis(rates: tuple[float, ...], scale: str) -> None:
    assert rates_axis(rates).scale["type"] == scale


def test_a_point_is_named_as_singular_or_plural() -> None:
    run = make_run()
    one = PointSummary(lane="quart", point=run.summaries[0].point, invalid=1)

    assert loads(run.model_copy(update={"summaries": (one,)}), "quart") == ["1 user"]
