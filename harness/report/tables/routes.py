"""What each route, or each name of a locustfile, did on both lanes of a pair."""

from harness.document.numbers import ABSENT, count, figure
from harness.document.table import LANE, LOAD, Cells, Column, Table, table
from harness.facts.figures import BY_NAME
from harness.facts.route import OfRoute
from harness.facts.run import Run
from harness.report.marks import between, load

OF_A_ROUTE: Cells[OfRoute] = (
    (Column("route", numeric=False, long=True), lambda one: one.route),
    (LANE, lambda one: one.lane),
    (LOAD, lambda one: load(one.point)),
    (Column(BY_NAME["throughput"].heading), lambda one: figure(one.throughput_rps)),
    (Column(BY_NAME["p50"].heading), lambda one: figure(one.p50_ms)),
    (Column(BY_NAME["p95"].heading), lambda one: figure(one.p95_ms)),
    (Column("p95, ratio (95 % CI)"), lambda one: _ratio(one)),
    (Column("failed"), lambda one: count(one.lost)),
    (Column("blocks", wide=True), lambda one: count(one.blocks)),
)


def routes_table(run: Run) -> Table:
    """Return two rows for each route, the baseline's first; no rows where all requests are of one route."""
    return table(OF_A_ROUTE, run.routes)


def _ratio(one: OfRoute) -> str:
    return ABSENT if one.ratio is None else f"{figure(one.ratio)} ({between(one.low, one.high)})"
