"""Every trial, and every invalid one with its reasons."""

from functools import partial

from harness.document.numbers import count, figure, percent
from harness.document.table import LANE, LOAD, Cells, Column, Row, Table, table
from harness.facts.figures import METRICS, Metric
from harness.facts.run import Run
from harness.facts.trial import Trial
from harness.report.marks import load

IDENTITY: Cells[Trial] = (
    (Column("trial", numeric=False), lambda trial: trial.trial),
    (LANE, lambda trial: trial.lane),
    (LOAD, lambda trial: load(trial.point, cold=not trial.steady)),
    (Column("block"), lambda trial: count(trial.block)),
)


def _of_metric(metric: Metric, trial: Trial) -> str:
    return figure(getattr(trial, metric.field))


OF_A_TRIAL: Cells[Trial] = (
    *((Column(metric.heading), partial(_of_metric, metric)) for metric in METRICS if metric.judged),
    (Column("started"), lambda trial: count(trial.started)),
    (Column("ok"), lambda trial: count(trial.ok)),
    (Column("failed"), lambda trial: count(trial.failed)),
    (Column("censored"), lambda trial: count(trial.censored)),
    (Column("generator CPU %"), lambda trial: percent(trial.generator_cpu_share)),
    (Column("stub CPU %"), lambda trial: percent(trial.stub_cpu_share)),
)
WHY = (Column("why it is invalid", numeric=False), lambda trial: trial.reasons or "no reason given")


def trials_table(run: Run) -> Table:
    """Return every trial in the order of the run; invalid ones are struck through."""
    whole = table((*IDENTITY, *OF_A_TRIAL), run.trials)
    rows = (Row(row.cells, struck=trial.status == "invalid") for row, trial in zip(whole.rows, run.trials, strict=True))
    return Table(whole.columns, tuple(rows))


def invalid_table(run: Run) -> Table:
    """Return every invalid trial with its reasons."""
    return table((*IDENTITY, WHY), run.invalid)
