"""What is compared beyond the figures of a trial: any percentile, and which of two values is better."""

import math
import re
from collections.abc import Iterable
from typing import Literal

from harness.facts.figures import BY_NAME, COUNT, METRICS, PERCENTILES, Metric, percentile_metric

Direction = Literal["better", "worse", "same", "n.a."]

SAME_WITHIN = 1.0005  # two values this close print a ratio of 1.000
USERS = Metric("users", COUNT)  # of a span of a Locust run
STANDARD_PERCENTILES = (50, 66, 75, 80, 90, 95, 98, 99, 99.9, 99.99)  # what Locust reports unless told otherwise
_PLACES = {metric: place for place, metric in enumerate((USERS, *METRICS))}
_FIRST = _PLACES[PERCENTILES[0]]


def percentile(percent: float) -> Metric:
    """Return the latency that `percent` of the requests do not exceed: that of a trial, where it is one."""
    found = percentile_metric(percent)
    return BY_NAME.get(found.name, found)


KNOWN = {known.name: known for known in (USERS, *METRICS, *map(percentile, STANDARD_PERCENTILES))}


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
    return (_FIRST, metric.percent) if metric.percent is not None else (_PLACES[metric], 0)


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
