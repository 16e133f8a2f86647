"""A span of a Locust run, from its `_stats_history.csv`: counts, rates, mean and users between two of its seconds.

The history has a line a second with totals since the start, and the difference of two is exact. Its percentiles are
those of the last ten seconds or of all before, never of a span.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from harness.compare.metrics import KNOWN, USERS
from harness.compare.read.locust import FAILING_FAST, HISTORY, find_column, history_of, key_of
from harness.compare.read.table import number_in, read_table
from harness.compare.sides import AGGREGATED, Key, Row, Side, counted
from harness.errors import UsageError

EXAMPLE = "seconds from the first line of the history: WINDOW=60:300"
LATE_S = 2.0  # by which the last line may be short of the span's end
GAP_S = 5.0  # without a line, which is said
_SPAN = re.compile(r"(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)")
_TIME, _USERS = "Timestamp", "User Count"
_TOTALS = ("Total Request Count", "Total Failure Count", "Total Average Response Time")


@dataclass(frozen=True)
class Span:
    """Two moments of a run, in seconds from the first line of its history."""

    from_s: float
    to_s: float


@dataclass(frozen=True)
class Moment:
    """A line of a history: when it was written, in seconds from the first; users; totals since the start."""

    at_s: float
    users: float
    requests: float
    failures: float
    latency_ms: float  # of all requests together


NOTHING = Moment(0.0, 0.0, 0.0, 0.0, 0.0)


def parse_span(text: str) -> Span:
    """Return the span that `FROM:TO` says, in seconds; UsageError where it is none."""
    found = _SPAN.fullmatch(text.strip())
    if found is None or float(found[1]) >= float(found[2]):
        raise UsageError(f"{text!r} is no span of time", hint=EXAMPLE)
    return Span(float(found[1]), float(found[2]))


def within(side: Side, span: Span) -> Side:
    """Return what the history beside a Locust report says of a span; UsageError where it does not cover it."""
    if side.kind != "locust":
        hint = "compare the runs without a span, or give Locust reports: their locust/..._stats.csv"
        raise UsageError(f"{side.name} is a run of ours, and a span is one of a Locust report", hint=hint)
    path = history_of(Path(side.report))
    if path is None:
        raise UsageError(
            f"there is no ...{HISTORY} beside {side.report}",
            hint="Locust writes it beside the report: keep the two together",
        )
    history = _read(path)
    inside = _inside(path, history[AGGREGATED], span)
    begin, end = inside[0], inside[-1]
    rows = {
        key: _row(_until(moments, begin.at_s), _until(moments, end.at_s), begin, end)
        for key, moments in history.items()
    }
    users = [moment.users for moment in inside]
    total = Row({USERS: sum(users) / len(users), **rows[AGGREGATED].values})
    return replace(
        side,
        about=f"seconds {begin.at_s:g} to {end.at_s:g} of a Locust run, {counted(len(rows), 'row')}",
        rows={**rows, AGGREGATED: total},
        notes=tuple(_notes(rows, inside)),
        users=max(users),
    )


def _read(path: Path) -> Mapping[Key, Sequence[Moment]]:
    """Return the lines of a history by row; UsageError where it is none."""
    table = read_table(path)
    spelled = {column.casefold(): column for column in table.columns}
    needed = {name: find_column(spelled, (name,)) for name in ("Type", "Name", _TIME, _USERS, *_TOTALS)}
    if missing := [name for name, column in needed.items() if not column]:
        raise UsageError(
            f"{path} lacks columns: {', '.join(missing)}", hint="a span takes the history of Locust 1.0 or newer"
        )
    table.reject_empty()
    found: dict[Key, list[Moment]] = defaultdict(list)
    start = None
    for line in table.lines:
        time, users, *totals = (number_in(table, line, needed[name]) for name in (_TIME, _USERS, *_TOTALS))
        if time is None:
            raise table.fault(line, needed[_TIME], "is no time")
        start = time if start is None else start
        requests, failures, mean = (total or 0.0 for total in totals)
        key = key_of(line.cells[needed["Type"]], line.cells[needed["Name"]])
        found[key].append(Moment(time - start, users or 0.0, requests, failures, requests * mean))
    if AGGREGATED not in found:
        raise UsageError(f"{path} has no line Aggregated", hint="give it as Locust wrote it")
    return found


def _inside(path: Path, moments: Sequence[Moment], span: Span) -> Sequence[Moment]:
    """Return the lines of all requests together in the span; UsageError where they do not cover it."""
    inside = [moment for moment in moments if span.from_s <= moment.at_s <= span.to_s]
    last_s = max(moment.at_s for moment in moments)
    if last_s < span.to_s - LATE_S or not inside or inside[0].at_s == inside[-1].at_s:
        raise UsageError(f"{path} does not cover the span: it ends after {last_s:g} s", hint=EXAMPLE)
    if any(later.requests < earlier.requests for earlier, later in pairwise(inside)):
        raise UsageError(f"{path}: the counts start anew within the span (--reset-stats)", hint="choose a later span")
    return inside


def _until(moments: Sequence[Moment], at_s: float) -> Moment:
    """Return the last line of a row up to a moment: before its first request it has none."""
    return max((moment for moment in moments if moment.at_s <= at_s), key=lambda moment: moment.at_s, default=NOTHING)


def _row(first: Moment, last: Moment, begin: Moment, end: Moment) -> Row:
    """Return the figures of a row between two of its lines, over the time between two lines of all requests."""
    requests, failures = last.requests - first.requests, last.failures - first.failures
    counts = {KNOWN["requests"]: requests, KNOWN["failures"]: failures}
    rate = {KNOWN["throughput"]: requests / (end.at_s - begin.at_s)}
    if not requests:
        return Row({**counts, **rate})
    share, mean = 100 * failures / requests, (last.latency_ms - first.latency_ms) / requests
    return Row({**counts, KNOWN["failure_share"]: share, **rate, KNOWN["mean"]: mean})


def _notes(rows: Mapping[Key, Row], inside: Sequence[Moment]) -> Iterator[str]:
    yield (
        "counts, rates, mean and users of a span are from the history, whose seconds are whole; its percentiles are of "
        "no span, so there are none"
    )
    users = [moment.users for moment in inside]
    if min(users) < max(users):
        yield f"users went from {min(users):g} to {max(users):g} within the span"
    gap_s = max(later.at_s - earlier.at_s for earlier, later in pairwise(inside))
    if gap_s > GAP_S:
        yield f"the history has no line for {gap_s:g} s of the span, and the rates count that time too"
    if len(rows) == 1:
        yield "the history has all requests together alone: with --csv-full-history it has every row"
    if any(row.values[KNOWN["failures"]] for row in rows.values()):
        yield FAILING_FAST
