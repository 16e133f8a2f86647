"""The rows of several workers, written down as they come: a master that holds them all would need gigabytes."""

import json
from collections.abc import Iterable
from pathlib import Path

from loadtests.recorder import Row


class RowsFile:
    """A file of rows: a line is a JSON list of some of them, whose values are in the order of recorder.COLUMNS."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("w", encoding="utf-8")

    def add(self, rows: Iterable[Row]) -> None:
        """Write some rows."""
        json.dump(list(rows), self._file, separators=(",", ":"))
        self._file.write("\n")

    def close(self) -> None:
        """Write what is left in memory."""
        self._file.close()
