"""What each lane did at each point."""

from collections.abc import Sequence
from functools import partial

from harness.document.numbers import ABSENT, count, figure, percent
from harness.document.table import LANE, LOAD, Cells, Column, Row, Table
from harness.facts import figures
from harness.facts.run import Run
from harness.facts.summary import PointSummary
from harness.report.marks import load, percentile

NOT_SUSTAINED = "not sustained"
FAILED = Column("failed", wide=True)


def _percentile(name: str, point: PointSummary) -> str:
    return percentile(point.percentiles.get(name))


PERCENTILES: Cells[PointSummary] = tuple(
    (Column(metric.heading), partial(_percentile, metric.name)) for metric in figures.PERCENTILES
)
OF_A_POINT: Cells[PointSummary] = (
    (Column(figures.BY_NAME["throughput"].heading), lambda point: figure(point.throughput_rps)),
    (Column("limit req/s", wide=True), lambda point: figure(point.limit_rps)),
    (Column("% of limit", lines="limit\n%"), lambda point: percent(point.limit_share)),
    (Column("bound by", numeric=False, lines="by"), lambda point: point.limit_by or ABSENT),
    *PERCENTILES,
    (Column(figures.BY_NAME["cpu"].heading), lambda point: figure(point.cpu_ms_per_request)),
    (Column(figures.BY_NAME["pss"].heading, wide=True), lambda point: figure(point.pss_mib)),
    (Column("threads", wide=True), lambda point: count(point.threads)),
    (Column("blocks", wide=True), lambda point: count(point.blocks)),
    (Column("invalid", wide=True), lambda point: count(point.invalid)),
)
COLUMNS = (LOAD, *(column for column, _ in OF_A_POINT), FAILED)
FIRST_PERCENTILE_AT = COLUMNS.index(PERCENTILES[0][0])


def points_table(run: Run, *, short: bool = False) -> Table:
    """Return every lane at every point; `short` loads for a terminal."""
    return _named([(lane, row) for lane in run.lanes for row in lane_table(run, lane, short=short).rows])


def answer_table(run: Run) -> Table:
    """Return each lane at the highest closed load that it was measured at, and why not at a higher one."""
    return _named([(lane, row) for lane in run.lanes for row in _highest(run, lane)])


def lane_table(run: Run, lane: str, *, short: bool = False) -> Table:
    """Return one lane at every point, closed load first; a point without figures has a note that says why."""
    return Table(COLUMNS, tuple(_row(run, point, short=short) for point in run.points_of(lane)))


def not_sustained(point: PointSummary) -> str:
    """Return in how many blocks the server did not keep up with the arrivals; empty where it always did."""
    lost = point.not_sustained
    return f"{NOT_SUSTAINED} in {count(lost)} of {count(point.blocks)} blocks" if lost else ""


def _named(rows: Sequence[tuple[str, Row]]) -> Table:
    """Return rows of several lanes with the lane in front."""
    return Table((LANE, *COLUMNS), tuple(_behind(lane, row) for lane, row in rows))


def _behind(lane: str, row: Row) -> Row:
    spread = (row.spread[0] + 1, row.spread[1]) if row.spread else None
    return Row((lane, *row.cells), row.note, spread=spread)


def _highest(run: Run, lane: str) -> tuple[Row, ...]:
    """Return the last row with figures, and the last of all where that is another."""
    points = run.points_of(lane)
    closed = [point for point in points if point.point.load == "closed"]
    rows = [_row(run, point, short=False) for point in closed or points]
    measured = [row for row in rows if not row.note]
    return (*measured[-1:], *(row for row in rows[-1:] if row.note))


def _row(run: Run, point: PointSummary, *, short: bool) -> Row:
    cold = any(not trial.steady for trial in run.valid_at(point.lane, point.point))
    place = load(point.point, short=short, cold=cold)
    if note := _why_not(point):
        return Row((place,), note)
    cells = (place, *(text(point) for _, text in OF_A_POINT), count(_failed(run, point)))
    return _overloaded(cells, text) if (text := not_sustained(point)) else Row(cells)


def _overloaded(cells: tuple[str, ...], text: str) -> Row:
    """Return a row with that text in place of the percentiles."""
    first, width = FIRST_PERCENTILE_AT, len(PERCENTILES)
    return Row((*cells[:first], text, *[""] * (width - 1), *cells[first + width :]), spread=(first, width))


def _why_not(point: PointSummary) -> str:
    if point.wait_beyond_limit_s is not None:
        return f"beyond its limit: would wait {figure(point.wait_beyond_limit_s, 2)} s"
    return "" if point.blocks else f"no valid trial ({count(point.invalid)} invalid)"


def _failed(run: Run, point: PointSummary) -> int:
    """Count the requests of a point's valid trials that failed or were censored."""
    return sum(trial.failed + trial.censored for trial in run.valid_at(point.lane, point.point))
