"""A comparison as CSV: a line for each row and metric, on one side or both; of more than two runs, one for each run."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from harness.compare.comparison import Comparison, Figure
from harness.compare.metrics import in_order
from harness.compare.sides import KEY_NAMES, Key, plain
from harness.store.files import Cell, csv_text

if TYPE_CHECKING:
    from harness.compare.verdicts import FigureVerdict

VERDICT = ("verdict", "primary", "blocks_a", "blocks_b", "verdict_ratio", "verdict_low", "verdict_high", "verdict_p")
OF_RUNS = ("metric", "unit", "value", "mark")
COLUMNS = ("metric", "unit", "a", "b", "ratio", "difference", "direction", "mark_a", "mark_b", *VERDICT)


def csv_rows(comparison: Comparison) -> str:
    """Return the lines under method and name, or lane and point, and COLUMNS; what does not exist is empty.

    Of more than two runs: under the number and path of the run, method and name or lane and point, and OF_RUNS.
    """
    if comparison.earlier:
        return csv_text(("run", "path", *KEY_NAMES[comparison.a.kind], *OF_RUNS), list(_of_runs(comparison)))
    lines = [[*_identity(row.key), *_cells(shown)] for row in comparison.all_rows for shown in row.figures.values()]
    return csv_text((*KEY_NAMES[comparison.a.kind], *COLUMNS), lines)


def _of_runs(comparison: Comparison) -> Iterator[list[Cell]]:
    """Yield what every run has of the rows that are compared."""
    keys = {row.key for row in comparison.all_rows}
    for number, side in enumerate(comparison.runs, start=1):
        for key, row in side.rows.items():
            for metric in in_order(row.values):
                if key in keys:
                    shown = metric.name, metric.unit, row.values[metric], row.marks.get(metric)
                    yield [number, plain(side.name), *_identity(key), *shown]


def _identity(key: Key) -> list[Cell]:
    return [plain(part) if isinstance(part, str) else part.label for part in key]


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


def _verdict(verdict: "FigureVerdict | None") -> list[Cell]:
    if verdict is None:
        return [None] * len(VERDICT)
    ratio = verdict.ratio
    figures: list[Cell] = [ratio.value, ratio.low, ratio.high, verdict.p] if ratio else [None] * 4
    return [verdict.word, "yes" if verdict.primary else "no", verdict.blocks_a, verdict.blocks_b, *figures]
