"""Where a run's processes live: folders, environment, cores."""

import os
import resource
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.errors import UsageError
from harness.facts.config import LOOPBACK
from harness.measure.probes import Cores

ROOT = Path(__file__).resolve().parents[2]
# What would redirect a client or change Locust's settings behind our back.
UNWANTED = (
    *("LOCUST_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "GUNICORN_", "WEB_CONCURRENCY"),
    *("HYPERCORN_", "PYTHON", "FLASK_", "QUART_", "UPSTREAM_"),
)
MANY_FILES = 10_240
ROOM = 4 * 1024 * 1024  # bytes that temporary files take at least
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


def most_clients(calls: int) -> int:
    """Return for how many clients a process may open files, each with so many upstream calls at once.

    The server needs most: a connection of each client, and one for each call. The generator has only the former, the
    stub the latter.
    """
    return (resource.getrlimit(resource.RLIMIT_NOFILE)[0] - FILES_BESIDE) // (1 + calls)


def require_files(clients: int, calls: int) -> None:
    """Raise UsageError where a process may not open as many files as it needs for so many clients."""
    if clients > most_clients(calls):
        allowed, needed = resource.getrlimit(resource.RLIMIT_NOFILE)[0], (1 + calls) * clients + FILES_BESIDE
        raise UsageError(
            f"the server of {clients:,} clients needs {needed:,} open files, and a process may open {allowed:,}",
            hint=f"choose a lower load, or raise the limit first, as root: ulimit -n {needed}",
        )


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a folder for logs and rows that goes with the block; UsageError names the cause where it cannot be written.

    Whatever the umask, we may use what we make.
    """
    os.umask(os.umask(0o077) & 0o077)
    try:
        folder = tempfile.TemporaryDirectory(prefix="flask-vs-quart-", ignore_cleanup_errors=True)
    except OSError as error:
        raise _no_scratch(error) from None
    with folder:
        try:
            (room := Path(folder.name) / "room").write_bytes(bytes(ROOM))
            room.unlink()
        except OSError as error:
            raise _no_scratch(error) from None
        yield Path(folder.name)


def _no_scratch(error: OSError) -> UsageError:
    where = tempfile.tempdir or "any of the usual folders"
    return UsageError(
        f"cannot write temporary files in {where}: {error.strerror}",
        hint="free some space there, or name a folder that can be written: TMPDIR=/path/to/it",
    )


def free_port(host: str = LOOPBACK) -> int:
    """Return a port that nobody listens on now, at an address of this machine."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
    return port
