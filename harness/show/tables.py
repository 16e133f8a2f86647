"""The tables of a run, as text cells: one description for the terminal, Markdown and HTML."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.records import PointSummary, Run, Trial
from harness.show.columns import (
    FAILED,
    IDENTITY,
    LANE,
    OF_A_POINT,
    OF_A_TRIAL,
    OF_A_VERDICT,
    Cells,
    Column,
    Item,
)
from harness.show.figures import count, figure


@dataclass(frozen=True)
class Row:
    """Cells from the left; a `note` stands in place of those that are missing; a struck row does not count."""

    cells: tuple[str, ...]
    note: str = ""
    struck: bool = False


@dataclass(frozen=True)
class Table:
    """Columns and rows."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


def lanes_of(run: Run) -> tuple[str, ...]:
    """Return the lanes in the order of bench.toml."""
    known = run.info.config.get("lanes")
    order = list(known) if isinstance(known, dict) else []
    named = dict.fromkeys([*(point.lane for point in run.summaries), *(trial.lane for trial in run.trials)])
    return tuple(sorted(named, key=lambda lane: order.index(lane) if lane in order else len(order)))


def points_table(run: Run) -> Table:
    """Return every lane at every point."""
    return _named([(lane, row) for lane in lanes_of(run) for row in lane_table(run, lane).rows])


def answer_table(run: Run) -> Table:
    """Return each lane at the highest point that it was measured at, and why not at a higher one."""
    return _named([(lane, row) for lane in lanes_of(run) for row in _highest(lane_table(run, lane).rows)])


def lane_table(run: Run, lane: str) -> Table:
    """Return one lane at every point; a point without figures has a note that says why."""
    points = sorted((point for point in run.summaries if point.lane == lane), key=lambda point: point.users)
    return Table(
        (*(column for column, _ in OF_A_POINT), FAILED),
        tuple(_point_row(point, _failed(run, point)) for point in points),
    )


def verdicts_table(run: Run) -> Table:
    """Return the verdicts with the figures that they rest on."""
    return _table(OF_A_VERDICT, run.verdicts)


def trials_table(run: Run) -> Table:
    """Return every trial in the order of the run; invalid ones are struck through."""
    table = _table((*IDENTITY, *OF_A_TRIAL), run.trials)
    rows = (Row(row.cells, struck=trial.status == "invalid") for row, trial in zip(table.rows, run.trials, strict=True))
    return Table(table.columns, tuple(rows))


def invalid_table(run: Run) -> Table:
    """Return every invalid trial with its reasons."""
    why = (Column("why it is invalid", numeric=False), lambda trial: trial.reasons or "no reason given")
    return _table((*IDENTITY, why), invalid(run))


def pairs_table(heading: str, pairs: Iterable[tuple[str, str]]) -> Table:
    """Return names with their values."""
    columns = (Column(heading, numeric=False), Column("value", numeric=False))
    return Table(columns, tuple(Row(pair) for pair in pairs))


def invalid(run: Run) -> list[Trial]:
    """Return the invalid trials."""
    return [trial for trial in run.trials if trial.status == "invalid"]


def _table(cells: Cells[Item], items: Iterable[Item]) -> Table:
    rows = (Row(tuple(text(item) for _, text in cells)) for item in items)
    return Table(tuple(column for column, _ in cells), tuple(rows))


def _named(rows: Sequence[tuple[str, Row]]) -> Table:
    """Return rows of several lanes with the lane in front."""
    columns = (LANE, *(column for column, _ in OF_A_POINT), FAILED)
    return Table(columns, tuple(Row((lane, *row.cells), row.note) for lane, row in rows))


def _highest(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Return the last row with figures, and the last of all where that is another."""
    measured = [row for row in rows if not row.note]
    return (*measured[-1:], *(row for row in rows[-1:] if row.note))


def _point_row(point: PointSummary, failed: int) -> Row:
    if note := _why_not(point):
        return Row((count(point.users),), note)
    return Row((*(text(point) for _, text in OF_A_POINT), count(failed)))


def _why_not(point: PointSummary) -> str:
    if point.wait_beyond_limit_s is not None:
        return f"beyond its limit: would wait {figure(point.wait_beyond_limit_s, 2)} s"
    return "" if point.blocks else f"no valid trial ({count(point.invalid)} invalid)"


def _failed(run: Run, point: PointSummary) -> int:
    """Count the requests of a point's valid trials that failed or were censored."""
    trials = (trial for trial in run.trials if (trial.lane, trial.users) == (point.lane, point.users))
    return sum(trial.failed + trial.censored for trial in trials if trial.status == "valid")
