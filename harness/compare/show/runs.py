"""More than two runs: a table over time for each row, with bars from zero."""

from collections.abc import Iterator, Sequence
from pathlib import PurePath

from harness.compare.comparison import NO_ROW, ComparedRow, Comparison
from harness.compare.metrics import KNOWN
from harness.compare.show.words import OVERVIEW, value
from harness.compare.sides import Key, Side, plain
from harness.document.blocks import Block, Grouped, Heading, Listing, Paragraph
from harness.document.table import Column, Row, Table
from harness.facts.figures import Metric

BARRED = ("throughput", "p95")
BAR = 10  # characters of the longest bar
PARTS = " ▏▎▍▌▋▊▉"  # of a character, in eighths


def blocks_of_runs(comparison: Comparison, rows: Sequence[ComparedRow]) -> Iterator[Block]:
    """Yield what the runs are and their figures at these rows; nothing for two runs."""
    if not comparison.earlier:
        return
    names = names_of(comparison.runs)
    yield Paragraph(f"{len(names)} runs, the newest last; bars start at zero:")
    yield Listing(
        tuple(plain(f"{name}: {side.name} ({side.about})") for name, side in zip(names, comparison.runs, strict=True))
    )
    lines = (line for row in rows for line in _lines(row, comparison.runs, names))
    columns = (Column("row", numeric=False), Column("run", numeric=False, long=True), *_columns())
    yield Grouped(Table(columns, tuple(lines)))
    yield Heading("The newest (B) against the one before (A)")


def names_of(runs: Sequence[Side]) -> tuple[str, ...]:
    """Return a short name for each run: its number, and that part of its path in which they differ."""
    paths = [PurePath(side.name).parts for side in runs]
    most = min(map(len, paths)) - 1
    same = next((place for place in range(most) if len({parts[place] for parts in paths}) > 1), most)
    paths = [parts[same:] for parts in paths]
    last = min(map(len, paths)) - 1
    alike = next((place for place in range(last) if len({parts[-1 - place] for parts in paths}) > 1), last)
    return tuple(
        f"{number} {plain('/'.join(parts[: len(parts) - alike]))}" for number, parts in enumerate(paths, start=1)
    )


def over_runs(runs: Sequence[Side], key: Key, metric: Metric) -> list[float | None]:
    """Return a metric of a row in every run, None where it has none."""
    return [side.rows.get(key, NO_ROW).values.get(metric) for side in runs]


def _columns() -> Iterator[Column]:
    for name, wide in OVERVIEW.items():
        yield Column(f"{name} {KNOWN[name].unit}", wide=wide)
        if name in BARRED:
            yield Column("", numeric=False, wide=wide)


def _lines(row: ComparedRow, runs: Sequence[Side], names: Sequence[str]) -> Iterator[Row]:
    columns = [cells for name in OVERVIEW for cells in _cells(row.key, runs, KNOWN[name])]
    yield from (Row((row.label, *cells)) for cells in zip(names, *columns, strict=True))


def _cells(key: Key, runs: Sequence[Side], metric: Metric) -> Iterator[list[str]]:
    """Yield a metric's column, and that of its bars."""
    values = over_runs(runs, key, metric)
    marks = [side.rows.get(key, NO_ROW).marks.get(metric) for side in runs]
    yield [value(number, mark) for number, mark in zip(values, marks, strict=True)]
    if metric.name in BARRED:
        most = max(filter(None, values), default=0.0)
        yield [_bar(number / most) if number and most else "" for number in values]


def _bar(share: float) -> str:
    """Return a bar of that share of the longest one."""
    whole, eighths = divmod(round(8 * BAR * share), 8)
    return "█" * whole + PARTS[eighths].strip()
