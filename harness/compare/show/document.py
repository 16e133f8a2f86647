"""A comparison in blocks: every row in full, then verdicts or an overview, the doubts and the thresholds."""

from collections.abc import Iterable, Iterator

from harness.compare.comparison import Comparison, Figure
from harness.compare.metrics import KNOWN
from harness.compare.show.words import (
    cells,
    exploratory,
    judgement,
    outcome_lines,
    primaries,
    quotient,
    remarks,
    sides,
)
from harness.document.blocks import Block, Grouped, Heading, Listing, Paragraph
from harness.document.numbers import ABSENT
from harness.document.table import Column, Row, Table

ROW = Column("row", numeric=False, long=True)
OF_A_FIGURE = (
    ROW,
    Column("metric", numeric=False, width=13),
    Column("unit", numeric=False, width=6),
    Column("A", width=10),
    Column("B", width=10),
    Column("B/A", width=9),
    Column("B is", numeric=False, lines="B is", width=7),
)
OF_A_VERDICT = (
    ROW,
    Column("metric", numeric=False),
    Column("verdict on B", numeric=False, lines="verdict on B"),
    Column("B/A"),
    Column("95 % interval", lines="95 % interval"),
    Column("blocks"),
    Column("p", wide=True),
)
OVERVIEW = {"failure_share": False, "throughput": False, "p50": True, "p95": False, "p99": True}  # wide or not


def blocks_of(comparison: Comparison) -> Iterator[Block]:
    """Yield what A and B are, all rows, the verdicts or an overview, every doubt, and the thresholds."""
    yield from map(Paragraph, sides(comparison))
    rows = (Row((row.label, *cells(shown))) for row in comparison.rows for shown in row.figures.values())
    yield Grouped(Table(OF_A_FIGURE, tuple(rows)))
    if comparison.verdicts:
        yield from _verdicts(comparison)
    elif len(comparison.rows) > 1:
        yield Heading("Overview: B/A")
        yield _overview(comparison)
    if doubts := tuple(remarks(comparison)):
        yield Heading("Notes")
        yield Listing(doubts)
    if comparison.outcomes:
        yield Heading("Thresholds")
        yield from _toned(outcome_lines(comparison.outcomes))


def _verdicts(comparison: Comparison) -> Iterator[Block]:
    if declared := tuple(primaries(comparison)):
        yield Heading("Primary verdicts")
        yield from _toned(declared)
    if explored := tuple(exploratory(comparison)):
        yield Heading("Exploratory verdicts")
        yield Table(OF_A_VERDICT, tuple(map(Row, explored)))


def _toned(lines: Iterable[tuple[bool, str]]) -> Iterator[Paragraph]:
    """Yield lines, each with whether it is bad news."""
    yield from (Paragraph(line, "worse" if bad else "") for bad, line in lines)


def _overview(comparison: Comparison) -> Table:
    present = {metric for row in comparison.rows for metric in row.figures}
    metrics = [KNOWN[name] for name in OVERVIEW if KNOWN[name] in present]
    columns = (ROW, *(Column(metric.name, wide=OVERVIEW[metric.name]) for metric in metrics))
    rows = (Row((row.label, *(_brief(row.figures.get(metric)) for metric in metrics))) for row in comparison.rows)
    return Table(columns, tuple(rows))


def _brief(shown: Figure | None) -> str:
    """Return ratio and direction; a direction without a ratio (from zero) stands alone."""
    if shown is None or shown.direction == "n.a.":
        return ABSENT
    value = "" if shown.ratio is None else f"{quotient(shown.ratio)} "
    return value + judgement(shown)
