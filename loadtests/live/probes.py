"""What the servers and the stub say of themselves once a second; what went away has no figure."""

import contextlib
from typing import Any

import psutil
import requests

STUB_TIMEOUT_S = 0.5


class Processor:
    """The CPU time of a process and of all that it started."""

    def __init__(self, pid: int) -> None:
        self.root: psutil.Process | None = None
        with contextlib.suppress(psutil.NoSuchProcess):
            self.root = psutil.Process(pid)
        self.seen_s = self._total_s()

    def used_s(self) -> float | None:
        """Return the CPU seconds since the last question; None where the process is, or was then, gone."""
        before, self.seen_s = self.seen_s, self._total_s()
        return None if before is None or self.seen_s is None else max(0.0, self.seen_s - before)

    def _total_s(self) -> float | None:
        """Return the CPU seconds of the tree, its reaped children included."""
        if self.root is None or not self.root.is_running():
            return None
        try:
            return sum(map(_cpu_s, [self.root, *self.root.children(recursive=True)]))
        except psutil.NoSuchProcess:
            return None


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


class Upstream:
    """The stub's counters."""

    def __init__(self, url: str) -> None:
        self.url = url + "/control/stats"
        self.http = requests.Session()
        self.http.trust_env = False

    def in_flight(self) -> int | None:
        """Return how many upstream calls wait for their answer now; None where the stub does not say."""
        try:
            stats: dict[str, Any] = self.http.get(self.url, timeout=STUB_TIMEOUT_S).json()
            return int(stats["in_flight"])
        except (requests.RequestException, KeyError, TypeError, ValueError):
            return None
