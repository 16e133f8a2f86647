"""What the machine says of processes and sockets while a trial runs."""

import contextlib
import os
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

MIB = 1024 * 1024
LISTEN = "0A"  # TCP_LISTEN in include/net/tcp_states.h


@dataclass(frozen=True)
class Usage:
    """What processes have used: CPU seconds since their start, resident memory in MiB, threads; and `each` by its pid.

    `queue_s` is how long they were ready to run and had no core (Linux, main threads). Resident memory is the
    sum over the processes, so pages that they share count once for each.
    """

    cpu_s: float = 0.0
    rss_mib: float = 0.0
    threads: int = 0
    queue_s: float = 0.0
    each: "Mapping[int, Usage]" = field(default_factory=dict)


NOTHING = Usage()


def usage(processes: Iterable[psutil.Process]) -> Usage:
    """Return what these processes have used so far; one that has just ended counts nothing."""
    each: dict[int, Usage] = {}
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError, OSError):
            rss_mib, threads = process.memory_info().rss / MIB, process.num_threads()
            each[process.pid] = Usage(_cpu_seconds(process), rss_mib, threads, _queue_seconds(process))
    return Usage(
        sum(used.cpu_s for used in each.values()),
        sum(used.rss_mib for used in each.values()),
        sum(used.threads for used in each.values()),
        sum(used.queue_s for used in each.values()),
        each,
    )


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
    """Return how often any listen queue of this machine has overflowed (Linux; None elsewhere)."""
    table = Path("/proc/net/netstat")
    if not table.exists():
        return None
    names, values = (line.split() for line in table.read_text().splitlines()[:2])
    return int(values[names.index("ListenOverflows")])


@dataclass(frozen=True)
class Cores:
    """Which cores serve and which drive (Locust and the stub); both empty where pinning is not possible."""

    server: tuple[int, ...] = ()
    driver: tuple[int, ...] = ()

    @property
    def everything(self) -> tuple[int, ...]:
        """All cores, for a lane that is not pinned."""
        return self.driver + self.server


def split_cores() -> Cores:
    """Return the last core for the server and the others for the driver, if there are two or more (Linux)."""
    if sys.platform != "linux":
        return Cores()
    *driver, server = sorted(os.sched_getaffinity(0))
    return Cores((server,), tuple(driver)) if driver else Cores()


def stay_off_the_server(cores: Cores) -> None:
    """Keep this process, too, on the driver's cores: its own work must not interrupt the server."""
    if cores.driver:
        os.sched_setaffinity(0, cores.driver)
