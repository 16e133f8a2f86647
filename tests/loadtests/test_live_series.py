"""The live figures: seconds in, figures out, and what has no figure says so."""

import csv
import io
from typing import Any

import pytest

from loadtests.live.downloads import series_csv, stats_csv
from loadtests.live.series import APPS, KEPT, RECENT, Point, Sample, Series, columns
from loadtests.live.span import Span

BOTH = {"flask": 10, "quart": 10}
IDLE = {"flask": 0.0, "quart": 0.0}


def sample(seconds: float = 1.0, **other: Any) -> Sample:
    return Sample(**{"seconds": seconds, "users": BOTH, "cpu_s": IDLE, "in_flight": 0, **other})


def second(series: Series, answers_ms: list[float], failures: int = 0, **sampled: Any) -> Point:
    """Let Flask answer in one second; return the second's point."""
    for latency_ms in answers_ms:
        series.note("flask", latency_ms, False, 100)
    for _ in range(failures):
        series.note("flask", 1.0, True, 0)
    series.close(sample(**sampled))
    return series.points[-1]


def test_rates_are_over_the_time_that_the_second_really_took() -> None:
    point = second(Series(), [200.0] * 30, failures=5, seconds=1.25)

    assert (point["flask_throughput_rps"], point["flask_failures_rps"]) == (24.0, 4.0)
    assert (point["quart_throughput_rps"], point["second"]) == (0.0, 1.25)


def test_percentiles_are_exact_to_a_thousandth_and_rank_failures_behind_all_answers() -> None:
    latencies = [float(ms) for ms in range(1, 1001)]

    alone = second(Series(), latencies)
    with_failures = second(Series(), latencies, failures=20)

    assert [alone[f"flask_p{percent}_ms"] for percent in (50, 95, 99)] == pytest.approx([500, 950, 990], rel=0.001)
    assert with_failures["flask_p95_ms"] == pytest.approx(969, rel=0.001)
    assert with_failures["flask_p99_ms"] is None


def test_a_percentile_with_fewer_than_ten_requests_beyond_it_is_left_out() -> None:
    point = second(Series(), [200.0] * 199)

    assert point["flask_p50_ms"] == pytest.approx(200, rel=0.001)
    assert point["flask_p95_ms"] is None


def test_a_percentile_forgets_what_is_older_than_ten_seconds() -> None:
    series = Series()
    second(series, [900.0] * 100)
    for _ in range(RECENT - 1):
        before = second(series, [100.0] * 10)
    after = second(series, [100.0] * 10)

    assert before["flask_p50_ms"] == pytest.approx(900, rel=0.001)
    assert after["flask_p50_ms"] == pytest.approx(100, rel=0.001)


def test_what_is_not_known_is_no_figure_and_never_zero() -> None:
    nobody = {"flask": 0, "quart": 0}

    point = second(Series(), [], users=nobody, cpu_s={"flask": None, "quart": 0.5}, in_flight=None)

    assert point["flask_throughput_rps"] is None
    assert point["flask_p50_ms"] is None
    assert (point["flask_cpu_percent"], point["quart_cpu_percent"]) == (None, 50.0)
    assert point["upstream_in_flight"] is None


def test_cpu_for_each_answer_needs_the_cpu_of_every_second() -> None:
    known, broken = Series(), Series()
    for series, first_s in ((known, 0.1), (broken, None)):
        second(series, [1.0] * 100, cpu_s={"flask": first_s, "quart": 0.0})
        second(series, [1.0] * 100, cpu_s={"flask": 0.3, "quart": 0.0})

    assert known.table()[0]["cpu_ms"] == 2.0
    assert broken.table()[0]["cpu_ms"] is None
    assert known.table()[1]["cpu_ms"] is None, "Quart answered nothing"


def test_the_table_has_both_apps_lately_and_in_all() -> None:
    series = Series()
    for _ in range(RECENT + 5):
        second(series, [10.0] * 4, failures=1)

    flask, _, flask_total, quart_total = series.table()

    assert (flask["app"], flask["span"], flask["requests"], flask["failures"]) == ("flask", "last 10 s", 50, 10)
    assert (flask_total["span"], flask_total["requests"], flask_total["throughput_rps"]) == ("whole test", 75, 4.0)
    assert (quart_total["app"], quart_total["requests"], quart_total["p50_ms"]) == ("quart", 0, None)


def test_only_the_seconds_after_the_ones_that_are_known_are_told() -> None:
    series = Series()
    for _ in range(5):
        second(series, [])

    assert [point["second"] for point in series.after(3.0)] == [4.0, 5.0]


def test_a_restart_forgets_everything_and_counts_as_another_run() -> None:
    series = Series(run=6)
    second(series, [10.0] * 100)
    series.note("flask", 10.0, False, 0)
    before = series.run

    series.restart()

    assert series.run == before + 1
    assert (list(series.points), series.table()[2]["requests"]) == ([], 0)
    assert second(series, [])["second"] == 1.0


def test_memory_is_bounded() -> None:
    series = Series()
    for _ in range(KEPT + 3):
        series.close(sample())

    assert len(series.points) == KEPT
    assert series.points[0]["second"] == 4.0


def test_the_series_as_csv_has_a_row_a_second_and_empty_cells_for_no_figure() -> None:
    series = Series()
    second(series, [20.0] * 30, in_flight=None)

    (row,) = csv.DictReader(io.StringIO(series_csv(APPS, series.points)))

    assert tuple(row) == columns(APPS)
    assert (row["flask_throughput_rps"], row["upstream_in_flight"], row["flask_p99_ms"]) == ("30.0", "", "")


def test_totals_have_locusts_columns_and_exact_values() -> None:
    span = Span(seconds=2.0)
    for latency_ms in range(1, 101):
        span.note(latency_ms + 0.25, False, 50)
    span.note(9.0, True, 0)

    named, aggregated = csv.DictReader(io.StringIO(stats_csv("/x", span)))

    assert (named["Type"], named["Name"], aggregated["Name"]) == ("GET", "/x", "Aggregated")
    assert (named["Request Count"], named["Failure Count"], named["Requests/s"]) == ("101", "1", "50.5")
    times = ("Min Response Time", "Median Response Time", "99%", "100%")
    assert [float(named[time]) for time in times] == pytest.approx([1.25, 50.25, 99.25, 100.25], rel=0.001)


def test_totals_of_nothing_are_absent_as_in_locusts_own_file() -> None:
    row = next(csv.DictReader(io.StringIO(stats_csv("/x", Span()))))

    assert (row["Request Count"], row["Median Response Time"], row["99%"]) == ("0", "0.0", "N/A")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x"])
def test_a_path_that_a_spreadsheet_would_run_is_neutralised(cell: str) -> None:
    assert f"GET,'{cell},0,0" in stats_csv(cell, Span())


def test_health_has_its_milliseconds_or_a_miss_and_neither_where_it_is_not_asked() -> None:
    point = second(Series(), [], health_ms={"flask": None, "quart": 2.5})
    unasked = second(Series(), [])

    assert (point["flask_health_ms"], point["flask_health_missed"]) == (None, 1)
    assert (point["quart_health_ms"], point["quart_health_missed"]) == (2.5, 0)
    assert (unasked["flask_health_ms"], unasked["flask_health_missed"]) == (None, None)
