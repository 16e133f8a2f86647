"""A study in the terminal."""

from collections.abc import Iterable, Mapping, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from harness.report.numbers import ABSENT, figure

Value = str | float | None


def study_table(title: str, rows: Sequence[Mapping[str, object]], notes: Iterable[str] = ()) -> RenderableType:
    """Return a titled table of rows with the same keys, and its notes below."""
    grid = Table(box=box.SIMPLE_HEAD, padding=0, pad_edge=False, title=title, title_justify="left", title_style="bold")
    for name in rows[0] if rows else ():
        numeric = all(not isinstance(row[name], str) for row in rows)
        grid.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        grid.add_row(*(Text(_cell(value)) for value in row.values()))
    return Group(grid, *(Text(note) for note in notes if note))


def _cell(value: object) -> str:
    if value is None:
        return ABSENT
    if isinstance(value, int):
        return f"{value:,}"
    return figure(value, 4) if isinstance(value, float) else str(value)
