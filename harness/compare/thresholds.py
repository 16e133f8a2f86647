"""Thresholds: what a run, or side B of a comparison, must keep.

    [ROW:] METRIC [ratio] OPERATOR NUMBER[UNIT] [or +NUMBERms]

    p99 < 500ms                      B's p99, at every row
    quart:p99 < 500ms                at every point of the lane quart
    quart@300: throughput >= 900/s   at one point of a lane; in open load `quart@475/s`
    GET /api/sun: failure_share <= 1%
    Aggregated: throughput ratio >= 0.95   B / A instead of B's value
    p95 ratio <= 1.2 or +20ms        B / A, or no more than 20 ms beyond A: a ratio of small figures says little
    GET /api/*: p95 < 500ms          every row that fits

ROW is a row's label, a lane, or a name without its method; without it, every row of either side is meant. METRIC is a
name from the comparison, OPERATOR one of < <= > >=. A value has its unit: us, ms, s; /s; %; MiB; none for a count or a
ratio. A latency that failed requests reach, or of a load that was not sustained, is beyond every bound, in a ratio too
if A's is not.

A threshold never passes in silence: one that selects nothing, or that can be checked nowhere, is an error. A row at
which it cannot be checked, because one side lacks it or it has no requests, is listed as not checked there.
"""

import math
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from harness.compare.comparison import AT_LEAST, ComparedRow, Figure, Outcome
from harness.compare.metrics import KNOWN, find_metric
from harness.compare.sides import Mark, plain, short_names
from harness.errors import UsageError
from harness.facts.figures import COUNT, LEAST_BEYOND, Metric
from harness.facts.names import pick

_GRAMMAR = re.compile(
    r"(?:(?P<row>.+):)?\s*(?P<metric>[\w.]+)(?P<ratio>\s+ratio)?"
    r"\s*(?P<sign><=|>=|<|>)\s*(?P<number>\d+(?:\.\d*)?|\.\d+)\s*(?P<unit>[^\s]*?)\s*"
    r"(?:or\s*\+\s*(?P<slack>\d+(?:\.\d*)?)\s*(?P<slack_unit>us|ms|s)\s*)?"
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

ENDLESS: tuple[Mark, ...] = (AT_LEAST, "not sustained")  # longer than any bound
DOUBTS: tuple[Mark, ...] = ("too few", "few", "thin")
MISSING: dict[Mark | None, str] = {
    "too few": f"fewer than {LEAST_BEYOND} requests lie beyond it in {{}}",
    "not sustained": "{} did not sustain that load",
    AT_LEAST: "failed requests reach it in {}",
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
    slack: float = 0.0  # in the metric's own unit, that B may be beyond A whatever the ratio

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
    slack = _slack(text, metric, of_ratio, found["slack"], found["slack_unit"], found["sign"])
    threshold = Threshold(text.strip(), plain(found["row"] or ""), metric, of_ratio, found["sign"], bound, slack)
    _reject_pointless(threshold)
    return threshold


def _slack(text: str, metric: Metric, of_ratio: bool, number: str | None, unit: str | None, sign: str) -> float:
    """Return how far B may be beyond A; UsageError where that makes no sense."""
    if number is None:
        return 0.0
    if not of_ratio or metric.unit != "ms" or sign not in ("<", "<="):
        raise UsageError(f"{text!r}: `or +{number}{unit}` goes with a latency's ratio and < or <=", hint=_EXAMPLE)
    return float(number) * _UNITS["ms"][unit or "ms"]


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


def check(thresholds: Iterable[Threshold], rows: Sequence[ComparedRow]) -> tuple[Outcome, ...]:
    """Return how each threshold fares at each row that it selects; UsageError where it cannot be checked."""
    return tuple(outcome for threshold in thresholds for outcome in _checked(threshold, rows))


def check_where_possible(
    thresholds: Iterable[Threshold], rows: Sequence[ComparedRow], side: str = "B"
) -> tuple[Outcome, ...]:
    """Return how each threshold fares at each row that it selects; what cannot be checked says why.

    `side` is what people call the side that has the rows.
    """
    return tuple(outcome for threshold in thresholds for outcome in _possible(threshold, rows, side))


def _checked(threshold: Threshold, rows: Sequence[ComparedRow]) -> list[Outcome]:
    metrics = {metric.name: metric for row in rows for metric in row.metrics}
    pick(metrics, threshold.metric.name, "metric")
    if threshold.row and not _selected(threshold, rows):
        pick({name: row for row in rows for name in short_names(row.key)}, threshold.row, "row")
    outcomes = [_outcome(threshold, row) for row in _selected(threshold, rows)]
    undecided = [outcome for outcome in outcomes if outcome.met is None]
    if len(undecided) == len(outcomes):
        raise _unchecked(threshold, min(undecided, key=lambda outcome: outcome.mark == "too few"))
    return outcomes


def _possible(threshold: Threshold, rows: Sequence[ComparedRow], side: str) -> list[Outcome]:
    nowhere = Outcome(threshold.text, "", threshold.metric, threshold.of_ratio, side, why=f"{side} did not measure it")
    return [_outcome(threshold, row, side) for row in _selected(threshold, rows)] or [nowhere]


def _selected(threshold: Threshold, rows: Sequence[ComparedRow]) -> list[ComparedRow]:
    names = {row.key: short_names(row.key) for row in rows}
    exact = [row for row in rows if not threshold.row or threshold.row in names[row.key]]
    return exact or [row for row in rows if any(fnmatchcase(name, threshold.row) for name in names[row.key])]


def _outcome(threshold: Threshold, row: ComparedRow, side: str = "B") -> Outcome:
    figure = row.figure(threshold.metric)
    undecided = Outcome(threshold.text, row.label, threshold.metric, threshold.of_ratio, side)
    if figure.mark_b in ENDLESS and (not threshold.of_ratio or _ends(figure.a, figure.mark_a)):
        value = None if threshold.of_ratio else figure.b
        why = MISSING[figure.mark_b].format(side) if value is None else ""
        return replace(undecided, value=value, mark=figure.mark_b, met=threshold.is_met(math.inf), why=why)
    marks = figure.marks if threshold.of_ratio else {figure.mark_b}
    marked = replace(undecided, mark=next((mark for mark in DOUBTS if mark in marks), None))
    value = figure.ratio if threshold.of_ratio else figure.b
    if value is None:
        return replace(marked, why=_what_is_missing(threshold, row, figure, side))
    within = threshold.slack and figure.difference is not None and figure.difference <= threshold.slack
    return replace(marked, value=value, met=bool(within) or threshold.is_met(value))


def _ends(value: float | None, mark: Mark | None) -> bool:
    return value is not None and mark not in ENDLESS


def _unchecked(threshold: Threshold, outcome: Outcome) -> UsageError:
    hint = "compare without the threshold to see what the sides have"
    if not threshold.row:
        hint = f"name the row that is meant: 'ROW: {threshold.text}'"
    return UsageError(f"{threshold.text!r} cannot be checked at {outcome.label}: {outcome.why}", hint=hint)


def _what_is_missing(threshold: Threshold, row: ComparedRow, figure: Figure, side: str) -> str:
    sides = (
        ("A", row.a, row.why_not_a, figure.a, figure.mark_a),
        (side, row.b, row.why_not_b, figure.b, figure.mark_b),
    )
    for name, found, why, value, mark in sides if threshold.of_ratio else sides[1:]:
        if found is None:
            return f"{name} does not have the row ({why})" if why else f"{name} does not have the row"
        if mark in MISSING:
            return MISSING[mark].format(name)
        if value is None:
            return f"{name} has no {figure.metric.name} there"
    return f"there is no ratio, because {figure.metric.name} is {figure.a:g} in A"
