"""A CSV file as lines of named cells, whoever wrote it."""

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.errors import UsageError

_CUT_OFF = "the file was cut off or edited: give it as it was written"


@dataclass(frozen=True)
class Line:
    """A row: the number of the line that it ends in, and its cells by column."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """A CSV file that has a header; each row has a cell for every column."""

    path: Path
    columns: tuple[str, ...]
    lines: tuple[Line, ...]

    def reject_empty(self) -> None:
        """Raise UsageError where there is no row."""
        if not self.lines:
            raise UsageError(f"{self.path} has a header and no row", hint="nothing was measured: measure again")

    def fault(self, line: Line, column: str, problem: str) -> UsageError:
        """Return the error that says which cell is wrong."""
        return UsageError(
            f"{self.path}, line {line.number}, column {column!r}: {line.cells[column]!r} {problem}", hint=_CUT_OFF
        )


def read_table(path: Path) -> Table:
    """Read a CSV in UTF-8, with or without a byte order mark; OSError, or UsageError where it is no such table."""
    reader = csv.reader(io.StringIO(_text(path), newline=""))
    try:
        stripped = ((reader.line_num, [cell.strip() for cell in cells]) for cells in reader)
        rows = [(number, cells) for number, cells in stripped if any(cells)]
    except csv.Error as error:
        raise UsageError(f"{path}, line {reader.line_num}: {error}", hint=_CUT_OFF) from None
    if not rows:
        raise UsageError(f"{path} is empty", hint="what should have written it did not end: measure again")
    (_, columns), *lines = rows
    repeated = next((column for column in columns if columns.count(column) > 1), None)
    if repeated is not None:
        raise UsageError(f"{path} has more than one column {repeated!r}", hint=_CUT_OFF)
    return Table(path, tuple(columns), tuple(_line(path, number, columns, cells) for number, cells in lines))


def number_in(table: Table, line: Line, column: str) -> float | None:
    """Return a cell's number, None for an empty cell and `N/A`; UsageError where it is no figure of a measurement."""
    cell = line.cells[column]
    if cell in ("", "N/A"):
        return None
    try:
        value = float(cell)
    except ValueError:
        raise table.fault(line, column, "is not a number") from None
    if not math.isfinite(value) or value < 0:
        raise table.fault(line, column, "is not a possible figure")
    return int(value) if value.is_integer() else value


def _line(path: Path, number: int, columns: list[str], cells: list[str]) -> Line:
    if len(cells) != len(columns):
        raise UsageError(f"{path}, line {number}: {len(cells)} cells under {len(columns)} columns", hint=_CUT_OFF)
    return Line(number, dict(zip(columns, cells, strict=True)))


def _text(path: Path) -> str:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise UsageError(f"{path} is not text in UTF-8", hint="give a CSV; a spreadsheet saves it as 'CSV UTF-8'")
    return text.replace("\r\r\n", "\n")  # Locust on Windows doubles the carriage return
