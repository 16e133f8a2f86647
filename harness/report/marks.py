"""How a load, a percentile and an interval are written, and what the marks mean."""

from harness.document.numbers import ABSENT, count, figure
from harness.facts.figures import ENOUGH_BEYOND, LEAST_BEYOND
from harness.facts.point import Point
from harness.facts.summary import Percentile
from harness.facts.verdict import Verdict

THIN = "~"
AT_LEAST = "≥ "
DASH = "–"  # noqa: RUF001 - the sign between the ends of an interval
KEY = (
    f"{ABSENT}: no figure. {THIN}: imprecise percentile, with fewer than {ENOUGH_BEYOND} requests beyond it (with "
    f"fewer than {LEAST_BEYOND} it is left out). {AT_LEAST}X: failed or unanswered requests reach the percentile, so "
    "it is at least X."
)


def load(point: Point, *, short: bool = False, cold: bool = False) -> str:
    """Return a point in words: `1 user`, `300 users`, `400 arrivals/s`, or short `400/s`; a cold window is named."""
    if point.load == "open":
        fault = f" {point.fault}" if point.fault else ""
        return f"{count(point.level)}{'/s' if short else ' arrivals/s'}{fault}"
    return f"{count(point.level)} user{'s' if point.level != 1 else ''}{', cold' if cold else ''}"


def percentile(found: Percentile | None) -> str:
    """Return a percentile in ms: marked where few requests lie beyond it, a bound where failures reach it."""
    if found is None:
        return ABSENT
    return (AT_LEAST if found.at_least else THIN * found.thin) + figure(found.ms)


def percentile_and_interval(found: Percentile | None) -> str:
    """Return a percentile with its 95 % interval: `709 (690-730)`; an end that is no good answer is left out."""
    if found is None or (found.low_ms is None and found.high_ms is None):
        return percentile(found)
    low, high = ("" if end is None else figure(end) for end in (found.low_ms, found.high_ms))
    return f"{percentile(found)} ({low}{DASH}{high})"


def pairs(verdict: Verdict) -> str:
    """Return how many pairs decided: `10`, or `4 of 10` where a look came before the last."""
    planned = verdict.planned or 0
    return f"{count(verdict.pairs)} of {count(planned)}" if verdict.pairs < planned else count(verdict.pairs)


def between(low: float | None, high: float | None) -> str:
    """Return the two ends of an interval in words; ABSENT without one."""
    return ABSENT if low is None else f"{figure(low)} to {figure(high)}"
