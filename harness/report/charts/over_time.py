"""Charts of the verdict point, second by second."""

from collections.abc import Iterator, Sequence

from harness.document.numbers import count, figure
from harness.facts.run import Run
from harness.report.charts.axes import seconds_axis
from harness.report.charts.drawing import Drawing, matrix, scale_of
from harness.report.charts.seconds import READINGS, rows_over_time
from harness.report.charts.specs import Datum, Frame, over_time
from harness.report.marks import load
from harness.report.words import verdict_point

_OVER_TIME = "line: median of the blocks; band: smallest and largest block"
_STEADY = (
    "The shaded part is the warm-up; the measured window opens at 0. A level line after 0 means a steady state; a "
    "slope means that the warm-up was too short. Line: median of the blocks. Band: smallest and largest block. An "
    "answer counts in the second in which it ended."
)


def all_over_time(run: Run) -> Iterator[Drawing]:
    """Yield a chart for each reading of the verdict point's seconds."""
    point = verdict_point(run)
    for name, reading in READINGS.items():
        if point is not None and (rows := sorted(rows_over_time(run, point, reading), key=lambda row: row["at_s"])):
            yield _over_time(rows, name, load(point), run.lanes)


def _over_time(rows: Sequence[Datum], reading: str, place: str, lanes: tuple[str, ...]) -> Drawing:
    what, unit = ("throughput", "req/s") if reading == "throughput" else (f"latency {reading}", "ms")
    title = f"{what[0].upper()}{what[1:]} over time at {place}"
    percentile = None if reading == "throughput" else reading
    scale = scale_of(rows) if percentile else "linear"
    frame = Frame(title, _OVER_TIME, f"{what}, {unit}", lanes, scale)
    return Drawing(
        name=f"{what.replace(' ', '-')}-over-time",
        part="time",
        title=title,
        caption=_STEADY,
        table=matrix("second", {(count(row["at_s"]), row["lane"]): figure(row["value"]) for row in rows}, lanes),
        draw=lambda look: over_time(rows, seconds_axis(), frame, look),
        scale=scale,
        percentile=percentile,
    )
