"""Predictions beside measurements: throughput as a residual, p95 as what it has beyond upstream time."""

from collections.abc import Iterator, Sequence

from harness.facts.prediction import Range, Residual
from harness.facts.run import Run
from harness.model.residuals import residuals
from harness.report.charts.drawing import Drawing
from harness.report.charts.specs import Datum, Frame, forest
from harness.report.tables.predictions import predictions_table

WIDE = 20  # times the least figure, from which on the axis is logarithmic
_CAPTION = (
    "Each lane is calibrated on its highest point and one other; these are points that the calibration did not see. "
    "The bar is the interval in which nine of ten measurements are expected, its tick the prediction, the dot what was "
    "measured. A dot beyond its bar is a finding; the table says what it is put down to."
)


def all_predicted(run: Run) -> Iterator[Drawing]:
    """Yield the residual of throughput in closed load, and the excess of p95, where something was predicted."""
    found = residuals(run.predictions, run) if run.predictions else ()
    throughput = [_relative(one) for one in found if one.prediction.point.load == "closed"]
    excess = [row for one in found if (row := _excess(one))]
    if throughput:
        yield _drawing(
            run,
            found,
            "predicted-throughput",
            "Throughput: predicted and measured",
            throughput,
            "measured / predicted - 1, %",
        )
    if excess:
        title = "p95 beyond upstream time: predicted and measured"
        yield _drawing(run, found, "predicted-p95", title, excess, "p95 - upstream time, ms")


def _drawing(
    run: Run, found: Sequence[Residual], name: str, title: str, rows: Sequence[Datum], measure: str
) -> Drawing:
    ends = [row[field] for row in rows for field in ("low", "high", "measured")]
    scale = "log" if min(ends) > 0 and max(ends) > WIDE * min(ends) else "linear"
    frame = Frame(title, "bar: 90 % interval; tick: prediction; dot: measured", measure, run.lanes, scale)
    return Drawing(
        name=name,
        part="model",
        title=title,
        caption=_CAPTION,
        table=predictions_table(found),
        draw=lambda look: forest(rows, frame, look),
        scale=scale,
    )


def _relative(one: Residual) -> Datum:
    expected = one.prediction.throughput_rps
    low, high, measured = (
        100 * (value / expected.value - 1) for value in (expected.low, expected.high, one.throughput_rps)
    )
    return _row(one, Range(low, 0.0, high), measured, within=one.held)


def _excess(one: Residual) -> Datum | None:
    expected, measured = one.prediction.excess_ms, one.excess_ms
    if expected is None or measured is None:
        return None
    return _row(one, expected, measured, within=bool(one.excess_held))


def _row(one: Residual, expected: Range, measured: float, *, within: bool) -> Datum:
    return {
        "place": f"{one.prediction.lane} @ {one.prediction.point.label}",
        "low": expected.low,
        "value": expected.value,
        "high": expected.high,
        "measured": measured,
        "within": "within the interval" if within else "beyond it",
    }
