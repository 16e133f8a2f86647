"""A process of a run: started behind a guard, watched, and ended with everything it started."""

import contextlib
import fcntl
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from harness.errors import MeasurementError

GUARD = Path(__file__).with_name("guard.py")
STOP_S = 6.0  # the guard's grace, twice, and its own end
LOG_LINES = 15


class Child:
    """A command that runs, with its output in `log`; ended on leaving the `with` block.

    stdin and stdout are pipes when `talks`, else stdin is empty and stdout goes to the log.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str],
        cwd: Path,
        cpus: Sequence[int] = (),
        talks: bool = False,
    ) -> None:
        self.name, self.log, self._heard = name, log, b""
        self._life: int | None
        reader, self._life = _pipe()
        with log.open("wb+") as output:  # the guard reads it too
            fcntl.fcntl(output, fcntl.F_SETFL, os.O_APPEND)
            self._process = subprocess.Popen(
                [sys.executable, "-SE", str(GUARD), str(reader), ",".join(map(str, cpus)) or "-", *command],
                stdin=subprocess.PIPE if talks else subprocess.DEVNULL,
                stdout=subprocess.PIPE if talks else output,
                stderr=output,
                pass_fds=(reader,),
                env=dict(environment),
                cwd=cwd,
                start_new_session=True,
            )
        os.close(reader)

    def tell(self, line: str) -> None:
        """Write a line to the stdin of a child that talks; MeasurementError if it has ended."""
        assert self._process.stdin is not None  # noqa: S101 - only a child that talks is told something
        try:
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self.failure("ended too early") from None

    def hear(self, deadline: float) -> str:
        """Return the next line from the stdout of a child that talks; MeasurementError at its end or the deadline."""
        assert self._process.stdout is not None  # noqa: S101 - only a child that talks is heard
        pipe = self._process.stdout.fileno()
        while b"\n" not in self._heard:
            if not select.select([pipe], [], [], until(deadline))[0]:
                raise self.failure("said nothing in time")
            if not (more := os.read(pipe, 4096)):
                raise self.failure("ended too early")
            self._heard += more
        line, _, self._heard = self._heard.partition(b"\n")
        return line.decode()

    @property
    def exit_code(self) -> int | None:
        """The command's exit code, None while it runs."""
        return self._process.poll()

    def processes(self) -> list[psutil.Process]:
        """Return the command's processes, those it started included; the guard is not one of them."""
        try:
            return psutil.Process(self._process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def wait(self, seconds: float) -> int | None:
        """Wait for the end, at most `seconds`; return the exit code, or None if it still runs."""
        try:
            return self._process.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            return None

    def log_tail(self) -> str:
        """Return the last lines of the log, for an error's text."""
        return tail_of(self.log)

    def failure(self, what: str, hint: str = "") -> MeasurementError:
        """Return the error that says what this child did wrong, with the end of its log."""
        return failure_of(self.name, what, self.log, hint)

    def stop(self) -> None:
        """End the command and everything it started; return when all of it is gone."""
        if self._life is not None:
            os.close(self._life)
            self._life = None
        if self.wait(STOP_S) is None:
            self._process.kill()
            self._process.wait()
        if self._process.returncode < 0:  # a guard that was killed has left its session behind
            _kill_session(self._process.pid)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):  # the other end is gone
                    pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()


def _pipe() -> tuple[int, int]:
    """Return a pipe's two ends, above the standard descriptors: one of those would be overwritten in the child."""
    ends = os.pipe()
    reader, writer = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 3) for end in ends)
    for end in ends:
        os.close(end)
    return reader, writer


def _kill_session(leader: int) -> None:
    """Kill every process of a session, whose leader has ended."""
    for pid in psutil.pids():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.getsid(pid) == leader:
                os.kill(pid, signal.SIGKILL)


def until(deadline: float) -> float:
    """Return the seconds that are left until a moment of CLOCK_MONOTONIC, at least 0."""
    return max(0.0, deadline - time.monotonic())


def failure_of(name: str, what: str, log: Path, hint: str = "") -> MeasurementError:
    """Return the error that says what a process did wrong, with the end of its log."""
    tail = tail_of(log)
    said = f"; its log ends:\n{tail}" if tail else " and logged nothing"
    return MeasurementError(f"{name} {what}{said}", hint=hint)


def tail_of(log: Path) -> str:
    """Return the last lines of a log, set in; empty where there is none."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join("    " + line for line in lines[-LOG_LINES:])
