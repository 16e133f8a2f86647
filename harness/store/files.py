"""Writing files so that a reader sees the old one or the new one, never half of it."""

import contextlib
import csv
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from harness.errors import UsageError

Cell = str | int | float | bool | None


def write_atomically(path: Path, content: str | bytes) -> None:
    """Replace a file as a whole; UsageError where the folder cannot be written or the disk is full."""
    data = content.encode() if isinstance(content, str) else content
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise cannot_write(path, error) from None


def cannot_write(path: Path, error: OSError) -> UsageError:
    """Return the error for a place that cannot be written."""
    hint = f"free some space, or see that {path.parent} can be written"
    return UsageError(f"cannot write {path}: {error.strerror}", hint=hint)


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return a CSV; None is an empty cell, and a text that a spreadsheet would run as a formula is neutralised."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def _harmless(cell: Cell) -> Cell:
    return "'" + cell if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@")) else cell
