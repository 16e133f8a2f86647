"""Two sides matched row by row."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from harness.compare.metrics import KNOWN, Direction, direction, in_order, ratio
from harness.compare.notes import notes
from harness.compare.settings import reject_different_plans
from harness.compare.sides import Key, Mark, Row, Side, label, short_names
from harness.errors import UsageError
from harness.facts.figures import Metric

if TYPE_CHECKING:
    from harness.compare.verdicts import FigureVerdict

EXAMPLES = 5
AT_LEAST: Mark = "at least"
NO_ROW = Row({})


@dataclass(frozen=True)
class Figure:
    """One metric of one row on both sides; None where a side does not have it.

    The marks say what else is to be known of a percentile. `verdict`: what the trials of two runs say.
    """

    metric: Metric
    a: float | None
    b: float | None
    mark_a: Mark | None = None
    mark_b: Mark | None = None
    verdict: "FigureVerdict | None" = None

    @property
    def ratio(self) -> float | None:
        """B / A; None where it does not exist, as between a value and a lower bound."""
        return None if AT_LEAST in self.marks else ratio(self.a, self.b)

    @property
    def difference(self) -> float | None:
        """B - A in the metric's unit; None where it does not exist."""
        if self.a is None or self.b is None or AT_LEAST in self.marks:
            return None
        return self.b - self.a

    @property
    def direction(self) -> Direction:
        """Whether B's value is better than A's; failed requests rank slowest, and so does what they reach."""
        if self.mark_a == self.mark_b == AT_LEAST:
            return "n.a."
        return direction(self.metric, _ranked(self.a, self.mark_a), _ranked(self.b, self.mark_b))

    @property
    def marks(self) -> set[Mark]:
        """The marks of either side."""
        return {mark for mark in (self.mark_a, self.mark_b) if mark}


@dataclass(frozen=True)
class ComparedRow:
    """One row of the two sides; None on the side that does not have it, with the reason if one is known.

    `verdicts` are those of two runs, by metric.
    """

    key: Key
    a: Row | None
    b: Row | None
    why_not_a: str = ""
    why_not_b: str = ""
    verdicts: Mapping[str, "FigureVerdict"] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The row's name for people."""
        return label(self.key)

    @property
    def metrics(self) -> set[Metric]:
        """Every metric that one of the sides has, or has a reason not to have."""
        return {metric for row in (self.a, self.b) if row for metric in (*row.values, *row.marks)}

    def figure(self, metric: Metric) -> Figure:
        """Return one metric of the row."""
        a, b = self.a or NO_ROW, self.b or NO_ROW
        return Figure(
            metric=metric,
            a=a.values.get(metric),
            b=b.values.get(metric),
            mark_a=a.marks.get(metric),
            mark_b=b.marks.get(metric),
            verdict=self.verdicts.get(metric.name),
        )

    @property
    def figures(self) -> dict[Metric, Figure]:
        """Every one of its metrics, in the order in which they are shown."""
        return {metric: self.figure(metric) for metric in in_order(self.metrics)}


@dataclass(frozen=True)
class Outcome:
    """A threshold at one row: its text, the value that it is about (B's, or B / A), and whether it is met.

    `met` is None where that was not checked; `why` says why there is no value. `side` is what people call the side of
    the value.
    """

    threshold: str
    label: str
    metric: Metric
    of_ratio: bool
    side: str = "B"
    value: float | None = None
    mark: Mark | None = None
    met: bool | None = None
    why: str = ""


@dataclass(frozen=True)
class Comparison:
    """Everything that is shown of two sides."""

    a: Side
    b: Side
    rows: tuple[ComparedRow, ...]  # on both sides
    only_a: tuple[ComparedRow, ...]
    only_b: tuple[ComparedRow, ...]
    unmeasured: tuple[ComparedRow, ...]  # points without a valid trial on either side
    notes: tuple[str, ...]
    outcomes: tuple[Outcome, ...] = ()
    earlier: tuple[Side, ...] = ()  # runs before A, where more than two are compared

    @property
    def runs(self) -> tuple[Side, ...]:
        """Every side, the newest last."""
        return (*self.earlier, self.a, self.b)

    @property
    def missed(self) -> tuple[Outcome, ...]:
        """The thresholds that side B does not keep."""
        return tuple(outcome for outcome in self.outcomes if outcome.met is False)

    @property
    def verdicts(self) -> "tuple[FigureVerdict, ...]":
        """Every verdict of two runs, the primaries first."""
        found = [verdict for row in self.all_rows for verdict in row.verdicts.values()]
        return tuple(sorted(found, key=lambda verdict: not verdict.primary))

    @property
    def worse(self) -> "tuple[FigureVerdict, ...]":
        """The declared primaries in which B is worse."""
        return tuple(verdict for verdict in self.verdicts if verdict.primary and verdict.word == "worse")

    @property
    def all_rows(self) -> tuple[ComparedRow, ...]:
        """Every row of either side."""
        return (*self.rows, *self.only_a, *self.only_b, *self.unmeasured)

    @property
    def groups(self) -> tuple[tuple[Key, str, int, int], ...]:
        """Rows that are several made one, with the group that did it and their numbers in A and B; most rows first."""
        found = {**self.b.merged, **self.a.merged}
        sizes = [(key, one.group, _size(self.a, key), _size(self.b, key)) for key, one in found.items()]
        return tuple(sorted(sizes, key=lambda one: -max(one[2:])))

    @property
    def metrics_only_a(self) -> tuple[Metric, ...]:
        """Metrics that no row of B has."""
        return _lacking(self.a, self.b)

    @property
    def metrics_only_b(self) -> tuple[Metric, ...]:
        """Metrics that no row of A has."""
        return _lacking(self.b, self.a)


def match(a: Side, b: Side, earlier: Sequence[Side] = ()) -> Comparison:
    """Match the rows of two sides; UsageError where they have none in common.

    All of them, the `earlier` ones too, have to be of one kind and plan.
    """
    for one in (*earlier, a):
        if one.kind != b.kind:
            raise _different_kinds(*((one, b) if one.kind == "run" else (b, one)))
        reject_different_plans(one, b, "A" if one is a else one.name)
    keys = dict.fromkeys([*a.rows, *b.rows, *a.keys, *b.keys])
    verdicts = _verdicts(a, b, keys)
    rows = [
        ComparedRow(key, a.rows.get(key), b.rows.get(key), a.reason(key), b.reason(key), verdicts.get(key, {}))
        for key in keys
    ]
    common = tuple(row for row in rows if row.a and row.b)
    if not common:
        raise UsageError(f"nothing to compare: {a.name} and {b.name} have no row in common", hint=_has(a, b))
    marks = {mark for row in common for side in (row.a, row.b) if side for mark in side.marks.values()}
    return Comparison(
        a=a,
        b=b,
        rows=common,
        only_a=tuple(row for row in rows if row.a and not row.b),
        only_b=tuple(row for row in rows if row.b and not row.a),
        unmeasured=tuple(row for row in rows if not row.a and not row.b),
        earlier=tuple(earlier),
        notes=notes(a, b, marks, earlier),
    )


def chosen(comparison: Comparison, pattern: str | None, least: int) -> Comparison:
    """Return the comparison with the rows alone whose label fits a pattern (`*` is anything), and that have so many
    requests on each side that has them; UsageError where none is left.
    """

    def is_meant(row: ComparedRow) -> bool:
        requests = [side.values.get(KNOWN["requests"], 0.0) for side in (row.a, row.b) if side]
        fits = pattern is None or any(fnmatchcase(name, pattern) for name in short_names(row.key))
        return fits and all(number >= least for number in requests)

    rows, only_a, only_b, unmeasured = (
        tuple(filter(is_meant, part))
        for part in (comparison.rows, comparison.only_a, comparison.only_b, comparison.unmeasured)
    )
    if not rows:
        what = f"fits {pattern!r}" if pattern is not None else f"has {least:,} requests"
        raise UsageError(f"no row that both sides have {what}", hint=_has(comparison.a, comparison.b))
    return replace(comparison, rows=rows, only_a=only_a, only_b=only_b, unmeasured=unmeasured)


def _verdicts(a: Side, b: Side, keys: Iterable[Key]) -> Mapping[Key, Mapping[str, "FigureVerdict"]]:
    """Return the verdicts; none on a single report of Locust."""
    if not (a.repeated and b.repeated):
        return {}
    from harness.compare.verdicts import judge  # statistics take a fifth of a second to load

    return judge(a, b, keys)


def _ranked(value: float | None, mark: Mark | None) -> float | None:
    return math.inf if mark == AT_LEAST else value


def _size(side: Side, key: Key) -> int:
    return len(side.merged[key].rows) if key in side.merged else int(key in side.rows)


def _lacking(side: Side, other: Side) -> tuple[Metric, ...]:
    ours, theirs = ({metric for row in rows.values() for metric in row.values} for rows in (side.rows, other.rows))
    return tuple(in_order(ours - theirs))


def _different_kinds(run: Side, locust: Side) -> UsageError:
    report = run.report or "locust/<trial>_stats.csv in the run's folder"
    return UsageError(
        f"{run.name} holds trials, by lane and point; {locust.name} holds Locust's rows, by method and name",
        hint=f"compare it with the Locust report of one trial: {report}",
    )


def _has(a: Side, b: Side) -> str:
    return "; ".join(f"{name} has {_examples(side)}" for name, side in (("A", a), ("B", b)))


def _examples(side: Side) -> str:
    rows = [label(key) for key in side.rows] or [f"{label(key)} ({why})" for key, why in side.invalid.items()]
    more = f" and {len(rows) - EXAMPLES} more" if len(rows) > EXAMPLES else ""
    return ", ".join(rows[:EXAMPLES]) + more
