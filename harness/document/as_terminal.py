"""Blocks in a terminal of any width."""

from collections.abc import Iterable, Iterator, Sequence
from functools import singledispatch
from itertools import groupby
from typing import Literal

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from harness.document.blocks import Block, Grouped, Heading, Listing, Paragraph, Verbatim
from harness.document.numbers import ABSENT
from harness.document.table import LANE, Column, Row, Table

WIDE = 110  # characters in a line, from which on every column has room
LAST_LINES = 3  # of what a program said
STYLES = {
    "better": "bold green",
    "worse": "bold red",
    "equivalent": "bold blue",
    "inconclusive": "bold",
    "warning": "bold yellow",
    "ladder": "bold",
    "quiet": "dim",
}


def printable_blocks(blocks: Iterable[Block]) -> RenderableType:
    """Return what rich prints."""
    return Group(*(part for block in blocks for part in _drawn(block)))


@singledispatch
def _drawn(_block: object) -> Iterator[RenderableType]:
    """Yield what a block looks like; a block that is for other media looks like nothing."""
    yield from ()


@_drawn.register
def _(block: Heading) -> Iterator[RenderableType]:
    yield Text(f"\n{block.text}", "bold")


@_drawn.register
def _(block: Paragraph) -> Iterator[RenderableType]:
    yield Text(block.text, STYLES.get(block.tone, ""))


@_drawn.register
def _(block: Listing) -> Iterator[RenderableType]:
    grid = Grid.grid(padding=(0, 1))
    for line in block.lines:
        grid.add_row("-", Text(line))
    yield grid


@_drawn.register
def _(block: Verbatim) -> Iterator[RenderableType]:
    yield Text(block.title)
    yield from (Padding(Text(line, "dim"), (0, 0, 0, 2)) for line in block.text.splitlines()[-LAST_LINES:])


@_drawn.register
def _(block: Table) -> Iterator[RenderableType]:
    yield _Grid(block)


@_drawn.register
def _(block: Grouped) -> Iterator[RenderableType]:
    columns = block.table.columns[1:]
    for name, rows in groupby(block.table.rows, key=lambda row: row.cells[0]):
        yield from _drawn(Heading(name))
        yield _Grid(Table(columns, tuple(Row(row.cells[1:]) for row in rows)))


class _Grid:
    """A table with as many columns as a line has room for; what has a note is left out."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        columns = self.table.columns
        places = [n for n, column in enumerate(columns) if options.max_width >= WIDE or not column.wide]
        by_lane = columns[0] is LANE
        grid = (
            Grid(box=box.SIMPLE_HEAD, padding=0, pad_edge=False)
            if by_lane
            else Grid(box=None, pad_edge=False, header_style="dim")
        )
        for place in places:
            column = columns[place]
            justify: Literal["left", "right"] = "right" if column.numeric else "left"
            whole, least = column is not LANE and not column.long, column.width or None
            grid.add_column(_heading(column), justify=justify, no_wrap=whole, overflow="fold", min_width=least)
        for cells, last in _rows(self.table.rows, by_lane=by_lane):
            grid.add_row(*(Text(cells[place]) for place in places), end_section=last)
        yield grid


def _rows(rows: Sequence[Row], *, by_lane: bool) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Yield the cells of each row, and whether a group ends with it: a lane is named in its first row only."""
    filled = [_filled(row) for row in rows if not row.note]
    for _name, group in groupby(filled, key=lambda cells: cells[0] if by_lane else ""):
        same = list(group)
        for place, cells in enumerate(same):
            yield ("", *cells[1:]) if by_lane and place else cells, by_lane and place == len(same) - 1


def _heading(column: Column) -> Text:
    return Text(column.lines or "\n".join(column.heading.rsplit(" ", 1)))


def _filled(row: Row) -> tuple[str, ...]:
    """Return a row's cells; where one text spans several, each has no figure, and a list below the table says why."""
    if row.spread is None:
        return row.cells
    first, width = row.spread
    return (*row.cells[:first], *[ABSENT] * width, *row.cells[first + width :])
