"""What is compared: each figure's name and unit, and which way is better."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Direction = Literal["better", "worse", "same", "n.a."]

COUNT = "count"
SAME_WITHIN = 1.0005  # two values this close print a ratio of 1.000
STANDARD_PERCENTILES = (50, 66, 75, 80, 90, 95, 98, 99, 99.9, 99.99)  # what Locust reports unless told otherwise


@dataclass(frozen=True)
class Metric:
    """A figure: its name (also in thresholds), its unit, which way is better, and for a percentile which one."""

    name: str
    unit: str
    better: Literal["lower", "higher"] | None = None
    percent: float | None = None


_BEFORE = (
    Metric("trials", COUNT),
    Metric("requests", COUNT),
    Metric("failures", COUNT, "lower"),
    Metric("failure_share", "%", "lower"),
    Metric("throughput", "req/s", "higher"),
    Metric("mean", "ms", "lower"),
)
_AFTER = (
    Metric("max", "ms", "lower"),
    Metric("cpu", "ms/req", "lower"),
    Metric("rss", "MiB", "lower"),
)


def percentile(percent: float) -> Metric:
    """Return the latency that `percent` of the requests do not exceed."""
    return Metric(f"p{percent:.10g}", "ms", "lower", percent)


KNOWN = {known.name: known for known in (*_BEFORE, *map(percentile, STANDARD_PERCENTILES), *_AFTER)}


def find_metric(name: str) -> Metric | None:
    """Return the metric of that name, any percentile between 0 and 100 included; None for an unknown one."""
    if name in KNOWN:
        return KNOWN[name]
    digits = re.fullmatch(r"p(\d+(?:\.\d+)?)", name)
    return percentile(float(digits[1])) if digits and 0 < float(digits[1]) < 100 else None


def in_order(metrics: Iterable[Metric]) -> list[Metric]:
    """Return the metrics in the order in which they are shown: percentiles rise, and stand before the maximum."""
    return sorted(metrics, key=_place)


def _place(metric: Metric) -> tuple[int, float]:
    if metric.percent is not None:
        return 1, metric.percent
    return (0, _BEFORE.index(metric)) if metric in _BEFORE else (2, _AFTER.index(metric))


def ratio(a: float | None, b: float | None) -> float | None:
    """Return b / a; None where one is missing, a is zero, or the quotient is beyond a float."""
    if a is None or b is None or a == 0:
        return None
    quotient = b / a
    return quotient if math.isfinite(quotient) else None


def direction(metric: Metric, a: float | None, b: float | None) -> Direction:
    """Say whether B's value is better than A's: of two values, not of what lies behind them."""
    if metric.better is None or a is None or b is None:
        return "n.a."
    if max(a, b) <= SAME_WITHIN * min(a, b):
        return "same"
    return "better" if (b > a) == (metric.better == "higher") else "worse"
