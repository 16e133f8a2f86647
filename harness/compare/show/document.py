"""A comparison in blocks: every row in full, then verdicts or an overview, the doubts and the thresholds."""

import math
from collections.abc import Iterable, Iterator, Sequence

from harness.compare.comparison import ComparedRow, Comparison, Figure
from harness.compare.metrics import KNOWN
from harness.compare.show.runs import blocks_of_runs
from harness.compare.show.words import (
    LISTED,
    OVERVIEW,
    cells,
    judgement,
    outcome_lines,
    quotient,
    remarks,
    sides,
)
from harness.compare.sides import AGGREGATED, label, plain
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
    Column("B-A", wide=True),
    Column("change", wide=True),
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
OF_A_GROUP = (ROW, Column("rows in A"), Column("rows in B"), Column("GROUP=", numeric=False, long=True))
TOP = 20  # rows of a long comparison that a person is shown
RANKED = ("p95", "p50", "throughput", "failure_share")


def blocks_of(comparison: Comparison, top: int = TOP) -> Iterator[Block]:
    """Yield what A and B are, an overview, the rows, verdicts, doubts, and thresholds.

    Of more than `top` rows the worst are in the overview, and the first of them in full. More than two runs come first.
    """
    shown = worst_first(comparison.rows)[:top] if len(comparison.rows) > top else comparison.rows
    left = len(comparison.rows) - len(shown)
    in_full = shown[:1] if left else shown
    yield from blocks_of_runs(comparison, in_full)
    yield from map(Paragraph, sides(comparison))
    if not comparison.verdicts and len(comparison.rows) > 1:
        yield Heading("Overview: B/A" + (", worst first" if left else ""))
        yield _overview(shown)
    if left:
        yield Paragraph(
            f"{left:,} more rows are not shown: TOP=, ROWS=, LEAST= choose (of {top} rows or fewer every figure is "
            "shown); FORMAT=csv and json have all.",
            "note",
        )
    rows = (Row((row.label, *cells(figure))) for row in in_full for figure in row.figures.values())
    yield Grouped(Table(OF_A_FIGURE, tuple(rows)))
    if comparison.verdicts:
        yield from _verdicts(comparison)
    yield from _groups(comparison)
    if doubts := tuple(remarks(comparison)):
        yield Heading("Notes")
        yield Listing(doubts)
    if comparison.outcomes:
        yield Heading("Thresholds")
        yield from _toned(outcome_lines(comparison.outcomes))


def _groups(comparison: Comparison) -> Iterator[Block]:
    """Yield which rows were made one, the largest groups first, each as it can be given as GROUP=."""
    if not comparison.groups:
        return
    yield Heading("Groups")
    shown = comparison.groups[:LISTED]
    rows = (Row((label(key), f"{a:,}", f"{b:,}", plain(group))) for key, group, a, b in shown)
    yield Table(OF_A_GROUP, tuple(rows))
    if left := len(comparison.groups) - len(shown):
        yield Paragraph(f"{left:,} more groups are not shown; FORMAT=json has all.", "note")


def _verdicts(comparison: Comparison) -> Iterator[Block]:
    from harness.compare.show.verdict_words import exploratory, primaries  # statistics: only where there are verdicts

    if declared := tuple(primaries(comparison)):
        yield Heading("Primary verdicts")
        yield from _toned(declared)
    if explored := tuple(exploratory(comparison)):
        yield Heading("Exploratory verdicts")
        yield Table(OF_A_VERDICT, tuple(map(Row, explored)))


def _toned(lines: Iterable[tuple[bool, str]]) -> Iterator[Paragraph]:
    """Yield lines, each with whether it is bad news."""
    yield from (Paragraph(line, "worse" if bad else "") for bad, line in lines)


def worst_first(rows: Sequence[ComparedRow]) -> list[ComparedRow]:
    """Return the rows, worst first: all requests together, then by the largest factor by which B is worse."""
    return sorted(rows, key=lambda row: (row.key != AGGREGATED, -_harm(row)))


def _harm(row: ComparedRow) -> float:
    """Return by which factor B is worse than A, as a logarithm; 0 where it is not."""
    figures = [row.figure(KNOWN[name]) for name in RANKED]
    worse = [abs(math.log(one.ratio)) for one in figures if one.direction == "worse" and one.ratio]
    endless = any(one.direction == "worse" and not one.ratio for one in figures)
    return math.inf if endless else max(worse, default=0.0)


def _overview(rows: Sequence[ComparedRow]) -> Table:
    present = {metric for row in rows for metric in row.metrics}
    metrics = [KNOWN[name] for name in OVERVIEW if KNOWN[name] in present]
    columns = (ROW, *(Column(metric.name, wide=OVERVIEW[metric.name]) for metric in metrics))
    return Table(columns, tuple(Row((row.label, *(_brief(row.figure(metric)) for metric in metrics))) for row in rows))


def _brief(shown: Figure) -> str:
    """Return ratio and direction; a direction without a ratio (from zero) stands alone."""
    if shown.direction == "n.a.":
        return ABSENT
    value = "" if shown.ratio is None else f"{quotient(shown.ratio)} "
    return value + judgement(shown)
