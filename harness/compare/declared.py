"""The thresholds of bench.toml: checked before a run, at its end, and when the run is side B of a comparison."""

import re
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from harness.compare.comparison import ComparedRow, Outcome
from harness.compare.thresholds import Threshold, check_where_possible, parse
from harness.errors import UsageError
from harness.facts.figures import BY_NAME
from harness.facts.names import pick

if TYPE_CHECKING:
    from harness.facts.run import Run, RunInfo

_POINT = re.compile(r"[1-9]\d*|(0|[1-9]\d*)(\.\d*[1-9])?/s")  # as Point.label writes it


def reject_impossible(texts: Iterable[str], lanes: Collection[str]) -> None:
    """Raise UsageError for a threshold that no run of these lanes could be held to.

    That is one that breaks the grammar, is about a ratio, or names a lane, a point or a metric that there is not. A
    lane or point that is only left out of a run is none of these: it is listed as not checked.
    """
    for text in texts:
        threshold = parse(text)
        if threshold.of_ratio:
            raise UsageError(
                f"{threshold.text!r} compares two runs, and bench.toml is about one",
                hint=f"give it to the comparison: --threshold {threshold.text!r}",
            )
        pick(BY_NAME, threshold.metric.name, f"metric of a run (in thresholds: {threshold.text!r})")
        _reject_unknown_row(threshold, lanes)


def _reject_unknown_row(threshold: Threshold, lanes: Collection[str]) -> None:
    lane, at, point = threshold.row.partition("@")
    if threshold.row:
        pick(dict.fromkeys(lanes), lane, f"lane (in thresholds: {threshold.text!r})")
    if at and not _POINT.fullmatch(point):
        raise UsageError(
            f"{point!r} is no point (in thresholds: {threshold.text!r})",
            hint="write users like quart@300, arrivals a second like quart@475/s",
        )


def check_run(run: "Run") -> tuple[Outcome, ...]:
    """Return how a run keeps the thresholds of its own configuration; what it did not measure is not checked."""
    from harness.compare.points import side_of_run  # statistics, which a comparison of single reports does without

    side = side_of_run(run.info.name, run)
    rows = [ComparedRow(key, None, side.rows.get(key), why_not_b=side.reason(key)) for key in side.keys]
    return check_where_possible(declared(run.info), rows, "this run")


def declared(info: "RunInfo | None") -> list[Threshold]:
    """Return the thresholds in a run's configuration; UsageError where they are none."""
    return [parse(text) for text in info.config.thresholds] if info else []
