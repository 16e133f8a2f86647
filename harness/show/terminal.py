"""The answer in the terminal."""

from collections.abc import Iterable, Iterator
from itertools import groupby, islice

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from harness.records import Run
from harness.show import sentences, tables
from harness.show.columns import KEY, LANE
from harness.show.printable import printable

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
    points = tables.points_table(shown)
    skipped = (f"{row.cells[0]}, users {row.cells[1]}: {row.note}" for row in points.rows if row.note)
    return Group(
        *(Text(sentence.text, STYLES.get(sentence.tone, "")) for sentence in sentences.headline(shown)),
        *_points(points),
        *_list("No figures", skipped),
        *_list("Invalid trials", _invalid(shown)),
        *_list("Not checked", sentences.not_checked(shown)),
    )


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
            heading = Text("\n".join(column.heading.rsplit(" ", 1)))
            lane = column is LANE
            grid.add_column(heading, justify="right" if column.numeric else "left", no_wrap=not lane, overflow="fold")
        measured = [row.cells for row in self.table.rows if not row.note]
        for _lane, group in groupby(measured, key=lambda cells: cells[0]):
            for cells in _named_once(list(group)):
                grid.add_row(*(Text(cells[place]) for place in places))
            grid.add_section()
        yield grid


def _named_once(rows: list[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Yield a lane's rows with its name in the first one only."""
    yield rows[0]
    yield from (("", *cells[1:]) for cells in rows[1:])


def _invalid(run: Run) -> Iterator[str]:
    """Yield the first invalid trials with their reasons, and how many more there are."""
    trials = tables.invalid(run)
    yield from (f"{trial.trial}: {trial.reasons}" for trial in islice(trials, AT_MOST))
    if len(trials) > AT_MOST:
        yield f"and {len(trials) - AT_MOST} more, all in report.md"


def _list(heading: str, lines: Iterable[str]) -> Iterator[RenderableType]:
    texts = [Padding(Text(line), (0, 0, 0, 2)) for line in lines]
    if texts:
        yield Text(heading, "bold")
        yield from texts
