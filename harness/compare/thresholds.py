"""Thresholds: what side B must keep.

    [ROW:] METRIC [ratio] OPERATOR NUMBER[UNIT]

    p99 < 500ms                      B's p99, at every row
    quart:p99 < 500ms                at every point of the lane quart
    quart@300: throughput >= 900/s   at one point of a lane
    GET /api/sun: failure_share <= 1%
    Aggregated: throughput ratio >= 0.95   B / A instead of B's value

ROW is a row's label, a lane, or a name without its method; without it, every row of either side is meant. METRIC is a
name from the comparison, OPERATOR one of < <= > >=. A value has its unit: us, ms, s; /s; %; MiB; none for a count or a
ratio. A threshold that selects nothing, or that cannot be checked at a row that it selects, is an error: it never
passes in silence.
"""

import operator
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from harness.compare.comparison import ComparedRow, Comparison, Figure, Outcome
from harness.compare.metrics import COUNT, KNOWN, Metric, find_metric
from harness.compare.sides import plain, short_names
from harness.config import pick
from harness.errors import UsageError

_GRAMMAR = re.compile(
    r"(?:(?P<row>.+):)?\s*(?P<metric>[\w.]+)(?P<ratio>\s+ratio)?"
    r"\s*(?P<sign><=|>=|<|>)\s*(?P<number>\d+(?:\.\d*)?|\.\d+)\s*(?P<unit>\S*)\s*"
)
_EXAMPLE = "write it like 'p99 < 500ms', 'quart@300: throughput >= 900/s' or 'Aggregated: throughput ratio >= 0.95'"
_SIGNS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
# By a metric's own unit: how a threshold may write it, and how many of the metric's own units that is.
_UNITS: dict[str, dict[str, float]] = {
    "ms": {"ms": 1, "s": 1000, "us": 0.001},
    "ms/req": {"ms": 1, "ms/req": 1, "us": 0.001},
    "req/s": {"/s": 1, "req/s": 1},
    "MiB": {"MiB": 1},
    "%": {"%": 1},
    COUNT: {"": 1},
}


@dataclass(frozen=True)
class Threshold:
    """A condition on one metric: on B's value in the metric's own unit, or on B / A; `row` is "" for every row."""

    text: str
    row: str
    metric: Metric
    of_ratio: bool
    sign: str
    bound: float

    def value_of(self, checked: Figure) -> float | None:
        """Return what is compared with the bound; None where it does not exist."""
        return checked.ratio if self.of_ratio else checked.b

    def is_met(self, value: float) -> bool:
        """Say whether a value keeps the threshold."""
        return _SIGNS[self.sign](value, self.bound)


def parse(text: str) -> Threshold:
    """Return the threshold; UsageError where grammar, metric or unit is wrong, or where the bound decides nothing."""
    found = _GRAMMAR.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"{text!r} is not a threshold", hint=_EXAMPLE)
    metric = find_metric(found["metric"]) or pick(KNOWN, found["metric"], "metric")
    of_ratio = found["ratio"] is not None
    bound = float(found["number"]) * _factor(text, metric, of_ratio, found["unit"])
    threshold = Threshold(text.strip(), plain(found["row"] or ""), metric, of_ratio, found["sign"], bound)
    _reject_pointless(threshold)
    return threshold


def _factor(text: str, metric: Metric, of_ratio: bool, unit: str) -> float:
    units = {"": 1.0} if of_ratio else _UNITS[metric.unit]
    if unit in units:
        return units[unit]
    known = " or ".join(filter(None, units))
    what = f"a ratio of {metric.name}" if of_ratio else metric.name
    raise UsageError(
        f"{text!r} has {'the unit ' + repr(unit) if unit else 'no unit'}",
        hint=f"{what} is written with {known}" if known else f"{what} is written without a unit",
    )


def _reject_pointless(threshold: Threshold) -> None:
    """Every value lies between 0 and `highest`, so at and beyond these a bound is kept by all of them or by none."""
    highest = 100.0 if threshold.metric.unit == "%" and not threshold.of_ratio else float("inf")
    keeps = [threshold.is_met(value) for value in (0.0, highest)]
    if keeps[0] == keeps[1]:
        fate = "kept by every" if keeps[0] else "missed by every"
        raise UsageError(f"{threshold.text!r} is {fate} possible value", hint="correct the number or the sign")


def check(thresholds: Sequence[Threshold], comparison: Comparison) -> tuple[Outcome, ...]:
    """Return how each threshold fares at each row that it selects; UsageError where there is no row, or no value."""
    return tuple(outcome for threshold in thresholds for outcome in _outcomes(threshold, comparison))


def _outcomes(threshold: Threshold, comparison: Comparison) -> Iterator[Outcome]:
    metrics = {metric.name: metric for row in comparison.all_rows for metric in row.figures}
    pick(metrics, threshold.metric.name, "metric")
    for row in _selected(threshold, comparison.all_rows):
        checked = row.figures.get(threshold.metric, Figure(threshold.metric, None, None))
        value = threshold.value_of(checked)
        if value is None:
            raise _unchecked(threshold, row, checked)
        yield Outcome(threshold.text, row.label, checked, threshold.of_ratio, value, threshold.is_met(value))


def _selected(threshold: Threshold, rows: Sequence[ComparedRow]) -> Sequence[ComparedRow]:
    if not threshold.row:
        return rows
    pick({name: row for row in rows for name in short_names(row.key)}, threshold.row, "row")
    return [row for row in rows if threshold.row in short_names(row.key)]


def _unchecked(threshold: Threshold, row: ComparedRow, checked: Figure) -> UsageError:
    missing = _what_is_missing(threshold, row, checked)
    hint = "compare without the threshold to see what the sides have"
    if not threshold.row:
        hint = f"name the row that is meant: 'ROW: {threshold.text}'"
    return UsageError(f"{threshold.text!r} cannot be checked at {row.label}: {missing}", hint=hint)


def _what_is_missing(threshold: Threshold, row: ComparedRow, checked: Figure) -> str:
    sides = (("A", row.a, row.why_not_a, checked.a), ("B", row.b, row.why_not_b, checked.b))
    for name, found, why, value in sides if threshold.of_ratio else sides[1:]:
        if found is None:
            return f"{name} does not have the row ({why})" if why else f"{name} does not have the row"
        if value is None:
            return f"{name} has no {checked.metric.name} there"
    return f"there is no ratio, because {checked.metric.name} is {checked.a:g} in A"
