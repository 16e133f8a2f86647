"""What a study leaves: a table of figures, and what they were to be."""

from dataclasses import dataclass

Row = dict[str, str | float | None]


@dataclass(frozen=True)
class Study:
    """A table: `rows` have the same keys in the same order, units in the keys; `notes` say how to read it.

    `promise` is what the figures were to be, and `kept` whether they are; None where nothing was promised.
    """

    title: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    promise: str = ""
    kept: bool | None = None
