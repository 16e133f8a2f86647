"""Locust's statistics: `_stats.csv`, `_requests.csv` before 0.14, and `requests_<time>.csv` of its web page.

Columns were renamed on the way: "# requests" became "Request Count", "# failures" "Failure Count", "99.999" "99.999%",
"Median response time" "Median Response Time", "Reqests/s" "Requests/s"; the type of the Aggregated row was "None"
before it was empty, and its name "Total". Which percentiles there are is up to the locustfile; before 0.14 they stand
in `_distribution.csv`. Without a request they are "N/A", and the other latencies 0.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.compare.metrics import KNOWN, percentile
from harness.compare.read.table import Line, Table, is_absent, number_in, read_table
from harness.compare.sides import AGGREGATED, Key, Row, Side, counted, few, label
from harness.errors import UsageError
from harness.facts.figures import Metric

STATS, OLD_STATS, DISTRIBUTION, HISTORY = "_stats.csv", "_requests.csv", "_distribution.csv", "_stats_history.csv"
FAILING_FAST = "failed requests count in throughput and latency, so failing fast looks better"
_REQUESTS, _FAILURES, _THROUGHPUT = KNOWN["requests"], KNOWN["failures"], KNOWN["throughput"]
# How the versions of Locust called a column.
_TYPE = ("Type", "Method")
_NAME = ("Name",)
_FIGURES = {
    _REQUESTS: ("Request Count", "# requests"),
    _FAILURES: ("Failure Count", "# failures"),
    _THROUGHPUT: ("Requests/s", "Reqests/s"),
    KNOWN["mean"]: ("Average Response Time",),
    KNOWN["max"]: ("Max Response Time",),
}
_MEDIAN = "Median Response Time"
_KNOWN = {"type", "method", "name", "min response time", "average content size", "failures/s", "requests failed/s"}
_PERCENTILE = re.compile(r"(\d+(?:\.\d+)?)%?")
# Columns that only another of Locust's reports has, by the end of that report's name.
_OTHER_REPORTS = {
    HISTORY: {"timestamp", "name"},
    "_failures.csv": {"name", "occurrences"},
    "_exceptions.csv": {"message", "traceback"},
    DISTRIBUTION: {"name", "# requests", "100%"},
}
ROUNDED_MS = 1  # that Locust may have rounded away
SPAN = 0.9  # of the maximum: a 100% that is less than this is not of the same span as the totals


def is_locust(table: Table) -> bool:
    """Say whether a table is the statistics of a Locust run."""
    spelled = {column.casefold() for column in table.columns}
    return all(any(name.casefold() in spelled for name in names) for names in (_TYPE, _NAME, *_FIGURES.values()))


def locust_side(name: str, table: Table) -> Side:
    """Return the rows of Locust's statistics; UsageError where it is none, or a cell or a row is wrong."""
    spelled = {column.casefold(): column for column in table.columns}
    _reject_foreign(table, spelled)
    table.reject_empty()
    kind, called = find_column(spelled, _TYPE), find_column(spelled, _NAME)
    metrics = {metric: find_column(spelled, names) for metric, names in _FIGURES.items()} | _percentiles(spelled)
    rows: dict[Key, Row] = {}
    for line in table.lines:
        key = key_of(line.cells[kind], line.cells[called])
        if key in rows:
            raise _repeated(table, line, key, {kind, called, *metrics.values()})
        rows[key] = _row(table, line, metrics)
    rows, missing = _with_distribution(table, rows)
    notes = (*table.notes, *missing, *_notes(rows), *_spans(table, spelled))
    about = f"Locust report, {counted(len(rows), 'row')}"
    return Side(name, "locust", about, rows, notes=notes, report=str(table.path), users=_most_users(table.path))


def history_of(stats: Path) -> Path | None:
    """Return the history beside a report; None where there is none."""
    history = stats.with_name(stats.name.removesuffix(STATS) + HISTORY)
    return history if stats.name.endswith(STATS) and history.exists() else None


def _most_users(path: Path) -> float | None:
    """Return the most users that the history beside a report shows; None without one."""
    history = history_of(path)
    if history is None:
        return None
    try:
        table = read_table(history)
        column = find_column({name.casefold(): name for name in table.columns}, ("User Count", "User count"))
        known = [number for line in table.lines if column and (number := number_in(table, line, column)) is not None]
    except (OSError, UsageError):
        return None
    return max(known, default=None)


def _repeated(table: Table, line: Line, key: Key, ours: set[str]) -> UsageError:
    """Return the error for a second row of the same name: that of a file with several runs names what tells them."""
    unknown = [name for name in table.columns if name not in ours and name.casefold() not in _KNOWN]
    values = {name: list(dict.fromkeys(other.cells[name] for other in table.lines)) for name in unknown}
    added = next((name for name, found in values.items() if 1 < len(found) < len(table.lines)), None)
    if added is not None:
        said = ", ".join(values[added])
        return UsageError(
            f"{table.path} holds several runs: its column {added!r} has {said}",
            hint=f"split the file by {added!r}, and compare two of the parts",
        )
    return UsageError(
        f"{table.path}, line {line.number}: a second row for {label(key)}",
        hint="keep one of them; two reports are compared as two files",
    )


def _with_distribution(table: Table, rows: dict[Key, Row]) -> tuple[dict[Key, Row], tuple[str, ...]]:
    """Return the rows with the percentiles that Locust before 0.14 wrote into a file of its own, and what is amiss."""
    if not table.path.name.endswith(OLD_STATS):
        return rows, ()
    path = table.path.with_name(table.path.name.removesuffix(OLD_STATS) + DISTRIBUTION)
    if not path.exists():
        return rows, (f"{path.name} is not there, so there are no percentiles but the median",)
    distribution = read_table(path)
    spelled = {column.casefold(): column for column in distribution.columns}
    columns, count, found = _percentiles(spelled), find_column(spelled, _FIGURES[_REQUESTS]), dict(rows)
    for line in distribution.lines:
        kind, _, name = line.cells["Name"].partition(" ")
        key = AGGREGATED if line.cells["Name"] == "Total" else (kind, name)
        requests = rows[key].values[_REQUESTS] if key in rows else None
        if requests != number_in(distribution, line, count):
            return rows, (f"{path.name} is of another run, so there are no percentiles but the median",)
        if requests:
            read = {metric: number_in(distribution, line, column) for metric, column in columns.items()}
            values = {**rows[key].values, **{metric: value for metric, value in read.items() if value is not None}}
            found[key] = Row(values, few(values, requests))
    return found, ()


def _spans(table: Table, spelled: Mapping[str, str]) -> Iterator[str]:
    """Yield a warning where percentiles and totals are not of the same time: 0.13.3 kept those of the last seconds."""
    most, whole = spelled.get("max response time", ""), spelled.get("100%", "")
    pairs = ((number_in(table, line, most), number_in(table, line, whole)) for line in table.lines if most and whole)
    if any(ours is not None and slowest and ours < SPAN * slowest - ROUNDED_MS for slowest, ours in pairs):
        yield "percentiles are of another span than the totals: 100% is below the maximum (Locust 0.13.3: last 10 s)"


def find_column(spelled: Mapping[str, str], names: tuple[str, ...]) -> str:
    """Return the column that one version or another gave this name; "" for none."""
    return next((spelled[name.casefold()] for name in names if name.casefold() in spelled), "")


def _percentiles(spelled: Mapping[str, str]) -> dict[Metric, str]:
    """Return the column of each percentile; the median has a second one, and 100% is the maximum, but rounded."""
    median = find_column(spelled, (_MEDIAN,))
    found = {column: _PERCENTILE.fullmatch(column) for column in spelled.values()}
    numbers = {column: float(number[1]) for column, number in found.items() if number}
    factor = 100 if numbers and max(numbers.values()) <= 1 else 1  # a spreadsheet made fractions of 50%
    return ({percentile(50): median} if median else {}) | {
        percentile(factor * number): column for column, number in numbers.items() if 0 < factor * number < 100
    }


def _reject_foreign(table: Table, spelled: Mapping[str, str]) -> None:
    if is_locust(table):
        return
    for ending, columns in _OTHER_REPORTS.items():
        if columns <= spelled.keys():
            raise UsageError(f"{table.path} is Locust's ...{ending}, not its ...{STATS}", hint=_sibling(table.path))
    missing = [names[0] for names in (_TYPE, _NAME, *_FIGURES.values()) if not find_column(spelled, names)]
    if missing:
        hint = "give Locust's ..._stats.csv, or a run's trials.csv"
        raise UsageError(f"{table.path} is no Locust report; it lacks columns: {', '.join(missing)}", hint=hint)


def _sibling(path: Path) -> str:
    prefix = next((path.name.removesuffix(end) for end in _OTHER_REPORTS if path.name.endswith(end)), "")
    stats = path.with_name(prefix + STATS)
    return f"give {stats}" if prefix and stats.exists() else f"give the ...{STATS} of the same run"


def key_of(kind: str, name: str) -> Key:
    """Return the row that a line of a report is about."""
    total = is_absent(kind) and name.strip() in ("Aggregated", "Total")
    return AGGREGATED if total else (kind.strip(), name)


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
        yield "there is no row Aggregated, which Locust writes last: the report was cut off or edited"
    percentiles = [value for row in rows.values() for metric, value in row.values.items() if metric.percent]
    if percentiles and all(value == int(value) for value in percentiles):
        yield "Locust rounded the percentiles: to whole ms, and above 100 ms to two significant digits"
    if any(row.values[_FAILURES] for row in rows.values()):
        yield FAILING_FAST
