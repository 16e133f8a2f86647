"""Two or more runs, or Locust reports, side by side: figures, ratios and thresholds, and of two runs verdicts."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.compare.comparison import Comparison, Outcome, chosen, match
from harness.compare.declared import check_run, declared, reject_impossible
from harness.compare.groups import Ids, Rule, grouped, parse_group, reject_idle
from harness.compare.read import read_reports
from harness.compare.read.span import parse_span, within
from harness.compare.replicates import merged
from harness.compare.show import FORMATS, render
from harness.compare.show.words import outcome_lines
from harness.compare.sides import Side
from harness.compare.thresholds import check, check_where_possible, parse
from harness.errors import UsageError

__all__ = [
    "FORMATS",
    "Comparison",
    "How",
    "Outcome",
    "check_run",
    "compare",
    "compare_runs",
    "outcome_lines",
    "parse",
    "reject_impossible",
    "render",
    "runs_in",
]
RUNS = "make compare A=before B=after, or of more than two RUNS='first second third'"


@dataclass(frozen=True)
class How:
    """Which rows are one, and which are meant at all.

    `groups` are `PATTERN => NAME`; `group_ids` makes them of names that hold ids. `rows` is a pattern of labels,
    `least` the number of requests that a row has on both sides. `window` is a span of Locust's history, in seconds:
    `60:300`.
    """

    groups: Sequence[str] = ()
    group_ids: bool = False
    rows: str | None = None
    least: int = 0
    skip_damaged: bool = False
    window: str | None = None


AS_IT_IS = How()


def runs_in(a: str, b: str, runs: str | None) -> list[str]:
    """Return what the command line names: A and B, or the words of `runs`; UsageError for both, or where one lacks."""
    if runs is None:
        if missing := [name for name, text in (("A", a), ("B", b)) if not text.strip()]:
            raise UsageError(f"{' and '.join(missing)} to compare: not given", hint=RUNS)
        return [a, b]
    if a or b:
        raise UsageError("give A and B, or RUNS: not both", hint=RUNS)
    try:
        return shlex.split(runs)
    except ValueError as error:
        hint = "put a path that has an apostrophe into double quotes, one that has a space into either"
        raise UsageError(f"{runs!r} is no list of runs: {error}", hint=hint) from None


def compare(a: str | Path, b: str | Path, thresholds: Sequence[str] = (), how: How = AS_IT_IS) -> Comparison:
    """Compare side B with side A; `comparison.missed` are the thresholds that B does not keep, `.worse` the primaries.

    A side is a run's folder, a trials.csv, or a Locust `_stats.csv`, its prefix or its folder; or several reports of
    Locust, as a folder or a pattern, whose spread then gives verdicts. The grammar of a threshold is in
    harness.compare.thresholds; those given replace those of B's own configuration. UsageError on anything that cannot
    be read, compared or checked.
    """
    return compare_runs([str(a), str(b)], thresholds, how)


def compare_runs(runs: Sequence[str], thresholds: Sequence[str] = (), how: How = AS_IT_IS) -> Comparison:
    """Compare the last of several sides with the one before, as `compare` does; those before are its `earlier`.

    One folder or pattern alone stands for the reports that it names, in the order of their names.
    """
    wanted = [parse(text) for text in thresholds]
    *earlier, a, b = _sides(runs, how)
    comparison = match(a, b, earlier)
    if how.rows is not None or how.least:
        comparison = chosen(comparison, how.rows, how.least)
    if wanted:
        return replace(comparison, outcomes=check(wanted, comparison.all_rows))
    measured = set(comparison.b.keys)
    of_b = [row for row in comparison.all_rows if row.key in measured]
    return replace(comparison, outcomes=check_where_possible(declared(comparison.b.info), of_b))


def _sides(runs: Sequence[str], how: How) -> list[Side]:
    """Read, group and merge every side; UsageError for fewer than two."""
    found = [(text, read_reports(text, skip_damaged=how.skip_damaged)) for text in runs]
    if len(found) == 1:
        found = [(side.name, [side]) for side in found[0][1]]
    if len(found) < 2:
        raise UsageError(f"one run alone: {' '.join(runs) or 'none'}", hint=RUNS)
    if how.window is not None:
        span = parse_span(how.window)
        found = [(text, [within(side, span) for side in sides]) for text, sides in found]
    rules: list[Rule] = [*map(parse_group, how.groups), *([Ids()] if how.group_ids else [])]
    reject_idle(rules, [side for _, sides in found for side in sides])
    return [merged(name, [grouped(side, rules) for side in sides]) for name, sides in found]
