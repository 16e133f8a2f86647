"""Locust's statistics: the `_stats.csv` of every Locust 1.x and 2.x, and of the last 0.x.

Columns were renamed on the way: "# requests" became "Request Count", "# failures" "Failure Count", "99.999" "99.999%",
"Median response time" "Median Response Time"; the type of the Aggregated row was "None" before it was empty. Which
percentiles there are is up to the locustfile. Without a request they are "N/A", and the other latencies 0.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.compare.metrics import KNOWN, percentile
from harness.compare.read.table import Line, Table, number_in
from harness.compare.sides import AGGREGATED, Key, Row, Side, counted, few, label
from harness.errors import UsageError
from harness.facts.figures import Metric

STATS = "_stats.csv"
_REQUESTS, _FAILURES, _THROUGHPUT = KNOWN["requests"], KNOWN["failures"], KNOWN["throughput"]
# How the versions of Locust called a column.
_TYPE = ("Type", "Method")
_NAME = ("Name",)
_FIGURES = {
    _REQUESTS: ("Request Count", "# requests"),
    _FAILURES: ("Failure Count", "# failures"),
    _THROUGHPUT: ("Requests/s",),
    KNOWN["mean"]: ("Average Response Time",),
    KNOWN["max"]: ("Max Response Time",),
}
_MEDIAN = "Median Response Time"
_PERCENTILE = re.compile(r"(\d+(?:\.\d+)?)%?")
# Columns that only another of Locust's reports has, by the end of that report's name.
_OTHER_REPORTS = {
    "_stats_history.csv": {"timestamp", "name"},
    "_failures.csv": {"name", "occurrences"},
    "_exceptions.csv": {"message", "traceback"},
}


def locust_side(name: str, table: Table) -> Side:
    """Return the rows of a `_stats.csv`; UsageError where it is none, or a cell or a row is wrong."""
    spelled = {column.casefold(): column for column in table.columns}
    _reject_foreign(table, spelled)
    table.reject_empty()
    kind, called = _find(spelled, _TYPE), _find(spelled, _NAME)
    metrics = {metric: _find(spelled, names) for metric, names in _FIGURES.items()} | _percentiles(spelled)
    rows: dict[Key, Row] = {}
    for line in table.lines:
        key = _key(line.cells[kind], line.cells[called])
        if key in rows:
            message = f"{table.path}, line {line.number}: a second row for {label(key)}"
            raise UsageError(message, hint="keep one of them; two reports are compared as two files")
        rows[key] = _row(table, line, metrics)
    return Side(name, "locust", f"Locust report, {counted(len(rows), 'row')}", rows, notes=tuple(_notes(rows)))


def _find(spelled: Mapping[str, str], names: tuple[str, ...]) -> str:
    """Return the column that one version or another gave this name; "" for none."""
    return next((spelled[name.casefold()] for name in names if name.casefold() in spelled), "")


def _percentiles(spelled: Mapping[str, str]) -> dict[Metric, str]:
    """Return the column of each percentile; the median has a second one, and 100% is the maximum, but rounded."""
    median = _find(spelled, (_MEDIAN,))
    numbers = {column: _PERCENTILE.fullmatch(column) for column in spelled.values()}
    return ({percentile(50): median} if median else {}) | {
        percentile(float(number[1])): column
        for column, number in numbers.items()
        if number and 0 < float(number[1]) < 100
    }


def _reject_foreign(table: Table, spelled: Mapping[str, str]) -> None:
    for ending, columns in _OTHER_REPORTS.items():
        if columns <= spelled.keys():
            raise UsageError(f"{table.path} is Locust's ...{ending}, not its ...{STATS}", hint=_sibling(table.path))
    missing = [names[0] for names in (_TYPE, _NAME, *_FIGURES.values()) if not _find(spelled, names)]
    if missing:
        hint = "give Locust's ..._stats.csv, or a run's trials.csv"
        raise UsageError(f"{table.path} is no Locust report; it lacks columns: {', '.join(missing)}", hint=hint)


def _sibling(path: Path) -> str:
    prefix = next((path.name.removesuffix(end) for end in _OTHER_REPORTS if path.name.endswith(end)), "")
    stats = path.with_name(prefix + STATS)
    return f"give {stats}" if prefix and stats.exists() else f"give the ...{STATS} of the same run"


def _key(kind: str, name: str) -> Key:
    return AGGREGATED if kind in ("", "None") and name in ("Aggregated", "Total") else (kind, name)


def _row(table: Table, line: Line, metrics: Mapping[Metric, str]) -> Row:
    figures = {metric: number_in(table, line, column) for metric, column in metrics.items()}
    requests, failures = (_counted(table, line, metrics[count]) for count in (_REQUESTS, _FAILURES))
    if not requests:
        return Row({metric: figures[metric] or 0 for metric in (_REQUESTS, _FAILURES, _THROUGHPUT)})
    values = {metric: value for metric, value in figures.items() if value is not None}
    return Row({**values, KNOWN["failure_share"]: 100 * failures / requests}, few(values, requests))


def _counted(table: Table, line: Line, column: str) -> float:
    count = number_in(table, line, column)
    if count is None:
        raise table.fault(line, column, "is not a number")
    return count


def _notes(rows: Mapping[Key, Row]) -> Iterator[str]:
    if not any(row.values[_REQUESTS] for row in rows.values()):
        yield "not one request was made"
        return
    if AGGREGATED not in rows:
        yield "there is no row Aggregated, which Locust writes last; the report may be cut off"
    percentiles = [value for row in rows.values() for metric, value in row.values.items() if metric.percent]
    if all(value == int(value) for value in percentiles):
        yield "Locust rounded the percentiles: to whole ms, and above 100 ms to two significant digits"
    if any(row.values[_FAILURES] for row in rows.values()):
        yield "failed requests count in throughput and latency, so failing fast looks better"
