"""Two runs, or two Locust reports, side by side: figures, ratios and thresholds, and of two runs verdicts."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from harness.compare.comparison import Comparison, Outcome, match
from harness.compare.declared import check_run, declared, reject_impossible
from harness.compare.read import read_side
from harness.compare.show import FORMATS, render
from harness.compare.show.words import outcome_lines
from harness.compare.thresholds import check, check_where_possible, parse

__all__ = [
    "FORMATS",
    "Comparison",
    "Outcome",
    "check_run",
    "compare",
    "outcome_lines",
    "parse",
    "reject_impossible",
    "render",
]


def compare(a: Path, b: Path, thresholds: Sequence[str] = ()) -> Comparison:
    """Compare side B with side A; `comparison.missed` are the thresholds that B does not keep, `.worse` the primaries.

    A side is a run's folder, a trials.csv, or a Locust `_stats.csv`, its prefix or its folder. The grammar of a
    threshold is in harness.compare.thresholds; those given replace those of B's own configuration. UsageError on
    anything that cannot be read, compared or checked.
    """
    wanted = [parse(text) for text in thresholds]
    comparison = match(read_side(a), read_side(b))
    if wanted:
        return replace(comparison, outcomes=check(wanted, comparison.all_rows))
    of_b = [row for row in comparison.all_rows if row.key in comparison.b.keys]
    return replace(comparison, outcomes=check_where_possible(declared(comparison.b.info), of_b))
