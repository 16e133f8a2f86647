"""A comparison as CSV: a line for each row and metric, on one side or both."""

from harness.compare.comparison import ComparedRow, Comparison, Figure
from harness.compare.sides import KEY_NAMES, plain
from harness.compare.verdicts import FigureVerdict
from harness.store.files import Cell, csv_text

VERDICT = ("verdict", "primary", "blocks_a", "blocks_b", "verdict_ratio", "verdict_low", "verdict_high", "verdict_p")
COLUMNS = ("metric", "unit", "a", "b", "ratio", "difference", "direction", "mark_a", "mark_b", *VERDICT)


def csv_rows(comparison: Comparison) -> str:
    """Return the lines under method and name, or lane and point, and COLUMNS; what does not exist is empty."""
    lines = [[*_identity(row), *_cells(shown)] for row in comparison.all_rows for shown in row.figures.values()]
    return csv_text((*KEY_NAMES[comparison.a.kind], *COLUMNS), lines)


def _identity(row: ComparedRow) -> list[Cell]:
    return [plain(part) if isinstance(part, str) else part.label for part in row.key]


def _cells(shown: Figure) -> list[Cell]:
    metric, marks = shown.metric, (shown.mark_a, shown.mark_b)
    return [
        metric.name,
        metric.unit,
        shown.a,
        shown.b,
        shown.ratio,
        shown.difference,
        shown.direction,
        *marks,
        *_verdict(shown.verdict),
    ]


def _verdict(verdict: FigureVerdict | None) -> list[Cell]:
    if verdict is None:
        return [None] * len(VERDICT)
    ratio = verdict.ratio
    figures: list[Cell] = [ratio.value, ratio.low, ratio.high, verdict.p] if ratio else [None] * 4
    return [verdict.word, "yes" if verdict.primary else "no", verdict.blocks_a, verdict.blocks_b, *figures]
