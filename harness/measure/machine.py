"""What a run was measured on: machine, versions, commit."""

import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from harness.measure.probes import MIB, Cores, available_cores
from harness.measure.quota import quota
from harness.measure.site import ROOT

PACKAGES = ("flask", "quart", "requests", "aiohttp", "gunicorn", "hypercorn", "uvloop", "gevent", "locust", "werkzeug")
OTHERS = ("uvicorn", "granian", "fastapi")  # of lanes that may be there


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that are measured or measure."""
    others = {package: found for package in OTHERS if (found := _version(package))}
    return {"python": platform.python_version(), **{package: version(package) for package in PACKAGES}, **others}


def machine(cores: Cores) -> dict[str, str]:
    """Return what is known of this machine, in words."""
    pinned = (
        f"server on core {_list(cores.server)}; generator, stub and harness on {_list(cores.driver)}"
        if cores.server
        else "not possible here"
    )
    return {
        "system": f"{platform.system()} {platform.release()}",
        "processor": _processor(),
        "cores": _cores(),
        "memory": f"{psutil.virtual_memory().total / MIB / 1024:.0f} GiB",
        "pinning": pinned,
    }


def commit() -> str:
    """Return the project's commit, marked where files differ from it; "unknown" outside a repository."""
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _list(cores: tuple[int, ...]) -> str:
    return ", ".join(map(str, cores))


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _cores() -> str:
    """Return the number of cores, and what keeps this process from using all of them."""
    count, allowed, limited = psutil.cpu_count() or 1, available_cores(), quota()
    usable = f", of which {allowed} may be used" if allowed < count else ""
    return f"{count}{usable}" + (f", cgroup quota of {limited.cores:g}" if limited else "")


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    if not listed.exists():
        return platform.processor()
    names = [
        line.partition(":")[2].strip() for line in listed.read_text().splitlines() if line.startswith("model name")
    ]
    return names[0] if names else platform.machine()
