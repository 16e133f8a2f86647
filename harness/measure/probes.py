"""What the machine says of processes and sockets while a trial runs."""

import contextlib
import functools
import os
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import psutil

from harness.errors import UsageError

MIB = 1024 * 1024
LISTEN = "0A"  # TCP_LISTEN in include/net/tcp_states.h


@dataclass(frozen=True)
class Usage:
    """What processes have used: CPU seconds since their start; and `each` by its pid.

    `queue_s` is how long they were ready to run and had no core (Linux, main threads).
    """

    cpu_s: float = 0.0
    queue_s: float = 0.0
    each: "Mapping[int, Usage]" = field(default_factory=dict)


NOTHING = Usage()


def usage(processes: Iterable[psutil.Process]) -> Usage:
    """Return what these processes have used so far; one that has just ended counts nothing."""
    each: dict[int, Usage] = {}
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError, OSError):
            each[process.pid] = Usage(_cpu_seconds(process), _queue_seconds(process))
    return Usage(
        sum(used.cpu_s for used in each.values()),
        sum(used.queue_s for used in each.values()),
        each,
    )


@dataclass(frozen=True)
class Footprint:
    """What processes hold now: threads, and memory in MiB as PSS, a page shared by n of them counting 1/n for each.

    None where the system does not tell.
    """

    pss_mib: float | None
    threads: int


def footprint(processes: Iterable[psutil.Process]) -> Footprint:
    """Return what these processes hold together; one that has just ended holds nothing. It takes some ms."""
    pss_mib: list[float | None] = []
    threads = 0
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
            threads += process.num_threads()
            pss_mib.append(_pss_mib(process))
    known = [one for one in pss_mib if one is not None]
    return Footprint(sum(known) if known and len(known) == len(pss_mib) else None, threads)


def _pss_mib(process: psutil.Process) -> float | None:
    """Return the proportional set size, from /proc/<pid>/smaps_rollup; None where it cannot be read."""
    try:
        pss = getattr(process.memory_full_info(), "pss", None)
    except (psutil.AccessDenied, OSError):
        return None
    return None if pss is None else pss / MIB


def _queue_seconds(process: psutil.Process) -> float:
    """Return the second figure of /proc/<pid>/schedstat (Documentation/scheduler/sched-stats.rst); 0 elsewhere."""
    figures = Path(f"/proc/{process.pid}/schedstat")
    return int(figures.read_text().split()[1]) / 1e9 if figures.exists() else 0.0


def _cpu_seconds(process: psutil.Process) -> float:
    """Return the CPU seconds of a process, its ended threads and its reaped children.

    Linux has a clock of nanosecond grain for each process (clock_getcpuclockid(3): the pid's complement, shifted by
    three, plus 2 for scheduler time); psutil's figures come in ticks of 10 ms, which is too coarse for short trials.
    """
    times = process.cpu_times()
    if sys.platform != "linux":
        return float(times.user + times.system)
    return time.clock_gettime((~process.pid << 3) | 2) + float(times.children_user + times.children_system)


def accept_queue(port: int) -> int | None:
    """Return how many connections wait to be accepted on a loopback port (Linux; None elsewhere).

    For a listening socket it is the rx_queue column of /proc/net/tcp (proc_net_tcp in the kernel's documentation).
    """
    table = Path("/proc/net/tcp")
    if not table.exists():
        return None
    rows = (line.split() for line in table.read_text().splitlines()[1:])
    return sum(
        int(row[4].split(":")[1], 16) for row in rows if row[3] == LISTEN and int(row[1].split(":")[1], 16) == port
    )


def listen_overflows() -> int | None:
    """Return how often any listen queue of this machine has overflowed; None where the system does not tell."""
    try:
        return overflows_in(Path("/proc/net/netstat").read_text())
    except OSError:
        return None


def overflows_in(table: str) -> int | None:
    """Return ListenOverflows of a /proc/net/netstat; None where it is not there (gVisor's has names and no values)."""
    lines = [line.split() for line in table.splitlines()]
    for names, values in pairwise(lines):
        if names[:1] == values[:1] == ["TcpExt:"] and "ListenOverflows" in names[: len(values)]:
            return int(values[names.index("ListenOverflows")])
    return None


@functools.cache
def _allowed() -> tuple[int, ...]:
    """Return the cores that this process was given (taskset, cpusets), whatever it restricts itself to later."""
    return tuple(sorted(os.sched_getaffinity(0))) if sys.platform == "linux" else tuple(range(os.cpu_count() or 1))


def available_cores() -> int:
    """Return how many cores the run may use."""
    return len(_allowed())


@dataclass(frozen=True)
class Cores:
    """Which cores serve and which drive (Locust and the stub); both empty where pinning is not possible."""

    server: tuple[int, ...] = ()
    driver: tuple[int, ...] = ()

    def serving(self, count: int) -> tuple[int, ...]:
        """Return the cores of a server that gets `count` of those that serve."""
        return self.server[-count:]

    @property
    def everything(self) -> tuple[int, ...]:
        """All cores, for a lane that is not pinned."""
        return self.driver + self.server


def split_cores(serve: int = 1) -> Cores:
    """Return the last `serve` cores for servers and the others for the driver.

    None where nothing can be pinned: one core, or no Linux. UsageError where a server is to have more than there are.
    """
    driver, server = _allowed()[:-serve], _allowed()[-serve:]
    if driver and sys.platform == "linux":
        return Cores(server, driver)
    if serve > 1:
        raise UsageError(
            f"a server of {serve} cores, and one core for the load: this machine can pin to {available_cores()}",
            hint=f"lanes with cores = {max(1, available_cores() - 1)} or fewer, or another machine",
        )
    return Cores()


def stay_off_the_server(cores: Cores) -> None:
    """Keep this process, too, on the driver's cores: its own work must not interrupt the server."""
    if cores.driver:
        os.sched_setaffinity(0, cores.driver)
