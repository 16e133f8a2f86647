"""The CPU quota of this process's cgroup, and how long it has held processes back (Linux, cgroups v1 and v2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC, MOUNTS = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Quota:
    """How many cores a cgroup may use, and the seconds for which its processes have been throttled so far."""

    cores: float
    throttled_s: float | None


def quota(listed: Path = PROC, mounts: Path = MOUNTS) -> Quota | None:
    """Return the tightest quota of this process's cgroup and of those above it; None where there is none."""
    found = (one for folder in _folders(listed, mounts) if (one := _quota_of(folder)) is not None)
    return min(found, key=lambda one: one.cores, default=None)


def _folders(listed: Path, mounts: Path) -> Iterator[Path]:
    """Yield the folders of the cgroup and of those above it; a container may see the mount's root as its own."""
    try:
        lines = listed.read_text().splitlines()
    except OSError:
        return
    for _, controllers, path in (line.split(":", 2) for line in lines if line.count(":") >= 2):
        if controllers and "cpu" not in controllers.split(","):
            continue
        for root in (mounts / "cpu", mounts / "cpu,cpuacct") if controllers else (mounts, mounts / "unified"):
            own = root / path.lstrip("/")
            yield from (folder for folder in (own, *own.parents) if folder == root or root in folder.parents)


def _quota_of(folder: Path) -> Quota | None:
    """Return the quota of one cgroup (Documentation/admin-guide/cgroup-v2.rst; scheduler/sched-bwc.rst for v1)."""
    if (version2 := _words(folder / "cpu.max")) and version2[0] != "max":
        cores = int(version2[0]) / int(version2[1])
    elif (allowed := _words(folder / "cpu.cfs_quota_us")) and int(allowed[0]) > 0:
        cores = int(allowed[0]) / int(_words(folder / "cpu.cfs_period_us")[0])
    else:
        return None
    words = _words(folder / "cpu.stat")
    stat = dict(zip(words[::2], map(int, words[1::2]), strict=True))
    if "throttled_usec" in stat:
        return Quota(cores, stat["throttled_usec"] / 1e6)
    return Quota(cores, stat["throttled_time"] / 1e9 if "throttled_time" in stat else None)


def _words(path: Path) -> list[str]:
    try:
        return path.read_text().split()
    except OSError:
        return []
