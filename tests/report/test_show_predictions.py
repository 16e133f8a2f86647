"""Predictions beside measurements, as a report shows them."""

from functools import cache

from show_runs import make_run

from harness.document.as_markdown import markdown
from harness.facts.point import users
from harness.facts.prediction import Prediction, Predictions, Range
from harness.facts.run import Run
from harness.report.charts import drawings
from harness.report.document import report
from harness.report.printable import printable
from harness.report.style import FILE


def prediction(at: int, rps: float, p95_ms: float) -> Prediction:
    """Return what was predicted of the made-up run's lane quart, give or take 2 % and 2 ms."""
    return Prediction(
        lane="quart",
        point=users(at),
        blocks=3,
        window_s=2.5,
        throughput_rps=Range(0.98 * rps, rps, 1.02 * rps),
        percentiles_ms={"p95": Range(p95_ms - 2, p95_ms, p95_ms + 2)},
        upstream_ms={"p95": 200.0},
        cpu_ms=0.6,
        busy=0.05,
    )


@cache
def predicted_run() -> Run:
    """Return a run of which one point was predicted as it was measured, and one was not."""
    run = make_run()
    at = {point.point: point for point in run.points_of("quart")}
    rps, p95 = at[users(16)].throughput_rps, at[users(16)].percentiles["p95"]
    assert rps
    assert p95
    predictions = Predictions(
        run=run.info.name,
        scenario="sun",
        delay="fixed:0.1",
        calibrated={"quart": (users(300), users(1))},
        points=(prediction(16, rps, p95.ms), prediction(64, 2 * rps, 900.0)),
    )
    return printable(run.model_copy(update={"predictions": predictions}))


def test_the_section_says_how_many_were_near_and_names_each_miss() -> None:
    run = predicted_run()
    section = (
        markdown(report(run, drawings(run))).partition("## Prediction beside measurement")[2].partition("\n## ")[0]
    )

    assert "1 of 2 throughput within 5 %" in section
    assert "charts/predicted-throughput.svg" in section
    assert "Suspect: " in section
    assert section.count("quart, 64 users: ") == 2
    assert "quart, 16 users: " not in section


def test_a_chart_has_a_bar_a_tick_and_a_dot_for_each_point() -> None:
    (throughput, p95) = (one for one in drawings(predicted_run()) if one.part == "model")

    rows = throughput.draw(FILE)["datasets"]["rows"]
    assert [row["place"] for row in rows] == ["quart @ 16", "quart @ 64"]
    assert [row["within"] for row in rows] == ["within the interval", "beyond it"]
    assert [len(one.draw(FILE)["layer"]) for one in (throughput, p95)] == [3, 3]


def test_a_run_without_predictions_has_no_such_section() -> None:
    run = make_run()

    assert "Prediction beside measurement" not in markdown(report(run, drawings(run)))
