"""What became of the calls: how many, how many at once, how late, and a log of each."""

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from itertools import accumulate
from typing import Any

from upstream.delays import Endpoint

LOG_LIMIT = 1_000_000  # calls that are logged, some 300 MB; later ones are only counted
_UNKNOWN = 20  # targets that nobody declared, of which the number is kept
_GRAIN_S = 1e-5  # lateness is counted in steps of 10 µs, so that reading it takes as long after a million calls


class Ledger:
    """The calls of one trial; durations in seconds, moments in seconds of CLOCK_MONOTONIC."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self.calls: dict[Endpoint, int] = dict.fromkeys(endpoints, 0)
        self.in_flight = self.max_in_flight = 0
        self.unknown: Counter[str] = Counter()
        self._delivered: Counter[Endpoint] = Counter()
        self._delivered_s: dict[Endpoint, float] = dict.fromkeys(self.calls, 0.0)
        self._lateness: Counter[int] = Counter()
        self._log = Log()

    def start(self, request_id: str, endpoint: Endpoint, start_s: float, injected_s: float) -> int:
        """Count a call that has started; return its row in the log."""
        self.calls[endpoint] += 1
        self.in_flight += 1
        if self.in_flight > self.max_in_flight:
            self.max_in_flight = self.in_flight
        return self._log.start(request_id, endpoint, start_s, injected_s)

    def deliver(self, row: int, endpoint: Endpoint, injected_s: float, delivered_s: float, status: int) -> None:
        """Note that a call is answered, `delivered_s` after its start."""
        self._delivered[endpoint] += 1
        self._delivered_s[endpoint] += delivered_s
        self._lateness[round((delivered_s - injected_s) / _GRAIN_S)] += 1
        self._log.deliver(row, delivered_s, status)

    def refuse(self, call: str) -> None:
        """Note a call, method and path, that nobody declared."""
        if call in self.unknown or len(self.unknown) < _UNKNOWN:
            self.unknown[call] += 1

    def end(self) -> None:
        """Note that a call is over, answered or not."""
        self.in_flight -= 1

    def stats(self) -> dict[str, Any]:
        """Return the counters as /control/stats shows them; lateness is None before the first answer."""
        return {
            "calls": dict(self.calls),
            "in_flight": self.in_flight,
            "max_in_flight": self.max_in_flight,
            "unknown": dict(self.unknown),
            "lateness_ms": _percentiles_ms(self._lateness) if self._lateness else None,
            "delivered_mean_s": {
                endpoint: self._delivered_s[endpoint] / count for endpoint, count in self._delivered.items() if count
            },
        }

    def log(self) -> dict[str, list[Any]]:
        """Return the calls that have started, by column; `delivered_s` and `status` are None without an answer."""
        return vars(self._log)


class Log:
    """One row for each call, kept as columns: a row would be an object more to keep and to turn into JSON."""

    def __init__(self) -> None:
        self.id: list[str] = []
        self.endpoint: list[Endpoint] = []
        self.start_s: list[float] = []
        self.injected_s: list[float] = []
        self.delivered_s: list[float | None] = []
        self.status: list[int | None] = []

    def start(self, request_id: str, endpoint: Endpoint, start_s: float, injected_s: float) -> int:
        """Return the new row; LOG_LIMIT, which is no row, when the log is full."""
        row = len(self.id)
        if row < LOG_LIMIT:
            self.id.append(request_id)
            self.endpoint.append(endpoint)
            self.start_s.append(start_s)
            self.injected_s.append(injected_s)
            self.delivered_s.append(None)
            self.status.append(None)
        return row

    def deliver(self, row: int, delivered_s: float, status: int) -> None:
        """Complete a row."""
        if row < LOG_LIMIT:
            self.delivered_s[row] = delivered_s
            self.status[row] = status


def _percentiles_ms(lateness: Counter[int]) -> dict[str, float]:
    """Return minimum, percentiles (nearest rank) and maximum, in ms, of lateness that was counted in grains."""
    grains = sorted(lateness)
    ranks = list(accumulate(lateness[grain] for grain in grains))

    def percentile(share: float) -> float:
        rank = max(1, math.ceil(share * ranks[-1]))
        return round(grains[bisect_left(ranks, rank)] * _GRAIN_S * 1000, 2)

    return {"min": percentile(0), "p50": percentile(0.5), "p99": percentile(0.99), "max": percentile(1)}
