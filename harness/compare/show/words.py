"""What text and Markdown say in the same words."""

from collections.abc import Iterator

from harness.compare.comparison import ComparedRow, Comparison, Figure, Outcome
from harness.compare.metrics import COUNT
from harness.compare.sides import Side, plain

ABSENT = "–"  # noqa: RUF001 - the sign for "no figure", which is not zero
HEADINGS = ("metric", "unit", "A", "B", "B/A", "B is")


def cells(shown: Figure) -> tuple[str, ...]:
    """Return a figure as cells under HEADINGS."""
    metric = shown.metric
    return metric.name, metric.unit, value(shown.a), value(shown.b), ratio(shown), direction(shown)


def value(number: float | None) -> str:
    """Return a value with four significant digits, and with all of its whole ones."""
    if number is None:
        return ABSENT
    return f"{number:,.0f}" if number >= 1000 or number == int(number) else f"{number:.4g}"


def ratio(shown: Figure) -> str:
    """Return B / A with three decimals, far from 1 with three significant digits."""
    quotient = shown.ratio
    if quotient is None:
        return ABSENT
    if quotient >= 1000:
        return f"{quotient:,.0f}"
    return f"{quotient:.3f}" if quotient >= 0.1 or quotient == 0 else f"{quotient:.3g}"


def direction(shown: Figure) -> str:
    """Return the direction, with `*` where the percentile is thin."""
    return shown.direction + ("*" if shown.thin else "")


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
    yield from (f"{title}: {', '.join(names)}." for title, names in lists if names)
    yield from map(plain, comparison.notes)


def outcomes(comparison: Comparison) -> Iterator[tuple[bool, str]]:
    """Yield for each threshold and row whether it is met, and the line that says so."""
    for outcome in comparison.outcomes:
        threshold = plain(outcome.threshold)
        where = "" if threshold.startswith(f"{outcome.label}:") else f" at {outcome.label}"
        yield outcome.met, f"{'met   ' if outcome.met else 'MISSED'} {threshold}{where} ({_found(outcome)})"


def _found(outcome: Outcome) -> str:
    figure = outcome.figure
    exact = f"{outcome.value:.6g}" if outcome.value < 1e6 else f"{outcome.value:.0f}"
    unit = "" if outcome.of_ratio or figure.metric.unit == COUNT else f" {figure.metric.unit}"
    return f"{'B/A is' if outcome.of_ratio else 'B has'} {exact}{unit}{'*' if figure.thin else ''}"


def _side(side: Side) -> str:
    return plain(f"{side.name} ({side.about})")


def _absent(row: ComparedRow, side: str, why: str) -> str:
    return f"{row.label} ({side}: {why})" if why else row.label


def _unmeasured(row: ComparedRow) -> str:
    reasons = [f"{side}: {why}" for side, why in (("A", row.why_not_a), ("B", row.why_not_b)) if why]
    return f"{row.label} ({'; '.join(reasons)})"
