"""A comparison for a terminal: every row in full, then verdicts or an overview, the doubts and the thresholds."""

import io
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from harness.compare.comparison import ComparedRow, Comparison, Figure
from harness.compare.metrics import KNOWN
from harness.compare.show.words import (
    ABSENT,
    EXPLORATORY,
    HEADINGS,
    PRIMARY,
    VERDICT_HEADINGS,
    cells,
    exploratory,
    judgement,
    outcome_lines,
    primaries,
    quotient,
    remarks,
    sides,
)

_WIDTHS = (13, 6, 10, 10, 9, 7)
_OVERVIEW = ("failure_share", "throughput", "p50", "p95", "p99")
_NARROW_OVERVIEW = ("failure_share", "throughput", "p95")
_ROOM_FOR_ALL = 100


def text(comparison: Comparison, width: int, color: bool) -> str:
    """Return lines of at most `width` columns; `color` adds ANSI colours."""
    lines = io.StringIO()
    console = Console(
        file=lines,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        legacy_windows=False,
    )
    for part in _parts(comparison, width):
        console.print(part)
    return "".join(f"{line.rstrip()}\n" for line in lines.getvalue().split("\n")[:-1])


def _parts(comparison: Comparison, width: int) -> Iterator[RenderableType]:
    yield from map(Text, sides(comparison))
    for row in comparison.rows:
        yield Text(f"\n{row.label}", style="bold")
        yield _row_table(row)
    if comparison.verdicts:
        yield from _verdicts(comparison, VERDICT_HEADINGS if width >= _ROOM_FOR_ALL else VERDICT_HEADINGS[:-1])
    elif len(comparison.rows) > 1:
        yield Text("\nOverview: B/A", style="bold")
        yield _overview(comparison, _OVERVIEW if width >= _ROOM_FOR_ALL else _NARROW_OVERVIEW)
    yield Text()
    yield _bullets(remarks(comparison))
    if comparison.outcomes:
        yield Text("\nThresholds", style="bold")
        yield from (Text(line, style="red" if missed else "") for missed, line in outcome_lines(comparison.outcomes))


def _verdicts(comparison: Comparison, headings: Sequence[str]) -> Iterator[RenderableType]:
    if declared := list(primaries(comparison)):
        yield Text(f"\n{PRIMARY}", style="bold")
        yield from (Text(line, style="red" if worse else "") for worse, line in declared)
    if explored := list(exploratory(comparison)):
        yield Text(f"\n{EXPLORATORY}", style="bold")
        yield _verdict_table(headings, explored)


def _verdict_table(headings: Sequence[str], rows: Iterable[tuple[str, ...]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in headings:
        words = heading in ("row", "metric", "verdict on B")
        table.add_column(heading, justify="left" if words else "right", no_wrap=heading != "row", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row[: len(headings)]))
    return table


def _row_table(row: ComparedRow) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading, least in zip(HEADINGS, _WIDTHS, strict=True):
        words = heading in ("metric", "unit", "B is")
        table.add_column(heading, justify="left" if words else "right", min_width=least)
    for shown in row.figures.values():
        table.add_row(*map(Text, cells(shown)))
    return table


def _overview(comparison: Comparison, names: Sequence[str]) -> Table:
    present = {metric for row in comparison.rows for metric in row.figures}
    metrics = [KNOWN[name] for name in names if KNOWN[name] in present]
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("row", overflow="fold")
    for metric in metrics:
        table.add_column(metric.name, justify="right", no_wrap=True)
    for row in comparison.rows:
        table.add_row(Text(row.label), *(_brief(row.figures.get(metric)) for metric in metrics))
    return table


def _brief(shown: Figure | None) -> Text:
    """Return ratio and direction; a direction without a ratio (from zero) stands alone."""
    if shown is None or shown.direction == "n.a.":
        return Text(ABSENT)
    value = "" if shown.ratio is None else f"{quotient(shown.ratio)} "
    return Text(value + judgement(shown))


def _bullets(texts: Iterable[str]) -> Table:
    grid = Table.grid(padding=(0, 1))
    for line in texts:
        grid.add_row("-", Text(line))
    return grid
