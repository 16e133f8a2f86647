"""What text and Markdown say in the same words."""

from collections.abc import Iterator, Sequence

from harness.compare.comparison import ComparedRow, Comparison, Figure, Outcome
from harness.compare.sides import Mark, Side, plain
from harness.document.numbers import ABSENT
from harness.facts.figures import COUNT

SIGNS: dict[Mark | None, str] = {"thin": "~", "at least": "\N{GREATER-THAN OR EQUAL TO} "}
OVERVIEW = {"failure_share": False, "throughput": False, "p50": True, "p95": False, "p99": True}  # wide or not
LISTED = 10  # names of a list
FATES = {True: "met", False: "MISSED", None: "not checked"}


def cells(shown: Figure) -> tuple[str, ...]:
    """Return a figure as cells of metric, unit, A, B, B/A, B - A, that in percent, and what B is."""
    metric = shown.metric
    a, b = value(shown.a, shown.mark_a), value(shown.b, shown.mark_b)
    return metric.name, metric.unit, a, b, quotient(shown.ratio), *change(shown), judgement(shown)


def value(number: float | None, mark: Mark | None = None) -> str:
    """Return a value with four significant digits, and with all of its whole ones, behind the sign of its mark."""
    if number is None:
        return ABSENT
    digits = f"{number:,.0f}" if number >= 1000 or number == int(number) else f"{number:.4g}"
    return SIGNS.get(mark, "") + digits


def quotient(number: float | None) -> str:
    """Return B / A with three decimals, far from 1 with three significant digits."""
    if number is None:
        return ABSENT
    if 1000 <= number < 1e6:
        return f"{number:,.0f}"
    return f"{number:.3f}" if 0.1 <= number < 1000 or number == 0 else f"{number:.3g}"


def judgement(shown: Figure) -> str:
    """Return how B's value lies to A's, which is no verdict; `*` where a percentile rests on a few requests."""
    return shown.direction + ("*" if "few" in shown.marks else "")


def sides(comparison: Comparison) -> Iterator[str]:
    """Yield what A and B are."""
    yield from (f"{name}: {_side(side)}" for name, side in (("A", comparison.a), ("B", comparison.b)))


def remarks(comparison: Comparison) -> Iterator[str]:
    """Yield what could not be compared, and every doubt."""
    lists = (
        ("Rows only in A", [_absent(row, "B", row.why_not_b) for row in comparison.only_a]),
        ("Rows only in B", [_absent(row, "A", row.why_not_a) for row in comparison.only_b]),
        ("No valid trial", [_unmeasured(row) for row in comparison.unmeasured]),
        ("Metrics only in A", [metric.name for metric in comparison.metrics_only_a]),
        ("Metrics only in B", [metric.name for metric in comparison.metrics_only_b]),
    )
    yield from (f"{title}{_number(names)}: {_capped(names)}." for title, names in lists if names)
    yield from map(plain, comparison.notes)


def _number(names: Sequence[str]) -> str:
    return f" ({len(names):,})" if len(names) > LISTED else ""


def _capped(names: Sequence[str]) -> str:
    """Return a list that a person reads; JSON and CSV have all of it."""
    return ", ".join(names[:LISTED]) + (f" and {len(names) - LISTED:,} more" if len(names) > LISTED else "")


def change(shown: Figure) -> tuple[str, str]:
    """Return B - A in the metric's unit, and as percent of A."""
    if shown.difference is None:
        return ABSENT, ABSENT
    if not shown.difference:
        return "0", ABSENT if shown.ratio is None else "0 %"
    percent = ABSENT if shown.ratio is None else f"{100 * (shown.ratio - 1):+.3g} %"
    return f"{shown.difference:+,.4g}", percent


def outcome_lines(outcomes: Sequence[Outcome]) -> Iterator[tuple[bool, str]]:
    """Yield for each threshold and row whether it is missed, and the line that says how it fares."""
    width = max(len(FATES[met]) for met in (False, *(outcome.met for outcome in outcomes)))
    for outcome in outcomes:
        threshold = plain(outcome.threshold)
        named = not outcome.label or threshold.startswith(f"{outcome.label}:")
        where = threshold if named else f"{threshold} at {outcome.label}"
        yield outcome.met is False, f"{FATES[outcome.met]:{width}} {where} ({outcome.why or _found(outcome)})"


def _found(outcome: Outcome) -> str:
    value = outcome.value or 0.0
    exact = f"{value:.6g}" if value < 1e6 else f"{value:.0f}"
    unit = "" if outcome.of_ratio or outcome.metric.unit == COUNT else f" {outcome.metric.unit}"
    few = "*" if outcome.mark == "few" else ""
    return f"{'B/A is' if outcome.of_ratio else f'{outcome.side} has'} {SIGNS.get(outcome.mark, '')}{exact}{unit}{few}"


def _side(side: Side) -> str:
    return plain(f"{side.name} ({side.about})")


def _absent(row: ComparedRow, side: str, why: str) -> str:
    return f"{row.label} ({side}: {why})" if why else row.label


def _unmeasured(row: ComparedRow) -> str:
    reasons = [f"{side}: {why}" for side, why in (("A", row.why_not_a), ("B", row.why_not_b)) if why]
    return f"{row.label} ({'; '.join(reasons)})"
