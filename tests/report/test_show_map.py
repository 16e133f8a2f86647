"""The map of arrival rate against upstream time, as a report shows it."""

from functools import cache
from typing import Any

from modelled import LANES, LOOP, THREADS, measured, run_of
from show_runs import make_run

from harness.document.as_markdown import markdown
from harness.facts.point import users
from harness.facts.run import Run
from harness.facts.summary import Percentile, PointSummary
from harness.report.charts import drawings
from harness.report.charts.lane_map import TITLE, all_maps
from harness.report.document import report
from harness.report.style import FILE


@cache
def mapped_run() -> Run:
    """Return a run of two lanes, each with one point within the bound of 300 ms and one beyond it."""
    levels = (1, 16, 300)
    trials = [measured(lane, server, at) for lane, server in (("loop", LOOP), ("threads", THREADS)) for at in levels]
    points = (("loop", 16, 210.0), ("loop", 300, 420.0), ("threads", 16, 215.0), ("threads", 300, 1200.0))
    return run_of(*trials).model_copy(update={"summaries": tuple(summary(*point) for point in points)})


def summary(lane: str, at: int, p95_ms: float) -> PointSummary:
    p95 = Percentile(ms=p95_ms, low_ms=None, high_ms=None, at_least=False, thin=False)
    return PointSummary(lane=lane, point=users(at), throughput_rps=at / 0.21, percentiles={"p95": p95})


def rows_of(layer: dict[str, Any], spec: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a layer is drawn from."""
    data = layer["data"]
    return list(spec["datasets"][data["name"]] if "name" in data else data["values"])


def test_the_cheapest_lane_has_the_lowest_rates_and_the_dots_say_who_kept_the_bound() -> None:
    (drawing,) = all_maps(mapped_run())
    spec = drawing.draw(FILE)
    cells, full, hollow = (rows_of(spec["layer"][place], spec) for place in (0, -2, -1))

    lowest = min(row["from_rps"] for row in cells)
    assert {row["lane"] for row in cells if row["from_rps"] == lowest} == {"threads"}
    assert {row["lane"] for row in cells} == set(LANES)
    assert {row["opacity"] for row in cells} == {0.7, 0.3}
    assert [(row["lane"], row["users"]) for row in full] == [("threads", 16), ("loop", 16)]
    assert [(row["lane"], row["users"]) for row in hollow] == [("threads", 300), ("loop", 300)]


def test_the_table_behind_it_has_a_row_for_each_upstream_time_and_names_both_lines() -> None:
    (drawing,) = all_maps(mapped_run())

    assert len(drawing.table.rows) == 16
    assert [column.heading for column in drawing.table.columns] == [
        "upstream ms",
        "threads",
        "loop",
        "threads stop helping",
        "synchronous code outruns",
    ]
    assert "threads has free slots (64)" in drawing.caption


def test_it_has_a_section_of_its_own() -> None:
    run = make_run()

    section = markdown(report(run, drawings(run))).partition(f"## {TITLE}")[2].partition("\n## ")[0]
    assert "charts/map.svg" in section


def test_there_is_none_where_delays_vary_or_only_one_lane_is_calibrated() -> None:
    run = mapped_run()
    varied = run.model_copy(update={"info": run.info.model_copy(update={"delay": "lognormal:0.1:0.3"})})
    alone = run.model_copy(update={"trials": tuple(trial for trial in run.trials if trial.lane == "loop")})

    assert [*all_maps(varied), *all_maps(alone)] == []


def test_a_run_of_too_few_requests_for_p95_has_a_map_without_dots() -> None:
    run = make_run()
    short = run.model_copy(
        update={"summaries": tuple(one.model_copy(update={"percentiles": {}}) for one in run.summaries)}
    )

    assert len(list(all_maps(short))) == 1
