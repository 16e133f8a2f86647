"""A server that others started: it is looked at, as far as its process is known, and left as it is."""

import threading
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from harness.errors import MeasurementError, UsageError
from harness.facts.config import Lane


class Outsider:
    """What a Child is for a server of ours: its processes, its end, its log; nothing where that is not known."""

    def __init__(self, name: str, log: Path, root: psutil.Process | None) -> None:
        self.name, self.log, self._root = name, log, root

    @property
    def exit_code(self) -> int | None:
        """None while it runs, as far as that is known; 0 once it has ended."""
        return None if self._root is None or self._root.is_running() else 0

    def processes(self) -> list[psutil.Process]:
        """Return the server's processes; none where they are not known."""
        try:
            return [] if self._root is None else [self._root, *self._root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def wait(self, seconds: float) -> int | None:
        """Wait for its end, at most so long; return as exit_code. Of one whose process is not known no end is seen."""
        try:
            if self._root is None:
                threading.Event().wait(max(0.0, seconds))
            else:
                self._root.wait(max(0.0, seconds))
        except psutil.TimeoutExpired:
            return None
        return self.exit_code

    def log_tail(self) -> str:
        """Return nothing: its log is not ours."""
        return ""

    def failure(self, what: str, hint: str = "") -> MeasurementError:
        """Return the error that says what it did wrong."""
        return MeasurementError(f"{self.name} {what}", hint=hint)

    def stop(self) -> None:
        """Leave it running."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()


def outsider(name: str, lane: Lane, log: Path) -> Outsider:
    """Return the server that a lane names by its url; UsageError where its pid or pid_file names no process."""
    pid = lane.pid if lane.pid_file is None else _read_pid(name, Path(lane.pid_file))
    try:
        root = None if pid is None else psutil.Process(pid)
        if root is not None and Path("/proc/self").exists():
            Path(f"/proc/{pid}/exe").readlink()
    except psutil.NoSuchProcess:
        raise UsageError(f"lane {name}: there is no process {pid}", hint="correct its pid, or leave it out") from None
    except PermissionError:
        raise UsageError(
            f"lane {name}: process {pid} belongs to another user", hint="run as that user or root, or leave out the pid"
        ) from None
    return Outsider(f"lane {name}", log, root)


def _read_pid(name: str, path: Path) -> int:
    try:
        return int(path.read_text())
    except (OSError, ValueError) as error:
        raise UsageError(f"lane {name}: cannot read a pid in {path}: {error}", hint="correct its pid_file") from None
