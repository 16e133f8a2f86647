"""Made-up trials for the tests of the report: figures of the right size, the same every time."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from hdrh.histogram import HdrHistogram
from made_up_figures import Lane, figures_of

from harness.facts.figures import PERCENTILES
from harness.facts.point import Point, users
from harness.facts.trial import Second, Trial
from harness.judge.histograms import new_histogram

QUICK = {
    "flask-sync-4": Lane(slots=4, cpu_ms=0.912, rss_mib=211.4, threads=8),
    "flask-threads-64": Lane(slots=64, cpu_ms=1.04, rss_mib=61.2, tail=1.1, threads=66),
    "flask-threads-300": Lane(slots=300, cpu_ms=1.13, rss_mib=88.75, tail=1.9, threads=302),
    "quart": Lane(slots=math.inf, cpu_ms=0.594, rss_mib=74.9, tail=1.25),
}
FULL = QUICK | {
    "flask-gevent": Lane(slots=1000, cpu_ms=0.83, rss_mib=70, tail=1.6),
    "quart-uvloop": Lane(slots=math.inf, cpu_ms=0.52, rss_mib=79, tail=1.15),
    "quart-gunicorn": Lane(slots=math.inf, cpu_ms=0.56, rss_mib=96, tail=1.2),
    "flask-threads-300-unpinned": Lane(slots=300, cpu_ms=1.21, rss_mib=88.75, tail=2.1, threads=302),
    "quart-unpinned": Lane(slots=math.inf, cpu_ms=0.61, rss_mib=74.9, tail=1.35),
}


@dataclass(frozen=True)
class Recipe:
    """What a made-up run is made of; the trials with these numbers are invalid for that reason."""

    lanes: Mapping[str, Lane] = field(default_factory=lambda: QUICK)
    points: tuple[int, ...] = (1, 4, 16, 64, 100, 300)
    rates: tuple[float, ...] = ()  # open load follows
    blocks: int = 3
    verdict_blocks: int = 10
    max_wait_s: float = 3.0
    spoiled: tuple[int, ...] = (7, 40)
    reason: str = "2 requests with wrong upstream calls: 3-17 (ok): {'location': 1} calls, not location and sun"


def trials_of(recipe: Recipe) -> Iterator[Trial]:
    """Yield the trials of a recipe, block by block."""
    for number, (block, name, point) in enumerate(_places(recipe)):
        yield _trial(recipe, number, block, name, point)


def _places(recipe: Recipe) -> Iterator[tuple[int, str, Point]]:
    for block in range(1, max(recipe.blocks, recipe.verdict_blocks) + 1):
        for name, lane in recipe.lanes.items():
            for level in recipe.points:
                asked = block <= recipe.blocks or level == max(recipe.points)
                if asked and lane.wait_s(level) <= recipe.max_wait_s:
                    yield block, name, users(level)
    for block in range(1, recipe.blocks + 1):
        yield from ((block, name, Point("open", rate)) for name in recipe.lanes for rate in recipe.rates)


def _trial(recipe: Recipe, number: int, block: int, name: str, point: Point) -> Trial:
    lane, spoiled = recipe.lanes[name], number in recipe.spoiled
    measured = figures_of(lane, point, block)
    throughput = measured["throughput_rps"]
    ok, late = round(throughput * 3.5), round(measured["latency_mean_ms"] / 1000 * throughput)
    return Trial(
        trial=f"b{block:02}-{name}-{point.slug}",
        block=block,
        attempt=1,
        lane=name,
        scenario="sun",
        load=point.load,
        started_utc=f"2026-01-31T12:{number // 60 % 60:02}:{number % 60:02}Z",
        status="invalid" if spoiled else "valid",
        reasons=recipe.reason if spoiled else "",
        not_checked="" if name.startswith(("flask", "quart")) else "identity; upstream calls; limit",
        warmup_s=1.5,
        window_s=2.5,
        drain_s=0.21,
        started=ok + late,
        ok=ok + late,
        failed=0,
        censored=0,
        warmup_ok=ok - round(throughput * 2.5),
        warmup_failed=0,
        window_ok=round(throughput * 2.5),
        window_failed=0,
        drain_ok=late,
        drain_failed=0,
        upstream_calls=2 * (ok + late),
        completed_rps=round(throughput * 2.5) / 2.5,
        cpu_ms_per_request=lane.cpu_ms * (1 + 8 / ok) * (1 + 0.01 * (block % 3)),
        pss_mib=lane.rss_mib + late / 20 + 0.1 * block,
        **measured,
    )


def answers_of(trial: Trial) -> HdrHistogram:
    """Return the good answers of a trial's window, which have its percentiles."""
    most = trial.latency_max_ms or 1.0
    mean = trial.latency_mean_ms or 1.0
    known = [0.93 * mean, trial.latency_p50_ms or mean, trial.latency_p95_ms or mean, trial.latency_p99_ms or most]
    histogram = new_histogram()
    places = (np.arange(trial.window_ok) + 0.5) / max(1, trial.window_ok)
    for value in np.interp(places, (0, 0.5, 0.95, 0.99, 1), [*known, most]):
        histogram.record_value(round(value * 1000))
    return histogram


def seconds_of(trial: Trial) -> Iterator[Second]:
    """Yield the seconds of a trial: a ramp, a level window whose last second is half, one of drain.

    The ramp lasts as long as theory lets an answer wait.
    """
    slow = max(1, round((trial.latency_mean_ms or 0) / 200))
    ramp = ((-at_s, 1, 0.9 if at_s < slow else 0.2) for at_s in range(2 * slow, 0, -1))
    for at_s, length_s, share in (*ramp, (0, 1, 1.0), (1, 1, 1.01), (2, 0.5, 0.99), (2.5, 1, 0.1)):
        yield Second(
            at_s=at_s,
            length_s=length_s,
            ok=round((trial.throughput_rps or 0) * share * length_s),
            failed=0,
            percentiles_ms={
                metric.name: (getattr(trial, metric.field) or 0) * (0.9 + 0.1 * share) for metric in PERCENTILES
            },
        )
