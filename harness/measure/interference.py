"""What the machine does beside the run: stolen time, other processes, pressure."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from harness.facts.trial import Interference
from harness.measure.quota import quota

TOTAL = re.compile(r"some .*total=(\d+)")


@dataclass(frozen=True)
class Counters:
    """The machine's counters at one moment, in seconds since its start; None where the system does not tell."""

    steal_s: float | None
    busy_s: float
    memory_pressure_s: float | None
    io_pressure_s: float | None
    busy_s_by_core: tuple[float, ...]
    throttled_s: float | None  # by the cgroup's quota, which is `quota_cores`
    quota_cores: float | None


def look() -> Counters:
    """Read the counters."""
    cpu, allowed = psutil.cpu_times(), quota()
    return Counters(
        steal_s=getattr(cpu, "steal", None),
        busy_s=_busy_s(cpu),
        memory_pressure_s=_pressure_s("memory"),
        io_pressure_s=_pressure_s("io"),
        busy_s_by_core=tuple(map(_busy_s, psutil.cpu_times(percpu=True))),
        throttled_s=allowed.throttled_s if allowed else None,
        quota_cores=allowed.cores if allowed else None,
    )


def _busy_s(cpu: Any) -> float:
    """Return the seconds of psutil's times in which something ran, of this machine (guest time is in user time)."""
    idle = sum(getattr(cpu, name, 0.0) for name in ("idle", "iowait", "steal", "guest", "guest_nice"))
    return float(sum(cpu) - idle)


@dataclass(frozen=True)
class Own:
    """CPU seconds that are the run's own: of all its processes, of the server and of the probe beside it on `cores`."""

    all_s: float
    server_s: float = 0.0
    probe_s: float = 0.0
    cores: tuple[int, ...] = ()  # of a server that is pinned


def interference(
    before: Counters, after: Counters, seconds: float, own: Own, speed: float | None = None
) -> Interference:
    """Return what happened between two moments that are `seconds` apart; `speed` is that of the server's core."""

    def share(earlier: float | None, later: float | None) -> float | None:
        return None if earlier is None or later is None else max(0.0, later - earlier) / seconds

    return Interference(
        steal_share=share(before.steal_s, after.steal_s),
        foreign_share=share(before.busy_s + own.all_s, after.busy_s),
        memory_pressure_share=share(before.memory_pressure_s, after.memory_pressure_s),
        io_pressure_share=share(before.io_pressure_s, after.io_pressure_s),
        server_busy_share=share(_of(before, own.cores, own.server_s + own.probe_s), _of(after, own.cores, 0.0)),
        throttled_share=share(before.throttled_s, after.throttled_s),
        cgroup_quota_cores=after.quota_cores,
        speed=speed,
        probe_share=own.probe_s / seconds if own.cores else None,
    )


def _of(counters: Counters, cores: tuple[int, ...], more_s: float) -> float | None:
    """Return the busy seconds of these cores, and `more_s`; None without cores, or where one is not counted."""
    if not cores or max(cores) >= len(counters.busy_s_by_core):
        return None
    return sum(counters.busy_s_by_core[core] for core in cores) + more_s


def _pressure_s(what: str) -> float | None:
    """Return for how long some process has waited (Documentation/accounting/psi.rst); None where it is not known."""
    try:
        found = TOTAL.search(Path(f"/proc/pressure/{what}").read_text())
    except OSError:
        return None
    return int(found[1]) / 1e6 if found else None
