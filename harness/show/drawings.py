"""The charts that a run gets, each with a caption that says what to see and the table behind it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.records import PointSummary, Run
from harness.show.charts import Datum, Frame, Spec, against_users, over_time
from harness.show.columns import Column
from harness.show.figures import ABSENT, count, figure
from harness.show.measures import MEASURES, Measure
from harness.show.seconds import READINGS, rows_over_time
from harness.show.sentences import verdict_users
from harness.show.style import Look
from harness.show.tables import Row, Table, lanes_of

FIRST_PERCENTILE = "p95"  # the one that is shown before a reader chooses
_OVER_TIME = "line: median of the blocks; band: smallest and largest block"
_STEADY = (
    "Steady is level from 0 on, where the window opens; a slope there would mean that the warm-up (shaded) was too "
    "short. Line: median of the blocks, band: smallest and largest. A second holds the answers that ended in it."
)


@dataclass(frozen=True)
class Drawing:
    """A chart that can be drawn in any look.

    `part` is the part of the report where it stands: "answer", "cost" or "time". `percentile` is set where there is
    one such chart for each of them; `scale` is the vertical axis that it starts with.
    """

    name: str
    part: str
    title: str
    caption: str
    table: Table
    draw: Callable[[Look], Spec]
    scale: str
    percentile: str | None


def drawings(run: Run) -> tuple[Drawing, ...]:
    """Return the charts that the run has figures for; a chart without any is absent, not empty."""
    return (*_all_against_users(run), *_all_over_time(run))


def _all_against_users(run: Run) -> Iterator[Drawing]:
    for measure in MEASURES:
        if rows := [_datum(point, measure) for point in run.summaries if measure.value(point) is not None]:
            yield _against_users(rows, measure, run)


def _against_users(rows: Sequence[Datum], measure: Measure, run: Run) -> Drawing:
    lanes = lanes_of(run)
    users = sorted({point.users for point in run.summaries if point.blocks})
    limited = any(row["limit"] is not None for row in rows)
    scale = _scale(rows, measure.percentile)
    frame = Frame(measure.title, measure.dashed if limited else "", measure.axis, lanes, scale)
    return Drawing(
        name=measure.name,
        part=measure.part,
        title=measure.title,
        caption=measure.caption,
        table=_matrix("users", "users", rows, lanes),
        draw=lambda look: against_users(rows, users, frame, look),
        scale=scale,
        percentile=measure.percentile,
    )


def _all_over_time(run: Run) -> Iterator[Drawing]:
    users = verdict_users(run)
    for name, reading in READINGS.items():
        if users is not None and (rows := rows_over_time(run, users, reading)):
            yield _over_time(rows, name, users, lanes_of(run))


def _over_time(rows: Sequence[Datum], reading: str, users: int, lanes: tuple[str, ...]) -> Drawing:
    what, unit = ("throughput", "req/s") if reading == "throughput" else (f"latency {reading}", "ms")
    title = f"{what[0].upper()}{what[1:]} over time at {count(users)} users"
    percentile = None if reading == "throughput" else reading
    scale = _scale(rows, percentile)
    frame = Frame(title, _OVER_TIME, f"{what}, {unit}", lanes, scale)
    return Drawing(
        name=f"{what.replace(' ', '-')}-over-time",
        part="time",
        title=title,
        caption=_STEADY,
        table=_matrix("second", "at_s", rows, lanes),
        draw=lambda look: over_time(rows, frame, look),
        scale=scale,
        percentile=percentile,
    )


def _scale(rows: Sequence[Datum], percentile: str | None) -> str:
    """Return "log" for latencies that differ by more than a decade, else "linear"."""
    values = [row["value"] for row in rows]
    return "log" if percentile and max(values) > 10 * min(values) > 0 else "linear"


def _datum(point: PointSummary, measure: Measure) -> Datum:
    return {
        "lane": point.lane,
        "users": point.users,
        "value": measure.value(point),
        "low": measure.low(point),
        "high": measure.high(point),
        "limit": measure.limit(point),
    }


def _matrix(heading: str, field: str, rows: Sequence[Datum], lanes: Sequence[str]) -> Table:
    """Return a table with a column for each lane; a limit stands in brackets."""
    cells: Mapping[tuple[float, str], str] = {(row[field], row["lane"]): _cell(row) for row in rows}
    places = sorted({place for place, _ in cells})
    return Table(
        (Column(heading), *(Column(lane) for lane in lanes)),
        tuple(Row((count(place), *(cells.get((place, lane), ABSENT) for lane in lanes))) for place in places),
    )


def _cell(row: Datum) -> str:
    limit = row.get("limit")
    return figure(row["value"]) if limit is None else f"{figure(row['value'])} ({figure(limit)})"
