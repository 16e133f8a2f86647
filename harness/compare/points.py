"""The trials of a run as the rows of a side: one row for each lane and point."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import median

from pydantic import ValidationError

from harness.compare.metrics import KNOWN, Metric
from harness.compare.sides import Key, Row, Side, counted, plain
from harness.config import Primary
from harness.errors import UsageError
from harness.records import RunInfo, Trial

# Which figure of a trial each metric is.
FIELDS = {
    "throughput": "throughput_rps",
    "mean": "latency_mean_ms",
    "p50": "latency_p50_ms",
    "p95": "latency_p95_ms",
    "p99": "latency_p99_ms",
    "max": "latency_max_ms",
    "cpu": "cpu_ms_per_request",
    "rss": "rss_mib",
}


def side_of_trials(name: str, trials: Sequence[Trial], info: RunInfo | None, report: str = "") -> Side:
    """Summarise a run: over the valid trials of a point, counts are sums and all else is the median.

    A point without a valid trial has a reason instead of a row. `report` names a Locust report of one trial, if any.
    UsageError where run.json declares primaries that are none.
    """
    points: dict[Key, list[Trial]] = defaultdict(list)
    for trial in sorted(trials, key=lambda trial: (trial.lane, trial.users)):
        points[trial.lane, trial.users].append(trial)
    valid = {key: [trial for trial in found if trial.status == "valid"] for key, found in points.items()}
    return Side(
        name=name,
        kind="run",
        about=_about(trials, info),
        rows={key: _row(found) for key, found in valid.items() if found},
        invalid={key: _why_invalid(points[key]) for key, found in valid.items() if not found},
        skipped={(point.lane, point.users): _why_skipped(point.wait_s) for point in info.skipped} if info else {},
        notes=tuple(_notes(trials, info)),
        scenario=", ".join(sorted({trial.scenario for trial in trials})),
        info=info,
        report=report,
        primaries=_primaries(name, info) if info else (),
        trials=tuple(trials),
    )


def _primaries(name: str, info: RunInfo) -> tuple[Primary, ...]:
    try:
        return tuple(Primary.model_validate(primary) for primary in info.primaries)
    except ValidationError as error:
        problem = error.errors()[0]["msg"]
        raise UsageError(
            f"{name}: run.json is damaged: primaries: {problem}", hint="give it as it was written"
        ) from None


def _row(trials: Sequence[Trial]) -> Row:
    requests = sum(trial.window_ok + trial.window_failed for trial in trials)
    failures = sum(trial.window_failed for trial in trials)
    counts: dict[Metric, float | None] = {
        KNOWN["trials"]: len(trials),
        KNOWN["requests"]: requests,
        KNOWN["failures"]: failures,
        KNOWN["failure_share"]: 100 * failures / requests if requests else None,
    }
    medians = {KNOWN[metric]: _median(getattr(trial, field) for trial in trials) for metric, field in FIELDS.items()}
    values = {metric: value for metric, value in (counts | medians).items() if value is not None}
    return Row(values, sample=min(trial.window_ok for trial in trials))


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _why_invalid(trials: Sequence[Trial]) -> str:
    reasons = "; ".join(dict.fromkeys(trial.reasons for trial in trials if trial.reasons))
    return f"{counted(len(trials), 'trial')}, none valid: {plain(reasons) or 'no reason given'}"


def _why_skipped(wait_s: float) -> str:
    return f"beyond the lane's limit, with a wait of {wait_s:.1f} s"


def _about(trials: Sequence[Trial], info: RunInfo | None) -> str:
    finished = counted(len(trials), "trial")
    return f"run {info.name}, {info.status}, {finished}" if info else finished


def _notes(trials: Sequence[Trial], info: RunInfo | None) -> Iterable[str]:
    if info and info.status != "complete":
        state = "the run was interrupted" if info.status == "interrupted" else "the run has not ended, or was killed"
        yield f"{state}: {counted(len(trials), 'trial')} of {len(info.plan)} planned"
    invalid = sum(trial.status == "invalid" for trial in trials)
    if invalid:
        yield f"invalid and left out: {invalid} of {counted(len(trials), 'trial')}"
