"""The rows that several Locust workers have sent, read from the file in which their master has written them down."""

import json
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Any

COLUMNS = ("id", "route", "start_s", "late_s", "latency_s", "outcome", "error", "bytes", "server_timing")
NUMBERS = ("start_s", "late_s", "latency_s", "bytes")
ALIKE = ("route", "outcome", "error")  # few different texts: each is held once


def columns_of(path: Path) -> dict[str, Any]:
    """Return the rows by column, read batch by batch: numbers in arrays, texts in lists."""
    columns: dict[str, Any] = {name: array("d") if name in NUMBERS else [] for name in COLUMNS}
    known: dict[str, str] = {}
    with path.open(encoding="utf-8") as file:
        for line in file:
            batch: Sequence[Sequence[Any]] = json.loads(line)
            for name, values in zip(COLUMNS, zip(*batch, strict=True), strict=True) if batch else ():
                columns[name].extend((known.setdefault(text, text) for text in values) if name in ALIKE else values)
    return columns
