"""Where a run's processes live: folders, environment, cores."""

import os
import resource
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from harness.errors import UsageError
from harness.measure.probes import Cores

ROOT = Path(__file__).resolve().parents[2]
# What would redirect a client or change Locust's settings behind our back.
UNWANTED = (
    *("LOCUST_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "GUNICORN_", "WEB_CONCURRENCY"),
    *("HYPERCORN_", "PYTHON", "FLASK_", "QUART_", "UPSTREAM_"),
)
MANY_FILES = 10_240
FILES_BESIDE = 100  # what a process has open besides its connections


@dataclass(frozen=True)
class Site:
    """The scratch folder for logs and rows, and the cores to pin to."""

    scratch: Path
    cores: Cores

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of a child: ours, with this interpreter's commands first and no foreign settings."""
        ours = {name: value for name, value in os.environ.items() if not name.upper().startswith(UNWANTED)}
        commands = os.pathsep.join([str(Path(sys.executable).parent), ours.get("PATH", os.defpath)])
        return {**ours, "PATH": commands, **more}


def allow_many_files() -> None:
    """Raise the soft limit of open files to the hard one, for this process and its children."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = max(soft, MANY_FILES) if hard == resource.RLIM_INFINITY else hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (enough, hard))


def require_files(connections: int) -> None:
    """Raise UsageError where a process may not open as many files as it needs for its connections."""
    allowed, needed = resource.getrlimit(resource.RLIMIT_NOFILE)[0], connections + FILES_BESIDE
    if needed > allowed:
        raise UsageError(
            f"{connections:,} connections need {needed:,} open files, and a process may open {allowed:,}",
            hint=f"lower the load, or raise the limit first: ulimit -Hn {needed}",
        )


def free_port() -> int:
    """Return a loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
