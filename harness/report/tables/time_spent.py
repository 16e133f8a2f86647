"""Where the time of a mean answer goes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from harness.document.numbers import figure
from harness.document.table import Cells, Column, Table, table
from harness.facts.run import Run
from harness.facts.summary import PointSummary
from harness.facts.trial import Trial
from harness.report.marks import load

ABOUT = (
    "The parts of the mean latency, in ms. Queueing: latency outside the handler, before and after it. Upstream: delay "
    "of the stub along the critical path. Client wait: time that the app waited for its calls beyond the stub's delay "
    "(connection pool, event loop, network). Own code and rest: the remainder, so that the parts add up to the mean "
    "latency. It is not shown where upstream calls run concurrently, because their waits overlap. Figures are means "
    "over the valid trials."
)


@dataclass(frozen=True)
class Spent:
    """Means over the valid trials of a point, in ms, which add up; None where nothing is known."""

    point: PointSummary
    latency_ms: float | None
    queueing_ms: float | None
    upstream_ms: float | None
    client_wait_ms: float | None
    rest_ms: float | None


OF_TIME: Cells[Spent] = (
    (Column("where time goes at"), lambda spent: load(spent.point.point)),
    (Column("mean latency ms"), lambda spent: figure(spent.latency_ms)),
    (Column("queueing ms"), lambda spent: figure(spent.queueing_ms)),
    (Column("upstream ms"), lambda spent: figure(spent.upstream_ms)),
    (Column("client wait ms"), lambda spent: figure(spent.client_wait_ms)),
    (Column("own code and rest ms"), lambda spent: figure(spent.rest_ms)),
)


def time_spent_table(run: Run, lane: str) -> Table:
    """Return where the time goes at every point of a lane; no rows where its app does not say (Server-Timing)."""
    sequential = calls_follow_one_another(run, lane)
    return table(OF_TIME, _spent(run, lane, sequential=sequential))


def calls_follow_one_another(run: Run, lane: str) -> bool:
    """Say whether no request of the lane makes upstream calls together, as far as the run's settings say."""
    own, scenario = run.info.config.lanes.get(lane), run.info.config.scenarios.get(run.info.scenario)
    return own is None or scenario is None or own.calls_at_once(scenario) == 1


def _spent(run: Run, lane: str, *, sequential: bool) -> Iterator[Spent]:
    for point in run.points_of(lane):
        trials = [trial for trial in run.valid_at(lane, point.point) if trial.queueing_mean_ms is not None]
        latency, queueing, upstream, wait = (_mean(trials, field) for field in _FIELDS)
        if queueing is not None:
            rest = _rest(latency, (queueing, upstream, wait)) if sequential else None
            yield Spent(point, latency, queueing, upstream, wait, rest)


_FIELDS: tuple[Callable[[Trial], float | None], ...] = (
    lambda trial: trial.latency_mean_ms,
    lambda trial: trial.queueing_mean_ms,
    lambda trial: trial.upstream_mean_ms,
    lambda trial: trial.client_wait_mean_ms,
)


def _mean(trials: Sequence[Trial], field: Callable[[Trial], float | None]) -> float | None:
    """Return the mean over trials: medians of parts would come from different trials, and not add up."""
    known = [value for trial in trials if (value := field(trial)) is not None]
    return fmean(known) if known else None


def _rest(whole: float | None, parts: Iterable[float | None]) -> float | None:
    known = [part for part in parts if part is not None]
    return None if whole is None else whole - sum(known)
