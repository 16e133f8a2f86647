"""What the model said of each point, beside what was measured."""

from collections.abc import Sequence

from harness.document.numbers import ABSENT, figure, signed
from harness.document.table import Cells, Column, Table, table
from harness.facts.prediction import Range, Residual
from harness.report.marks import load


def predictions_table(found: Sequence[Residual]) -> Table:
    """Return a row a point, in the order of the predictions."""
    return table(_COLUMNS, found)


def _range(found: Range | None) -> str:
    return f"{figure(found.value)} ({figure(found.low)} to {figure(found.high)})" if found else ABSENT


_COLUMNS: Cells[Residual] = (
    (Column("lane", numeric=False), lambda one: one.prediction.lane),
    (Column("load"), lambda one: load(one.prediction.point)),
    (Column("req/s predicted (90 %)", wide=True), lambda one: _range(one.prediction.throughput_rps)),
    (Column("measured"), lambda one: figure(one.throughput_rps)),
    (Column("off %"), lambda one: signed(one.off)),
    (Column("p95 excess ms predicted (90 %)", wide=True), lambda one: _range(one.prediction.excess_ms)),
    (Column("measured ms"), lambda one: figure(one.excess_ms)),
    (Column("off % of excess"), lambda one: signed(one.excess_off)),
    (Column("miss is put down to", numeric=False, long=True), lambda one: one.suspect or ABSENT),
)
