"""A CSV file as lines of named cells, whoever wrote it."""

import csv
import io
import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from harness.compare.read.text import read_text
from harness.errors import UsageError

_CUT_OFF = "the file was cut off or edited: give it as it was written"
_DELIMITERS = ",;\t"
LEADING = 3  # cells that tell a header from a row
_ABSENT = {"", "n/a", "#n/a", "na", "nan", "none", "null"}  # of Locust, of spreadsheets, of pandas
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_DECIMAL_COMMA = re.compile(r"\d+(?:\.\d{3})*,(?:\d{1,2}|\d{4,})")  # no comma of thousands has so many digits behind it
_DECIMAL_POINT = re.compile(r"\d+\.(?:\d{1,2}|\d{4,})|(?:0|\d{4,})\.\d{3}")
_POINTS_OF_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3}){2,}")
_POINT_OF_EITHER = re.compile(r"\d{1,3}\.\d{3}")
_UNESCAPED = re.compile(r'"([^"]*)","(.*)",([^"]*)')  # type, name, figures: Locust up to 1.0.3 kept quotes in names

Cells = list[str]


@dataclass(frozen=True)
class Line:
    """A row: the number of the line that it ends in, and its cells by column."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """A CSV file that has a header; each row has a cell for every column. Notes say what was odd about it."""

    path: Path
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()
    cut_off: bool = False  # the last line had too few cells, and was left out
    decimal_comma: bool = False  # 25,5 and 4.000: a spreadsheet of another country

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
    """Read a CSV with commas, semicolons or tabs; OSError, or UsageError where it is no such table.

    Cells are as they stand: names may differ in blanks only. Columns without a name and without a cell are left out,
    and so is a last line that was cut off, which is noted.
    """
    found = read_text(path)
    delimiter = max(_DELIMITERS, key=found.text.lstrip().partition("\n")[0].count)
    parsed = _parsed(path, found.text, delimiter)
    numbered = [(number, cells) for number, cells in parsed if any(map(str.strip, cells))]
    if not numbered:
        raise UsageError(f"{path} is empty", hint="what should have written it did not end: measure again")
    (_, header), *rows = numbered
    columns = [column.strip() for column in header]
    _reject_joined(path, header, rows)
    rows, odd, cut_off = _complete(path, columns, rows)
    used = [place for place, name in enumerate(columns) if name or any(cells[place].strip() for _, cells in rows)]
    _reject_repeated(path, [columns[place] for place in used])
    lines = tuple(Line(number, {columns[place]: cells[place] for place in used}) for number, cells in rows)
    commas, guess = _has_decimal_commas({cell.strip() for _, cells in rows for cell in cells}, delimiter)
    names, said = tuple(columns[place] for place in used), tuple(filter(None, [found.note, odd, guess]))
    return Table(path, names, lines, said, cut_off, commas)


def _has_decimal_commas(cells: Collection[str], delimiter: str) -> tuple[bool, str]:
    """Say whether numbers have decimal commas and points for thousands, and in words where that is a guess.

    Some can have no other meaning, and none has a decimal point. Where every point may be either, semicolons between
    the cells decide: they are there because the comma is a decimal one.
    """
    if any(map(_DECIMAL_POINT.fullmatch, cells)):
        return False, ""
    if any(_DECIMAL_COMMA.fullmatch(cell) or _POINTS_OF_THOUSANDS.fullmatch(cell) for cell in cells):
        return True, ""
    either = next(filter(_POINT_OF_EITHER.fullmatch, sorted(cells)), None)
    if either is None or delimiter == ",":
        return False, ""
    commas = delimiter == ";"
    read = either.replace(".", "") if commas else f"{float(either):g}"
    return commas, f"{either} was read as {read}: nothing in the file says whether its points are decimal ones"


def _parsed(path: Path, text: str, delimiter: str) -> Iterator[tuple[int, Cells]]:
    """Yield number and cells of each row; line by line where quotes inside names are not escaped."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    try:
        rows = [(reader.line_num, cells) for cells in reader]
    except csv.Error as error:
        lines = text.splitlines()
        if not any(_UNESCAPED.fullmatch(line) for line in islice(lines, 1, None)) and not _is_open(error):
            raise UsageError(f"{path}, line {reader.line_num}: {error}", hint=_CUT_OFF) from None
        rows = [(number, _cells(line, delimiter)) for number, line in enumerate(lines, 1)]
    yield from rows


def _is_open(error: csv.Error) -> bool:
    """Say whether the text ends within a quoted cell."""
    return "unexpected end" in str(error)


def _cells(line: str, delimiter: str) -> Cells:
    """Return a line's cells; a name whose quotes are not escaped reaches to the last quote."""
    try:
        return next(csv.reader([line], strict=True, delimiter=delimiter), [])
    except csv.Error:
        raw = _UNESCAPED.fullmatch(line)
        return [raw[1], raw[2], *raw[3].split(",")] if raw else [line]


def _complete(
    path: Path, columns: Sequence[str], rows: list[tuple[int, Cells]]
) -> tuple[list[tuple[int, Cells]], str, bool]:
    """Return rows with a cell for every column, what was left out in words, and whether the last line was cut off.

    UsageError where a row has cells that belong to no column.
    """
    width = len(columns)
    rows = [(number, cells[:width] if not any(map(str.strip, cells[width:])) else cells) for number, cells in rows]
    lengths = {len(cells) for _, cells in rows}
    if lengths <= {width}:
        return rows, "", False
    if (
        len(rows) > 1
        and len(lengths) == 1
        and (short := min(lengths)) < width
        and _are_percentiles(columns[short - 1 :])
    ):
        # Locust 0.13.3 to 1.1.1 wrote the header of all percentiles above rows with those that were chosen
        first = next(place for place, name in enumerate(columns) if _are_percentiles([name]))
        filled = [(number, [*cells[:first], *[""] * (width - first)]) for number, cells in rows]
        said = f"Locust 0.13.3 to 1.1.1 wrote {width} columns above rows of {short} cells: percentiles are left out"
        return filled, said, False
    *whole, (number, last) = rows
    if len(last) < width and all(len(cells) == width for _, cells in whole):
        return whole, f"line {number}, the last one, is cut off and left out", True
    number, cells = next((number, cells) for number, cells in rows if len(cells) != width)
    raise UsageError(f"{path}, line {number}: {len(cells)} cells under {width} columns", hint=_CUT_OFF)


def _reject_joined(path: Path, header: Cells, rows: Sequence[tuple[int, Cells]]) -> None:
    """Raise UsageError where a row is a header: another report begins there, with the same columns or with others."""
    for number, cells in rows:
        if cells[:LEADING] == header[:LEADING]:
            hint = f"give each a file of its own: the second begins at line {number}"
            raise UsageError(f"{path} holds two reports: line {number} is a header again", hint=hint)


def _are_percentiles(columns: Sequence[str]) -> bool:
    return all(re.fullmatch(r"\d+(\.\d+)?%?", name) for name in columns)


def _reject_repeated(path: Path, columns: Sequence[str]) -> None:
    repeated = next((column for column in columns if columns.count(column) > 1), None)
    if repeated is not None:
        raise UsageError(f"{path} has more than one column {repeated!r}", hint=_CUT_OFF)


def is_absent(cell: str) -> bool:
    """Say whether a cell holds no figure: empty, `N/A`, `#N/A`, `nan`."""
    return cell.strip().casefold() in _ABSENT


def number_in(table: Table, line: Line, column: str) -> float | None:
    """Return a cell's number, None where it holds none; UsageError where it is no figure of a measurement."""
    cell = line.cells[column].strip()
    if is_absent(cell):
        return None
    try:
        value = float(_without_commas(cell, decimal=table.decimal_comma))
    except ValueError:
        raise table.fault(line, column, "is not a number") from None
    if not math.isfinite(value) or value < 0:
        raise table.fault(line, column, "is not a possible figure")
    return int(value) if value.is_integer() else value


def _without_commas(cell: str, *, decimal: bool) -> str:
    """Return a number with a decimal point and without separators of thousands."""
    if decimal:
        return cell.replace(".", "").replace(",", ".")
    return cell.replace(",", "") if _THOUSANDS.fullmatch(cell) else cell
