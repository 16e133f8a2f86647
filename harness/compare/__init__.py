"""Two runs, or two Locust reports, side by side: figures, ratios and thresholds, and of two runs verdicts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.compare.comparison import Comparison, Outcome, chosen, match
from harness.compare.declared import check_run, declared, reject_impossible
from harness.compare.groups import Ids, Rule, grouped, parse_group
from harness.compare.read import read_reports
from harness.compare.replicates import merged
from harness.compare.show import FORMATS, render
from harness.compare.show.words import outcome_lines
from harness.compare.thresholds import check, check_where_possible, parse

__all__ = [
    "FORMATS",
    "Comparison",
    "How",
    "Outcome",
    "check_run",
    "compare",
    "outcome_lines",
    "parse",
    "reject_impossible",
    "render",
]


@dataclass(frozen=True)
class How:
    """Which rows are one, and which are meant at all.

    `groups` are `PATTERN => NAME`; `group_ids` makes them of names that hold ids. `rows` is a pattern of labels,
    `least` the number of requests that a row has on both sides.
    """

    groups: Sequence[str] = ()
    group_ids: bool = False
    rows: str | None = None
    least: int = 0
    skip_damaged: bool = False


AS_IT_IS = How()


def compare(a: str | Path, b: str | Path, thresholds: Sequence[str] = (), how: How = AS_IT_IS) -> Comparison:
    """Compare side B with side A; `comparison.missed` are the thresholds that B does not keep, `.worse` the primaries.

    A side is a run's folder, a trials.csv, or a Locust `_stats.csv`, its prefix or its folder; or several reports of
    Locust, as a folder or a pattern, whose spread then gives verdicts. The grammar of a threshold is in
    harness.compare.thresholds; those given replace those of B's own configuration. UsageError on anything that cannot
    be read, compared or checked.
    """
    wanted = [parse(text) for text in thresholds]
    rules: list[Rule] = [*map(parse_group, how.groups), *([Ids()] if how.group_ids else [])]
    ours, theirs = (read_reports(str(text), skip_damaged=how.skip_damaged) for text in (a, b))
    every = grouped([*ours, *theirs], rules) if rules else [*ours, *theirs]
    comparison = match(merged(str(a), every[: len(ours)]), merged(str(b), every[len(ours) :]))
    if how.rows is not None or how.least:
        comparison = chosen(comparison, how.rows, how.least)
    if wanted:
        return replace(comparison, outcomes=check(wanted, comparison.all_rows))
    of_b = [row for row in comparison.all_rows if row.key in comparison.b.keys]
    return replace(comparison, outcomes=check_where_possible(declared(comparison.b.info), of_b))
