"""Two runs, or two Locust reports, side by side: figures, ratios and thresholds, and of two runs verdicts."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from harness.compare.comparison import Comparison, match
from harness.compare.read import read_side
from harness.compare.show import FORMATS, render
from harness.compare.thresholds import check, parse

__all__ = ["FORMATS", "Comparison", "compare", "render"]


def compare(a: Path, b: Path, thresholds: Sequence[str] = ()) -> Comparison:
    """Compare side B with side A; `comparison.missed` are the thresholds that B does not keep, `.worse` the primaries.

    A side is a run's folder, a trials.csv, or a Locust `_stats.csv`, its prefix or its folder. The grammar of a
    threshold is in harness.compare.thresholds. UsageError on anything that cannot be read, compared or checked.
    """
    wanted = [parse(text) for text in thresholds]
    comparison = match(read_side(a), read_side(b))
    return replace(comparison, outcomes=check(wanted, comparison))
