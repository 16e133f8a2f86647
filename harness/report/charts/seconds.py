"""How a point went second by second, over its valid trials."""

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial

from harness.facts.figures import PERCENTS
from harness.facts.point import Point
from harness.facts.run import Run
from harness.facts.trial import Second, Trial
from harness.report.charts.specs import Datum

EDGE_S = 0.01  # logged times are rounded to a millisecond
LEAST_S = 0.5  # the answers of less, a few batches, vary more than the throughput does
Reading = Callable[[Second], float | None]


def _percentile(name: str, second: Second) -> float | None:
    return second.percentiles_ms.get(name)


READINGS: dict[str, Reading] = {
    "throughput": lambda second: second.ok / second.length_s if second.length_s else None,
    **{name: partial(_percentile, name) for name in PERCENTS},
}


def rows_over_time(run: Run, point: Point, reading: Reading) -> list[Datum]:
    """Return the median, smallest and largest block of a reading for each lane and second, up to the window's end."""
    found: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
    for trial in run.trials:
        if trial.point == point and trial.status == "valid":
            for second in _until_the_window_closes(run, trial):
                if (value := reading(second)) is not None:
                    found[trial.lane, round(second.at_s)].append(value)
    return [
        {"lane": lane, "at_s": at_s, "value": statistics.median(values), "low": min(values), "high": max(values)}
        for (lane, at_s), values in sorted(found.items())
    ]


def _until_the_window_closes(run: Run, trial: Trial) -> Iterator[Second]:
    """Yield a trial's seconds but for the drain, and for a rest of the window that is too short to be a rate."""
    for second in run.seconds.get(trial.trial, ()):
        if second.at_s + second.length_s < trial.window_s + EDGE_S and second.length_s >= LEAST_S:
            yield second
