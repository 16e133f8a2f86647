"""The trials of a run as the rows of a side: one row for each lane and point."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import median

from harness.compare.metrics import KNOWN
from harness.compare.sides import Key, Mark, Row, Side, counted, few, label, plain
from harness.facts.figures import METRICS, PERCENTILES, Metric
from harness.facts.point import users
from harness.facts.run import Run, RunInfo
from harness.facts.summary import Percentile, PointSummary
from harness.facts.trial import Trial
from harness.judge.statistics import geometric_mean

MEASURED = tuple(metric for metric in METRICS if metric.field)
AS_THEY_ARE: Mapping[Metric, Callable[[Sequence[float]], float]] = {KNOWN["max"]: max, KNOWN["pss"]: median}
LATENCIES = tuple(metric for metric in MEASURED if metric.unit == "ms")


def side_of_run(name: str, run: Run, report: str = "") -> Side:
    """Return a run with the figures of its report.

    Counts are sums over the valid trials of a point, failures with censored requests among them; the maximum is that
    of all, memory the median, and all else the geometric mean. A point without a valid trial has a reason instead of a
    row. `report` names a Locust report of one trial.
    """
    side = _side(name, run.trials, report)
    summaries: dict[Key, PointSummary] = {(point.lane, point.point): point for point in run.summaries}
    rows = {key: _as_reported(row, summaries[key]) for key, row in side.rows.items()}
    return replace(
        side,
        about=f"run {run.info.name}, {run.info.status}, {side.about}",
        rows=rows,
        skipped={(point.lane, users(point.users)): _why_skipped(point.wait_s) for point in run.info.skipped},
        notes=(*_unfinished(run), *side.notes),
        info=run.info,
        primaries=run.info.primaries,
        controls=run.controls,
    )


def side_of_trials(name: str, trials: Sequence[Trial], report: str = "") -> Side:
    """Return what a trials.csv alone can say: as side_of_run, without what is declared or was skipped."""
    return _side(name, trials, report)


def _side(name: str, trials: Sequence[Trial], report: str) -> Side:
    points: dict[Key, list[Trial]] = defaultdict(list)
    for trial in sorted(trials, key=lambda trial: (trial.lane, trial.point)):
        points[trial.lane, trial.point].append(trial)
    valid = {key: [trial for trial in found if trial.status == "valid"] for key, found in points.items()}
    return Side(
        name=name,
        kind="run",
        about=counted(len(trials), "trial"),
        rows={key: _row(found) for key, found in valid.items() if found},
        invalid={key: _why_invalid(points[key]) for key, found in valid.items() if not found},
        notes=tuple(_notes(trials, valid)),
        scenario=", ".join(sorted({trial.scenario for trial in trials})),
        report=report,
        trials=tuple(trials),
    )


def _row(trials: Sequence[Trial]) -> Row:
    failures = sum(trial.window_failed + trial.window_censored for trial in trials)
    requests = failures + sum(trial.window_ok for trial in trials)
    counts: dict[Metric, float | None] = {
        KNOWN["trials"]: len(trials),
        KNOWN["requests"]: requests,
        KNOWN["failures"]: failures,
        KNOWN["failure_share"]: 100 * failures / requests if requests else None,
    }
    overloaded = any(trial.sustained is False for trial in trials)
    shown = [metric for metric in MEASURED if not (overloaded and metric in LATENCIES)]
    means = {metric: _over_blocks(metric, [getattr(trial, metric.field) for trial in trials]) for metric in shown}
    values = {metric: value for metric, value in (counts | means).items() if value is not None}
    if overloaded:
        return Row(values, dict.fromkeys(LATENCIES, "not sustained"))
    return Row(values, few(values, min(trial.window_requests for trial in trials)))


def _over_blocks(metric: Metric, values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    if known and metric in AS_THEY_ARE:
        return AS_THEY_ARE[metric](known)
    mean = geometric_mean(known)
    return mean.value if mean else None


def _as_reported(row: Row, summary: PointSummary) -> Row:
    """Return the row with the report's percentiles, and its maximum, which lost requests may hide."""
    if summary.not_sustained:
        return row
    found: dict[Metric, Percentile | None] = {metric: summary.percentiles.get(metric.name) for metric in PERCENTILES}
    reported: dict[Metric, float | None] = {metric: shown.ms if shown else None for metric, shown in found.items()}
    reported[KNOWN["max"]] = summary.latency_max_ms
    values = {metric: value for metric, value in ({**row.values} | reported).items() if value is not None}
    return Row(values, {metric: mark for metric, shown in found.items() if (mark := _mark(shown))})


def _mark(shown: Percentile | None) -> Mark | None:
    if shown is None:
        return "too few"
    if shown.at_least:
        return "at least"
    return "thin" if shown.thin else None


def _why_invalid(trials: Sequence[Trial]) -> str:
    reasons = "; ".join(dict.fromkeys(trial.reasons for trial in trials if trial.reasons))
    return f"{counted(len(trials), 'trial')}, none valid: {plain(reasons) or 'no reason given'}"


def _why_skipped(wait_s: float) -> str:
    return f"beyond the lane's limit, with a wait of {wait_s:.1f} s"


def _unfinished(run: Run) -> Iterable[str]:
    if run.info.status != "complete":
        yield f"{_state(run.info)}: {counted(len(run.trials), 'trial')} of {len(run.info.plan)} planned"


def _state(info: RunInfo) -> str:
    return "the run was interrupted" if info.status == "interrupted" else "the run has not ended, or was killed"


def _notes(trials: Sequence[Trial], valid: Mapping[Key, Sequence[Trial]]) -> Iterable[str]:
    invalid = sum(trial.status == "invalid" for trial in trials)
    if invalid:
        yield f"invalid and left out: {invalid} of {counted(len(trials), 'trial')}"
    overloaded = {key: sum(trial.sustained is False for trial in found) for key, found in valid.items()}
    if named := [f"{label(key)} ({count} of {len(valid[key])} blocks)" for key, count in overloaded.items() if count]:
        yield f"not sustained, so without latencies: {', '.join(named)}"
