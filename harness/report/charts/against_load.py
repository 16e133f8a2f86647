"""Charts of figures against the load: users in closed load, arrivals a second in open load."""

from collections.abc import Iterator, Sequence

from harness.document.numbers import count, figure
from harness.document.table import LANE, Column, Row, Table
from harness.facts.run import Run
from harness.facts.summary import PointSummary
from harness.report.charts.axes import rates_axis, users_axis
from harness.report.charts.drawing import Drawing, scale_of
from harness.report.charts.measures import MEASURES, Measure, percentile_of
from harness.report.charts.specs import Datum, Frame, against_load
from harness.report.marks import percentile_and_interval

ONLY_A_BOUND = " ≥: failed or unanswered requests reach the percentile, which is at least this."


def all_against_load(run: Run) -> Iterator[Drawing]:
    """Yield a chart for each measure that the run has figures of."""
    for measure in MEASURES:
        points = [one for one in run.summaries if one.point.load == measure.load and not one.point.fault]
        if drawn := [point for point in points if measure.value(point) is not None]:
            yield _against_load(drawn, sorted({point.point.level for point in points if point.blocks}), measure, run)


def _against_load(points: Sequence[PointSummary], levels: Sequence[float], measure: Measure, run: Run) -> Drawing:
    rows = [_datum(point, measure) for point in points]
    scale = scale_of(rows) if measure.percentile else "linear"
    limited = any(row["limit"] is not None for row in rows) or measure.load == "open"
    subtitle = measure.dashed if limited else ""
    frame = Frame(measure.title, subtitle, measure.axis, run.lanes, scale, measure.ends)
    axis = users_axis(levels) if measure.load == "closed" else rates_axis(levels)
    return Drawing(
        name=measure.name,
        part=measure.part,
        title=measure.title,
        caption=measure.caption + ONLY_A_BOUND * any(row["bound"] for row in rows),
        table=_table(points, measure, run),
        draw=lambda look: against_load(rows, axis, frame, look),
        scale=scale,
        percentile=measure.percentile,
    )


def _datum(point: PointSummary, measure: Measure) -> Datum:
    found = percentile_of(point, measure.percentile) if measure.percentile else None
    return {
        "lane": point.lane,
        "load": point.point.level,
        "value": measure.value(point),
        "low": measure.low(point),
        "high": measure.high(point),
        "limit": measure.limit(point),
        "bound": found is not None and found.at_least,
    }


def _table(points: Sequence[PointSummary], measure: Measure, run: Run) -> Table:
    """Return what is drawn, a lane in a row; the limit has a column where theory sets one."""
    lanes, limited = run.lanes, any(measure.limit(point) is not None for point in points)
    load = Column("users" if measure.load == "closed" else "arrivals/s")
    columns = (load, LANE, Column(measure.axis), *([Column("limit")] if limited else []))
    ordered = sorted(points, key=lambda point: (point.point, lanes.index(point.lane)))
    return Table(columns, tuple(Row(_cells(point, measure)[: len(columns)]) for point in ordered))


def _cells(point: PointSummary, measure: Measure) -> tuple[str, ...]:
    return count(point.point.level), point.lane, _value(point, measure), figure(measure.limit(point))


def _value(point: PointSummary, measure: Measure) -> str:
    if measure.percentile:
        return percentile_and_interval(percentile_of(point, measure.percentile))
    return figure(measure.value(point))
