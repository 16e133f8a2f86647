"""What the servers and the stub say of themselves once a second; what went away has no figure."""

import contextlib
import time
from collections.abc import Mapping, Sequence
from typing import Any

import psutil
import requests

STUB_TIMEOUT_S = 0.5
HEALTH_TIMEOUT_S = 1.0


class Processor:
    """The CPU time of a process and of all that it started.

    A child that ends while it is read is missing from that total, and in its parent's from the next on: a total that
    falls once is not believed, so that nothing is lost and nothing counts twice. One that stays low is: what a child
    used that nobody waits for is gone with it.
    """

    def __init__(self, pid: int) -> None:
        self.root: psutil.Process | None = None
        with contextlib.suppress(psutil.NoSuchProcess):
            self.root = psutil.Process(pid)
        self.seen_s = self._total_s()
        self.fell = False

    def used_s(self) -> float | None:
        """Return the CPU seconds since the last question; None where the process is, or was then, gone."""
        before, now = self.seen_s, self._total_s()
        self.fell = before is not None and now is not None and now < before and not self.fell
        self.seen_s = before if self.fell else now
        return None if before is None or self.seen_s is None else max(0.0, self.seen_s - before)

    def _total_s(self) -> float | None:
        """Return the CPU seconds of the tree, its reaped children included."""
        if self.root is None or not self.root.is_running():
            return None
        try:
            return _cpu_s(self.root) + sum(map(_cpu_s_if_there, self.root.children(recursive=True)))
        except psutil.NoSuchProcess:
            return None


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


def _cpu_s_if_there(process: psutil.Process) -> float:
    with contextlib.suppress(psutil.NoSuchProcess):
        return _cpu_s(process)
    return 0.0


def health_ms(url: str) -> float | None:
    """Ask for an app's health as an orchestrator does, on a new connection; return ms, None without an answer in time.

    An answer is 200 within a second.
    """
    began_s = time.monotonic()
    with contextlib.suppress(requests.RequestException), requests.Session() as http:
        http.trust_env = False
        if http.get(url, timeout=HEALTH_TIMEOUT_S).status_code == requests.codes.ok:
            return 1000 * (time.monotonic() - began_s)
    return None


class Upstream:
    """The stub: its counters, and its faults."""

    def __init__(self, url: str) -> None:
        self.url = url + "/control/stats"
        self.faults_url = url + "/control/faults"
        self.http = requests.Session()
        self.http.trust_env = False

    def in_flight(self) -> int | None:
        """Return how many upstream calls wait for their answer now; None where the stub does not say."""
        try:
            stats: dict[str, Any] = self.http.get(self.url, timeout=STUB_TIMEOUT_S).json()
            return int(stats["in_flight"])
        except (requests.RequestException, KeyError, TypeError, ValueError):
            return None

    def set_faults(self, faults: Sequence[Mapping[str, Any]]) -> bool:
        """Let these faults hit calls from now on, no others; say whether the stub has taken them."""
        try:
            return self.http.put(self.faults_url, json=list(faults), timeout=STUB_TIMEOUT_S).ok
        except requests.RequestException:
            return False
