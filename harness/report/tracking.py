"""A run's figures for tools that track benchmarks over commits, in the JSON of github-action-benchmark.

An array of objects with `name`, `unit`, `value`, `range` and `extra` (its README: customBiggerIsBetter and
customSmallerIsBetter). `range` is shown and not computed with, so it is written as it is: an interval need not be
symmetric.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from harness.facts.figures import ENOUGH_BEYOND, PERCENTS
from harness.facts.run import Run
from harness.facts.summary import PointSummary

FOLDER = "tracking"
DIGITS = 3  # after the point: no figure is known to more


@dataclass(frozen=True)
class Figure:
    """One figure of a lane at a point, with the bounds of its range and a remark; None is what does not exist."""

    name: str
    unit: str
    value: float | None
    low: float | None
    high: float | None
    extra: str


def tracking(run: Run) -> dict[str, str]:
    """Return each file's text by its name in the run's folder; what has no figure is absent.

    The value is the report's. The range is its 95 % interval over the blocks; fewer than three have none. A percentile
    that failed or censored requests reach is a lower bound, and no figure.
    """
    return {
        f"{FOLDER}/bigger-is-better.json": _document(_throughputs(run)),
        f"{FOLDER}/smaller-is-better.json": _document(_latencies_and_costs(run)),
    }


def _document(figures: Iterator[Figure]) -> str:
    entries = [_entry(figure, figure.value) for figure in figures if figure.value is not None]
    return json.dumps(entries, indent=1, allow_nan=False, ensure_ascii=False) + "\n"


def _entry(figure: Figure, value: float) -> dict[str, str | float]:
    entry: dict[str, str | float] = {"name": figure.name, "unit": figure.unit, "value": round(value, DIGITS)}
    if figure.low is not None and figure.high is not None and figure.low < figure.high:
        entry["range"] = f"{_number(figure.low)} - {_number(figure.high)}"
    return entry | {"extra": figure.extra}


def _number(value: float) -> str:
    return f"{round(value, DIGITS):.12g}"


def _throughputs(run: Run) -> Iterator[Figure]:
    for point in run.summaries:
        bounds = point.throughput_low_rps, point.throughput_high_rps
        yield Figure(f"{_place(point)} throughput", "req/s", point.throughput_rps, *bounds, _extra(run, point))


def _latencies_and_costs(run: Run) -> Iterator[Figure]:
    for point in run.summaries:
        yield from _latencies(run, point)
        yield from _costs(run, point)


def _latencies(run: Run, point: PointSummary) -> Iterator[Figure]:
    for name in PERCENTS:
        found = point.percentiles.get(name)
        if found is not None and not found.at_least:
            thin = f"\nthin: fewer than {ENOUGH_BEYOND} requests beyond it" if found.thin else ""
            extra = _extra(run, point) + thin
            yield Figure(f"{_place(point)} {name}", "ms", found.ms, found.low_ms, found.high_ms, extra)


def _costs(run: Run, point: PointSummary) -> Iterator[Figure]:
    place, bounds = _place(point), (point.cpu_low_ms, point.cpu_high_ms)
    yield Figure(f"{place} CPU", "ms/request", point.cpu_ms_per_request, *bounds, _extra(run, point))
    yield Figure(f"{place} PSS", "MiB", point.pss_mib, None, None, _extra(run, point))


def _place(point: PointSummary) -> str:
    return f"{point.lane}@{point.point.label}"


def _extra(run: Run, point: PointSummary) -> str:
    """Return what a tooltip shows below the value."""
    return f"{run.info.name}, {point.blocks} {'block' if point.blocks == 1 else 'blocks'}"
