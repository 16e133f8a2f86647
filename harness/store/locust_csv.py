"""The windows of a lane at a point, all blocks, as the reports of Locust's `--csv`: its columns, exact values.

A report of exceptions is not written: the generator's own errors end a trial. One of failures only where there are any.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.judge.rows import Evidence, Flags, Floats
from harness.judge.window import SECOND_US, Micros, micros, parts, places_s, seconds_of
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
ABSENT = "N/A"


@dataclass(frozen=True)
class Window:
    """The answers of a trial's window in order of their place, and where it lies on the wall clock, in seconds."""

    route: npt.NDArray[np.str_]
    error: npt.NDArray[np.str_]
    failed: Flags
    latency_s: Floats
    bytes: Floats
    place: Micros  # from the window's opening
    length_s: float
    opened_at: float

    @property
    def seconds(self) -> Iterator[tuple[float, float, int, int]]:
        """Each second: how long it is, when it ends on the wall clock, its first answer, and that of the next."""
        length = int(micros(self.length_s))
        for part, begin, end in seconds_of(0, (0, length), 0):
            if part == "window":
                first, last = np.searchsorted(self.place, [begin, end]).tolist()
                yield (end - begin) / SECOND_US, self.opened_at + end / SECOND_US, first, last


def window_of(evidence: Evidence, opened_at: float) -> Window:
    """Return the window of a trial that opened at this moment of the wall clock, in seconds."""
    requests = evidence.requests
    inside = np.flatnonzero(parts(requests, evidence.window, evidence.load)["window"] & ~requests.are("censored"))
    place = micros(places_s(requests, evidence.load)) - micros(evidence.window[0])
    order = inside[np.argsort(place[inside], kind="stable")]
    return Window(
        route=np.asarray(requests.route, dtype=np.str_)[order],
        error=np.asarray(requests.error, dtype=np.str_)[order],
        failed=requests.are("failed")[order],
        latency_s=requests.latency_s[order],
        bytes=requests.bytes[order],
        place=place[order],
        length_s=evidence.window[1] - evidence.window[0],
        opened_at=opened_at,
    )


def reports(windows: Sequence[Window], users: int) -> dict[str, str]:
    """Return the text of each report by the end of its file name; open load has 0 users."""
    texts = {"stats": csv_text(STATS, _stats(windows)), "stats_history": csv_text(HISTORY, _history(windows, users))}
    failures = _failures(windows)
    return texts | ({"failures": csv_text(FAILURES, failures)} if failures else {})


@dataclass(frozen=True)
class _Answers:
    failed: Flags
    latency_s: Floats
    bytes: Floats

    def only(self, which: Flags | slice) -> "_Answers":
        return _Answers(self.failed[which], self.latency_s[which], self.bytes[which])


def _all(windows: Sequence[Window]) -> _Answers:
    columns = ([getattr(window, name) for window in windows] for name in ("failed", "latency_s", "bytes"))
    return _Answers(*map(np.concatenate, columns))


def _stats(windows: Sequence[Window]) -> list[list[Cell]]:
    answers, seconds = _all(windows), sum(window.length_s for window in windows)
    routes = np.concatenate([window.route for window in windows])
    named = [("GET", route, answers.only(routes == route)) for route in np.unique(routes).tolist()]
    return [
        [kind, name, *_totals(some), *_rates(some, seconds), *_percentiles(some.latency_s)]
        for kind, name, some in [*named, ("", "Aggregated", answers)]
    ]


def _history(windows: Sequence[Window], users: int) -> list[list[Cell]]:
    """One row a second; unlike Locust's, its percentiles are those of that second alone."""
    rows: list[list[Cell]] = []
    answers, before = _all(windows), 0
    for window in windows:
        for length_s, ends_at, first, last in window.seconds:
            second, so_far = answers.only(slice(before + first, before + last)), answers.only(slice(before + last))
            count, failures, *spread = _totals(so_far)
            rates, percentiles = _rates(second, length_s), _percentiles(second.latency_s)
            rows.append([int(ends_at), users, "", "Aggregated", *rates, *percentiles, count, failures, *spread])
        before += len(window.place)
    return rows


def _failures(windows: Sequence[Window]) -> list[list[Cell]]:
    found = Counter(
        (route, error)
        for window in windows
        for route, error in zip(window.route[window.failed].tolist(), window.error[window.failed].tolist(), strict=True)
    )
    return [["GET", route, error, occurrences] for (route, error), occurrences in sorted(found.items())]


def _totals(answers: _Answers) -> list[Cell]:
    """Return counts, then median, mean, minimum and maximum in ms, then the mean size in bytes; zeros for none."""
    if not len(answers.failed):
        return [0, 0, 0, 0, 0, 0, 0]
    ms = answers.latency_s * 1000
    spread = (np.median(ms), ms.mean(), ms.min(), ms.max(), answers.bytes.mean())
    return [len(ms), int(answers.failed.sum()), *(float(value) for value in spread)]


def _rates(answers: _Answers, seconds: float) -> list[Cell]:
    return [len(answers.failed) / seconds, float(answers.failed.sum()) / seconds]


def _percentiles(latencies_s: Floats) -> Sequence[Cell]:
    if len(latencies_s) == 0:
        return [ABSENT] * len(PERCENTS)
    return [float(value) * 1000 for value in np.percentile(latencies_s, PERCENTS, method="inverted_cdf")]
