"""The window of a trial as the four reports of Locust's `--csv`, with its columns and with exact values."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.facts.records import Load
from harness.judge.rows import Flags, Floats, Requests
from harness.judge.window import Window, intervals, parts, places_s
from harness.store.files import Cell, csv_text

PERCENTS = (50, 66, 75, 80, 90, 95, 98, 99, 99.9, 99.99, 100)
PERCENT_COLUMNS = tuple(f"{percent:g}%" for percent in PERCENTS)
STATS = (
    *("Type", "Name", "Request Count", "Failure Count", "Median Response Time", "Average Response Time"),
    *("Min Response Time", "Max Response Time", "Average Content Size", "Requests/s", "Failures/s"),
    *PERCENT_COLUMNS,
)
HISTORY = (
    *("Timestamp", "User Count", "Type", "Name", "Requests/s", "Failures/s"),
    *PERCENT_COLUMNS,
    *("Total Request Count", "Total Failure Count", "Total Median Response Time", "Total Average Response Time"),
    *("Total Min Response Time", "Total Max Response Time", "Total Average Content Size"),
)
FAILURES = ("Method", "Name", "Error", "Occurrences")
EXCEPTIONS = ("Count", "Message", "Traceback", "Nodes")
ABSENT = "N/A"


@dataclass(frozen=True)
class Reported:
    """What the reports are made of; `opened_at` is the wall clock at the window's opening, in seconds.

    Open load has 0 users.
    """

    requests: Requests
    window: Window
    load: Load
    users: int
    opened_at: float

    @property
    def inside(self) -> Flags:
        """Which answers belong to the window."""
        return parts(self.requests, self.window, self.load)["window"] & ~self.requests.are("censored")

    @property
    def seconds(self) -> float:
        """Length of the window in seconds."""
        return self.window[1] - self.window[0]


def reports(reported: Reported) -> dict[str, str]:
    """Return the text of each report by the end of its file name."""
    return {
        "stats": csv_text(STATS, _stats(reported)),
        "stats_history": csv_text(HISTORY, _history(reported)),
        "failures": csv_text(FAILURES, _failures(reported)),
        "exceptions": csv_text(EXCEPTIONS, []),
    }


def _stats(reported: Reported) -> list[list[Cell]]:
    inside = reported.inside
    routes = np.asarray(reported.requests.route)
    named = [(route, inside & (routes == route)) for route in sorted(set(reported.requests.route))]
    return [
        [kind, name, *_totals(reported.requests, which), *_rates(reported, which), *_percentiles(reported, which)]
        for kind, name, which in [*(("GET", name, which) for name, which in named), ("", "Aggregated", inside)]
    ]


def _history(reported: Reported) -> list[list[Cell]]:
    """One row a second of the window; unlike Locust's, its percentiles are those of that second alone."""
    rows: list[list[Cell]] = []
    place_s = places_s(reported.requests, reported.load)
    for second in intervals(reported.requests, reported.window, reported.load):
        if second.part != "window":
            continue
        until_s = reported.window[0] + second.at_s + second.length_s
        so_far = reported.inside & (place_s < until_s)
        latencies = np.concatenate([second.ok, second.failed])
        count, failures, *spread = _totals(reported.requests, so_far)
        rows.append(
            [
                *(int(reported.opened_at + second.at_s + second.length_s), reported.users, "", "Aggregated"),
                *(len(latencies) / second.length_s, len(second.failed) / second.length_s),
                *_percentile_cells(latencies),
                *(count, failures, *spread),
            ]
        )
    return rows


def _failures(reported: Reported) -> list[list[Cell]]:
    requests = reported.requests
    failed = reported.inside & requests.are("failed")
    found = Counter((requests.route[place], requests.error[place]) for place in np.flatnonzero(failed).tolist())
    return [["GET", route, error, occurrences] for (route, error), occurrences in sorted(found.items())]


def _totals(requests: Requests, which: Flags) -> list[Cell]:
    """Return counts, then median, mean, minimum and maximum in ms, then the mean size in bytes; zeros for none."""
    count, failures = int(which.sum()), int((which & requests.are("failed")).sum())
    if count == 0:
        return [0, 0, 0, 0, 0, 0, 0]
    ms = requests.latency_s[which] * 1000
    spread = (np.median(ms), ms.mean(), ms.min(), ms.max(), requests.bytes[which].mean())
    return [count, failures, *(float(value) for value in spread)]


def _rates(reported: Reported, which: Flags) -> list[Cell]:
    failed = which & reported.requests.are("failed")
    return [float(which.sum()) / reported.seconds, float(failed.sum()) / reported.seconds]


def _percentiles(reported: Reported, which: Flags) -> Sequence[Cell]:
    return _percentile_cells(reported.requests.latency_s[which])


def _percentile_cells(latencies_s: Floats) -> Sequence[Cell]:
    if len(latencies_s) == 0:
        return [ABSENT] * len(PERCENTS)
    return [float(value) * 1000 for value in np.percentile(latencies_s, PERCENTS, method="inverted_cdf")]
