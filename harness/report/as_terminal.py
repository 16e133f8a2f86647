"""The answer in the terminal."""

from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from typing import Literal

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from harness.facts.run import Run
from harness.report import course, method, tables, words
from harness.report.marks import KEY
from harness.report.numbers import ABSENT
from harness.report.printable import printable
from harness.report.tables.points import NOT_SUSTAINED
from harness.report.tables.table import LANE, Column, Row

WIDE = 110  # characters in a line, from which on every column has room
AT_MOST = 10  # invalid trials that are listed
STYLES = {
    "better": "bold green",
    "worse": "bold red",
    "equivalent": "bold blue",
    "inconclusive": "bold",
    "warning": "bold yellow",
}


def terminal_report(run: Run) -> RenderableType:
    """Return the answer in words, every lane at every point, what was not measured and what is invalid."""
    shown = printable(run)
    points = tables.points_table(shown, short=True)
    return Group(
        *(Text(sentence.text, STYLES.get(sentence.tone, "")) for sentence in words.headline(shown)),
        *_course(shown),
        *_points(points),
        *_list("Not sustained, so without percentiles", _overloaded(points)),
        *_list("No figures", (f"{_place(row)}: {row.note}" for row in points.rows if row.note)),
        *_list("Invalid trials", _invalid(shown)),
        *_list("Not checked", method.not_checked(shown)),
    )


def _course(run: Run) -> Iterator[RenderableType]:
    """Yield the course's own figures beside ours, where the run repeats its benchmark."""
    if (beside := course.course_table(run)).rows:
        yield Text(course.TITLE, "bold")
        yield _Points(beside)
        yield Text(course.ABOUT, "dim")
        yield from map(Text, course.explanation(run))


def _points(table: tables.Table) -> Iterator[RenderableType]:
    if not all(row.note for row in table.rows):
        yield _Points(table)
        yield Text(KEY, "dim")


class _Points:
    """The measured points, with as many columns as a line has room for."""

    def __init__(self, table: tables.Table) -> None:
        self.table = table

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        places = [n for n, column in enumerate(self.table.columns) if options.max_width >= WIDE or not column.wide]
        grid = Grid(box=box.SIMPLE_HEAD, padding=0, pad_edge=False)
        for column in (self.table.columns[place] for place in places):
            justify: Literal["left", "right"] = "right" if column.numeric else "left"
            grid.add_column(_heading(column), justify=justify, no_wrap=column is not LANE, overflow="fold")
        measured = [_filled(row) for row in self.table.rows if not row.note]
        for _lane, group in groupby(measured, key=lambda cells: cells[0]):
            for cells in _named_once(list(group)):
                grid.add_row(*(Text(cells[place]) for place in places))
            grid.add_section()
        yield grid


def _heading(column: Column) -> Text:
    return Text(column.lines or "\n".join(column.heading.rsplit(" ", 1)))


def _filled(row: Row) -> tuple[str, ...]:
    """Return a row's cells; where one text spans several, each has no figure, and a list below the table says why."""
    if row.spread is None:
        return row.cells
    first, width = row.spread
    return (*row.cells[:first], *[ABSENT] * width, *row.cells[first + width :])


def _named_once(rows: list[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Yield a lane's rows with its name in the first one only."""
    yield rows[0]
    yield from (("", *cells[1:]) for cells in rows[1:])


def _overloaded(table: tables.Table) -> Iterator[str]:
    """Yield a lane's rates that it did not sustain, each with the blocks in which it did not."""
    rows = [row for row in table.rows if row.spread]
    for lane, group in groupby(rows, key=lambda row: row.cells[0]):
        yield f"{lane}: {', '.join(_overload(row) for row in group)}"


def _overload(row: Row) -> str:
    text = row.cells[row.spread[0]] if row.spread else ""
    return f"{row.cells[1]} {text.removeprefix(NOT_SUSTAINED).strip()}"


def _place(row: Row) -> str:
    return f"{row.cells[0]}, {row.cells[1]}"


def _invalid(run: Run) -> Iterator[str]:
    """Yield the first invalid trials with their reasons, and how many more there are."""
    trials = run.invalid
    yield from (f"{trial.trial}: {trial.reasons}" for trial in islice(trials, AT_MOST))
    if len(trials) > AT_MOST:
        yield f"and {len(trials) - AT_MOST} more, all in report.md"
    if trials:
        yield words.LOGS


def _list(heading: str, lines: Iterable[str]) -> Iterator[RenderableType]:
    texts = [Padding(Text(line), (0, 0, 0, 2)) for line in lines]
    if texts:
        yield Text(heading, "bold")
        yield from texts
