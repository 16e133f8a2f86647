"""What a study leaves: a table of figures, and what they were to be."""

from dataclasses import dataclass

Row = dict[str, str | float | None]


@dataclass(frozen=True)
class Study:
    """A table: `rows` have the same keys in the same order, units in the keys; `notes` say how to read it."""

    title: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
