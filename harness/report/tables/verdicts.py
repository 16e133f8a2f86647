"""The verdicts and the A/A controls with the figures that they rest on."""

from harness.document.numbers import ABSENT, figure
from harness.document.table import LANE, LOAD, Cells, Column, Row, Table, table
from harness.facts.run import Run
from harness.facts.verdict import Verdict
from harness.judge.verdict import is_significant
from harness.report.marks import between, load, pairs

LEAST_P = 0.001  # a smaller p is not worth its digits
VERDICT = Column("verdict", numeric=False)


def _p_value(p: float | None) -> str:
    return f"< {LEAST_P}" if p is not None and p < LEAST_P else figure(p, 2)


OF_A_VERDICT: Cells[Verdict] = (
    (LANE, lambda verdict: verdict.lane),
    (Column("against", numeric=False), lambda verdict: verdict.baseline),
    (Column("metric", numeric=False), lambda verdict: verdict.metric),
    (LOAD, lambda verdict: load(verdict.point)),
    (VERDICT, lambda verdict: "withheld" if "withheld" in verdict.doubts else verdict.word),
    (Column("ratio"), lambda verdict: figure(verdict.ratio)),
    (Column("95 % interval"), lambda verdict: between(verdict.low, verdict.high)),
    (Column("not adjusted"), lambda verdict: figure(verdict.raw[0]) if verdict.raw else ABSENT),
    (Column("adjusted p"), lambda verdict: _p_value(verdict.p)),
    (Column("pairs"), pairs),
)


def verdicts_table(run: Run) -> Table:
    """Return the verdicts, then the A/A controls, which are marked as such."""
    verdicts, controls = table(OF_A_VERDICT, run.verdicts), table(OF_A_VERDICT, run.controls)
    marked = (_marked(row, control) for row, control in zip(controls.rows, run.controls, strict=True))
    return Table(verdicts.columns, (*verdicts.rows, *marked))


def _marked(row: Row, control: Verdict) -> Row:
    place = [column for column, _ in OF_A_VERDICT].index(VERDICT)
    word = "A/A: differs from itself" if is_significant(control) else "A/A: no difference found"
    return Row((*row.cells[:place], word, *row.cells[place + 1 :]))
