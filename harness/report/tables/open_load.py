"""What came of open load: asked and reached, counted from when a request was due and from when it was sent."""

from collections.abc import Callable
from dataclasses import dataclass

from harness.document.numbers import ABSENT, count, figure, percent, signed
from harness.document.table import LANE, Cells, Column, Table, table
from harness.facts.point import Point
from harness.facts.run import Run
from harness.facts.summary import Overload, PointSummary
from harness.facts.trial import Trial
from harness.report.marks import percentile


@dataclass(frozen=True)
class _Place:
    """A lane of a run at a rate."""

    run: Run
    point: PointSummary


def _median(text: Callable[[float | None], str], field: Callable[[Trial], float | None]) -> Callable[[_Place], str]:
    return lambda place: text(place.run.median_at(place.point.lane, place.point.point, field))


OF_A_RATE: Cells[_Place] = (
    (LANE, lambda place: place.point.lane),
    (Column("asked, arrivals/s"), lambda place: count(place.point.point.level)),
    (Column("reached, req/s"), lambda place: figure(place.point.throughput_rps)),
    (
        Column("not sustained"),
        lambda place: f"{count(place.point.not_sustained)} of {count(place.point.blocks)} blocks",
    ),
    (Column("backlog gained, % of arrivals (95 % CI)"), lambda place: _gained(place.point.overload)),
    (Column("overload that would show, %"), lambda place: _detectable(place.point.overload)),
    (Column("latency p50 ms"), lambda place: percentile(place.point.percentiles.get("p50"))),
    (Column("service p50 ms"), _median(figure, lambda trial: trial.service_p50_ms)),
    (Column("latency p99 ms"), lambda place: percentile(place.point.percentiles.get("p99"))),
    (Column("service p99 ms"), _median(figure, lambda trial: trial.service_p99_ms)),
    (Column("send lateness p99 ms"), _median(figure, lambda trial: trial.send_lateness_p99_ms)),
    (Column("found no free sender"), _median(count, lambda trial: trial.waited)),
)


def _gained(overload: Overload | None) -> str:
    if overload is None:
        return ABSENT
    gained = signed(overload.gained)
    return gained if overload.low is None else f"{gained} ({signed(overload.low)} to {signed(overload.high)})"


def _detectable(overload: Overload | None) -> str:
    return ABSENT if overload is None else percent(overload.detectable)


def _is_open(point: Point) -> bool:
    """Say whether a point is one of open load alone: what a fault does has tables of its own."""
    return point.load == "open" and not point.fault


def open_load_table(run: Run) -> Table:
    """Return every lane at every rate that has a valid trial; without open load the table has no rows."""
    points = [point for lane in run.lanes for point in run.points_of(lane) if _is_open(point.point)]
    return table(OF_A_RATE, (_Place(run, point) for point in points if point.blocks))
