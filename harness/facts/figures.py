"""The figures of a trial, each declared once, and the one rule for percentiles with too few requests beyond them.

Tables, charts, verdicts, thresholds, tracking and comparisons read METRICS. A new percentile is a line here and a field
of the Trial record; a new metric for verdicts is a line here.
"""

import math
from dataclasses import dataclass
from typing import Literal

Better = Literal["higher", "lower"]
COUNT = "count"
LEAST_BEYOND = 10  # with fewer requests beyond it a percentile is a figure about luck
ENOUGH_BEYOND = 100  # with fewer requests beyond it a percentile is thin


@dataclass(frozen=True)
class Metric:
    """A figure: its name in thresholds and verdicts, its unit, which way is better, and which percentile it is.

    `field` is that of a Trial ("": made from counts); over trials such a figure is the geometric mean.
    `heading` stands in tables, `prose` in sentences. `judged` ones may be declared as primaries.
    """

    name: str
    unit: str
    better: Better | None = None
    field: str = ""
    heading: str = ""
    prose: str = ""
    percent: float | None = None
    judged: bool = False
    raw: str = ""  # the figure that this one is, adjusted for the speed of the server's core

    def __hash__(self) -> int:
        """Return the hash of the name: metrics are the keys of every row, and the other fields would take most time."""
        return hash(self.name)


def percentile_metric(percent: float, field: str = "") -> Metric:
    """Return the latency that `percent` of the requests do not exceed; `field` is that of a Trial, if it has one."""
    name = f"p{percent:.10g}"
    return Metric(name, "ms", "lower", field, f"{name} ms", f"{name} latency", percent, judged=bool(field))


METRICS = (
    Metric("trials", COUNT),
    Metric("requests", COUNT),
    Metric("failures", COUNT),
    Metric("failure_share", "%", "lower"),
    Metric("throughput", "req/s", "higher", "throughput_rps", "req/s", "throughput", judged=True),
    Metric(
        "throughput_adjusted",
        "req/kround",
        "higher",
        "throughput_adjusted",
        "req/kround",
        "throughput at equal core speed",
        judged=True,
        raw="throughput",
    ),
    Metric("mean", "ms", "lower", "latency_mean_ms", "mean ms", "mean latency"),
    percentile_metric(50, "latency_p50_ms"),
    percentile_metric(95, "latency_p95_ms"),
    percentile_metric(99, "latency_p99_ms"),
    Metric("max", "ms", "lower", "latency_max_ms", "max ms", "longest latency"),
    Metric("cpu", "ms/req", "lower", "cpu_ms_per_request", "CPU ms/req", "CPU per request", judged=True),
    Metric(
        "cpu_adjusted",
        "rounds/req",
        "lower",
        "cpu_adjusted",
        "rounds/req",
        "CPU per request at equal core speed",
        judged=True,
        raw="cpu",
    ),
    Metric("pss", "MiB", "lower", "pss_mib", "PSS MiB", "memory (PSS)"),
)
BY_NAME = {metric.name: metric for metric in METRICS}
PERCENTS = {metric.name: metric.percent for metric in METRICS if metric.percent is not None}
PERCENTILES = tuple(BY_NAME[name] for name in PERCENTS)
JUDGED = tuple(metric.name for metric in METRICS if metric.judged)


def rank_of(percent: float, count: int) -> int:
    """Return the nearest rank, from 1, of a percentile among `count` values."""
    return max(1, math.ceil(round(percent * count / 100, 6)))  # not one more for what floats leave over


def beyond(percent: float, requests: float) -> int:
    """Return how many of so many requests, failed and censored ones included, rank beyond a percentile."""
    return math.floor(requests) - rank_of(percent, math.floor(requests))


def too_few_beyond(percent: float, requests: float) -> bool:
    """Say whether a percentile of so many requests, failed and censored ones included, is not to be shown or judged."""
    return beyond(percent, requests) < LEAST_BEYOND


def is_thin(percent: float, requests: float) -> bool:
    """Say whether a percentile of so many requests is to be marked, since few of them lie beyond it."""
    return beyond(percent, requests) < ENOUGH_BEYOND
