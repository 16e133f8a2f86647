"""A study, or a calibration, in blocks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from harness.document.blocks import Block, Heading, Paragraph
from harness.document.numbers import ABSENT, figure
from harness.document.table import Column, Row, Table


def study_blocks(title: str, rows: Sequence[Mapping[str, object]], notes: Iterable[str] = ()) -> Iterator[Block]:
    """Yield a title, a table of rows with the same keys, and notes."""
    yield Heading(title)
    columns = (
        Column(name, numeric=all(not isinstance(row[name], str) for row in rows), long=True)
        for name in (rows[0] if rows else ())
    )
    yield Table(tuple(columns), tuple(Row(tuple(map(_cell, row.values()))) for row in rows))
    yield from (Paragraph(note) for note in notes if note)


def _cell(value: object) -> str:
    if value is None:
        return ABSENT
    if isinstance(value, int):
        return f"{value:,}"
    return figure(value, 4) if isinstance(value, float) else str(value)
