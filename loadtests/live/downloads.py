"""The live figures as CSV files: the series, and each app's totals in the columns of Locust's own `_stats.csv`."""

import csv
import io
from collections.abc import Iterable, Sequence

from loadtests.live.series import Point, columns
from loadtests.live.span import Span

PERCENTS = (50, 66, 75, 80, 90, 95, 98, 99, 99.9, 99.99, 100)
STATS = (
    *("Type", "Name", "Request Count", "Failure Count", "Median Response Time", "Average Response Time"),
    *("Min Response Time", "Max Response Time", "Average Content Size", "Requests/s", "Failures/s"),
    *(f"{percent:g}%" for percent in PERCENTS),
)
ABSENT = "N/A"
FORMULA = ("=", "+", "-", "@")

Cell = str | int | float | None


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return a CSV; None is an empty cell, and a text that a spreadsheet would run as a formula is neutralised."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def series_csv(apps: Sequence[str], points: Iterable[Point]) -> str:
    """Return one row for each second that is kept."""
    return csv_text(header := columns(apps), ([point[column] for column in header] for point in points))


def stats_csv(path: str, span: Span) -> str:
    """Return an app's totals as Locust's statistics: exact, latencies of right answers only, in ms.

    The name is the same in both apps' files, so that `make compare` matches the rows.
    """
    figures = _figures(span)
    return csv_text(STATS, [["GET", path, *figures], ["", "Aggregated", *figures]])


def _figures(span: Span) -> list[Cell]:
    """Return the cells behind type and name; without a right answer latencies are 0 and percentiles absent."""
    percentiles: list[Cell] = [ABSENT] * len(PERCENTS)
    spread = [0.0, 0.0, 0.0, 0.0]
    if span.answers:
        exact = [span.ranked_ms(percent / 100 * span.answers) for percent in PERCENTS]
        spread = [exact[0], span.good.get_mean_value() / 1000, span.ranked_ms(1), exact[-1]]
        percentiles = [*exact]
    size = span.size / span.requests if span.requests else 0
    rates = (span.per_second(span.requests) or 0, span.per_second(span.failures) or 0)
    return [span.requests, span.failures, *spread, size, *rates, *percentiles]


def _harmless(cell: Cell) -> Cell:
    return "'" + cell if isinstance(cell, str) and cell.startswith(FORMULA) else cell
