"""A table as text cells: one description for the terminal, Markdown and HTML."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True)
class Column:
    """A heading with its unit.

    In the terminal there is little room: `lines` is the heading there, words below one another; `wide` columns are left
    out where there is less; a `long` text is broken; `width` is the least in characters.
    """

    heading: str
    numeric: bool = True
    wide: bool = False
    lines: str = ""
    long: bool = False
    width: int = 0


Cells = tuple[tuple[Column, Callable[[Item], str]], ...]

LANE = Column("lane", numeric=False)
LOAD = Column("load")


@dataclass(frozen=True)
class Row:
    """Cells from the left; a `note` stands in place of those that are missing; a struck row does not count.

    `spread` are the first and the number of cells that the text of the first one spans; the others are empty.
    """

    cells: tuple[str, ...]
    note: str = ""
    struck: bool = False
    spread: tuple[int, int] | None = None

    def spans(self) -> tuple[tuple[int, str, int], ...]:
        """Return what is to be drawn: the place of each cell, its text, and how many columns it takes."""
        first, width = self.spread or (0, 1)
        inside = range(first + 1, first + width)
        return tuple(
            (place, cell, width if place == first else 1)
            for place, cell in enumerate(self.cells)
            if place not in inside
        )


@dataclass(frozen=True)
class Table:
    """Columns and rows."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


def table(cells: Cells[Item], items: Iterable[Item]) -> Table:
    """Return a table with a row for each item."""
    rows = (Row(tuple(text(item) for _, text in cells)) for item in items)
    return Table(tuple(column for column, _ in cells), tuple(rows))


def pairs_table(heading: str, pairs: Iterable[tuple[str, str]]) -> Table:
    """Return names with their values."""
    columns = (Column(heading, numeric=False), Column("value", numeric=False))
    return Table(columns, tuple(Row(pair) for pair in pairs))
