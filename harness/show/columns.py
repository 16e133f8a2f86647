"""What is shown of a point, a trial and a verdict: headings with units, and how each figure is written."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from harness.records import PointSummary, Trial, Verdict
from harness.show.figures import ABSENT, count, figure, percent

Item = TypeVar("Item")


@dataclass(frozen=True)
class Column:
    """A heading with its unit; `wide` columns are left out where there is little room."""

    heading: str
    numeric: bool = True
    wide: bool = False


Cells = tuple[tuple[Column, Callable[[Item], str]], ...]

LANE = Column("lane", numeric=False)
USERS = Column("users")
FAILED = Column("failed", wide=True)
THIN = "~"
ENOUGH_BEYOND = 100  # answers beyond a percentile; with fewer it is thin
LEAST_P = 0.001  # a smaller p is not worth its digits
KEY = (
    f"{ABSENT} no figure; {THIN} a thin percentile: fewer than {ENOUGH_BEYOND} answers lie beyond it "
    "(with fewer than 10 it is left out)."
)


def _percentile(point: PointSummary, value_ms: float | None, percentile: int) -> str:
    """Return a percentile in ms, marked where few answers lie beyond it."""
    thin = value_ms is not None and point.samples * (1 - percentile / 100) < ENOUGH_BEYOND
    return THIN * thin + figure(value_ms)


def _interval(low: float | None, high: float | None) -> str:
    return ABSENT if low is None else f"{figure(low)} to {figure(high)}"


def _p_value(p: float | None) -> str:
    return f"< {LEAST_P}" if p is not None and p < LEAST_P else figure(p, 2)


OF_A_POINT: Cells[PointSummary] = (
    (USERS, lambda point: count(point.users)),
    (Column("req/s"), lambda point: figure(point.throughput_rps)),
    (Column("limit req/s", wide=True), lambda point: figure(point.limit_rps)),
    (Column("% of limit"), lambda point: percent(point.limit_share)),
    (Column("bound by", numeric=False), lambda point: point.limit_by or ABSENT),
    (Column("p50 ms"), lambda point: _percentile(point, point.latency_p50_ms, 50)),
    (Column("p95 ms"), lambda point: _percentile(point, point.latency_p95_ms, 95)),
    (Column("p99 ms"), lambda point: _percentile(point, point.latency_p99_ms, 99)),
    (Column("CPU ms/req"), lambda point: figure(point.cpu_ms_per_request)),
    (Column("RSS MiB", wide=True), lambda point: figure(point.rss_mib)),
    (Column("threads", wide=True), lambda point: count(point.threads)),
    (Column("blocks"), lambda point: count(point.blocks)),
    (Column("invalid", wide=True), lambda point: count(point.invalid)),
)

IDENTITY: Cells[Trial] = (
    (Column("trial", numeric=False), lambda trial: trial.trial),
    (LANE, lambda trial: trial.lane),
    (USERS, lambda trial: count(trial.users)),
    (Column("block"), lambda trial: count(trial.block)),
)

OF_A_TRIAL: Cells[Trial] = (
    (Column("req/s"), lambda trial: figure(trial.throughput_rps)),
    (Column("p50 ms"), lambda trial: figure(trial.latency_p50_ms)),
    (Column("p95 ms"), lambda trial: figure(trial.latency_p95_ms)),
    (Column("p99 ms"), lambda trial: figure(trial.latency_p99_ms)),
    (Column("CPU ms/req"), lambda trial: figure(trial.cpu_ms_per_request)),
    (Column("started"), lambda trial: count(trial.started)),
    (Column("ok"), lambda trial: count(trial.ok)),
    (Column("failed"), lambda trial: count(trial.failed)),
    (Column("censored"), lambda trial: count(trial.censored)),
    (Column("generator CPU %"), lambda trial: percent(trial.generator_cpu_share)),
    (Column("stub CPU %"), lambda trial: percent(trial.stub_cpu_share)),
)

OF_A_VERDICT: Cells[Verdict] = (
    (LANE, lambda verdict: verdict.lane),
    (Column("against", numeric=False), lambda verdict: verdict.baseline),
    (Column("metric", numeric=False), lambda verdict: verdict.metric),
    (USERS, lambda verdict: count(verdict.users)),
    (Column("verdict", numeric=False), lambda verdict: verdict.verdict),
    (Column("ratio"), lambda verdict: figure(verdict.ratio)),
    (Column("95 % interval"), lambda verdict: _interval(verdict.low, verdict.high)),
    (Column("adjusted p"), lambda verdict: _p_value(verdict.p)),
    (Column("pairs"), lambda verdict: count(verdict.pairs)),
)
