"""The lanes of a run, and their valid and invalid trials."""

from collections.abc import Callable
from statistics import median

from harness.facts.records import PointSummary, Run, Trial


def lanes_of(run: Run) -> tuple[str, ...]:
    """Return the lanes in the order of bench.toml."""
    known = run.info.config.get("lanes")
    order = list(known) if isinstance(known, dict) else []
    named = dict.fromkeys([*(point.lane for point in run.summaries), *(trial.lane for trial in run.trials)])
    return tuple(sorted(named, key=lambda lane: order.index(lane) if lane in order else len(order)))


def points_of(run: Run, lane: str) -> list[PointSummary]:
    """Return what a lane did at each point, closed load first."""
    return sorted((point for point in run.summaries if point.lane == lane), key=lambda point: point.point)


def valid_at(run: Run, point: PointSummary) -> list[Trial]:
    """Return the valid trials of a lane at a point."""
    return [
        trial
        for trial in run.trials
        if trial.status == "valid" and (trial.lane, trial.point) == (point.lane, point.point)
    ]


def middle(trials: list[Trial], figure: Callable[[Trial], float | None]) -> float | None:
    """Return the median of a figure over the trials that have it; None without any."""
    known = [value for trial in trials if (value := figure(trial)) is not None]
    return median(known) if known else None


def invalid(run: Run) -> list[Trial]:
    """Return the invalid trials."""
    return [trial for trial in run.trials if trial.status == "invalid"]
