"""Run one command so that nothing of it outlives the harness.

Run as a script: `guard.py PIPE CPUS COMMAND...` (PIPE: a file descriptor; CPUS: numbers with commas, or - for any).
PIPE is the read end of a pipe whose write end only the harness has. When it closes, whatever ended the harness, the
guard ends the command's whole process group, and every process that left the group: as a subreaper it inherits those.
PDEATHSIG on the command alone would leave the workers of gunicorn, Hypercorn and Locust alive; it is the second line,
for a guard that is killed. It is SIGTERM, since a leader that is killed leaves Hypercorn's workers behind; so a command
that ignores SIGTERM survives where guard and harness are both killed.

stderr is the log, a file that can be read: what the command prints goes through the guard, which bounds its size.
stdout is the log too, or belongs to the command alone.

It imports little and nothing of this package, because it is started before every server and every trial.
"""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

GRACE_S = 2.0  # between SIGTERM and SIGKILL
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # linux/prctl.h
ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM, signal.SIGXCPU)
CHUNK = 65_536
MOST_LOGGED, KEPT = 1_048_576, 131_072  # bytes of a log; of its beginning and its end when it becomes longer


def main() -> int:
    """Run the command until it ends, the pipe closes or a signal comes; return its exit code (128 + n for signal n)."""
    pipe, cpus, command = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
    wakeup = _listen_for_signals()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
        if cpus != "-":
            os.sched_setaffinity(0, {int(cpu) for cpu in cpus.split(",")})
    printed, into = os.pipe()
    log = Log(printed)
    try:
        child = _start(command, into)
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)
        return 127
    os.close(into)
    while child.poll() is None:
        ready = log.wait([pipe, wakeup])
        if pipe in ready or (wakeup in ready and set(ENDING) & set(os.read(wakeup, 64))):
            break
    _end(child, log)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


class Log:
    """The log, stderr: it is fed from a pipe, and has never more than MOST_LOGGED bytes and a chunk."""

    def __init__(self, printed: int) -> None:
        self._printed: int | None = printed

    def wait(self, others: list[int], timeout_s: float | None = None) -> list[int]:
        """Write down what is printed, until one of the others is readable (return those) or the time is over."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            own = [] if self._printed is None else [self._printed]
            ready = select.select([*others, *own], [], [], left)[0]
            if self._printed in ready:
                self._write(os.read(own[0], CHUNK))
                ready.remove(own[0])
            if ready or left == 0:
                return ready

    def _write(self, text: bytes) -> None:
        """Add to the log; a disk that is full costs the log, not the command."""
        if not text:
            self._printed = None
            return
        with contextlib.suppress(OSError):
            os.write(2, text)
            if (size := os.fstat(2).st_size) > MOST_LOGGED:
                end = os.pread(2, KEPT, size - KEPT)
                os.ftruncate(2, KEPT)
                os.write(2, b"\n[ ... left out: this log became too long ... ]\n" + end)


def _start(command: list[str], into: int) -> "subprocess.Popen[bytes]":
    """Start the command in a group of its own; what it prints goes to the log, but for a stdout that is its own."""
    guard = os.getpid()

    def end_with_the_guard() -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != guard:
                os._exit(1)

    own_stdout = not os.path.sameopenfile(1, 2)
    return subprocess.Popen(
        command, stdout=None if own_stdout else into, stderr=into, process_group=0, preexec_fn=end_with_the_guard
    )


def _listen_for_signals() -> int:
    """Return a file descriptor that gets a byte for each SIGCHLD and each signal of ENDING.

    Ctrl-C is ignored, since the harness handles it.
    """
    readable, writable = os.pipe()
    os.set_blocking(writable, False)
    signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, *ENDING):
        signal.signal(number, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return readable


def _end(child: "subprocess.Popen[bytes]", log: Log) -> None:
    """End the group, politely first, then everything that is still a child of this process."""
    deadline = time.monotonic() + GRACE_S
    _signal_group(child, signal.SIGTERM)
    while (child.poll() is None or _orphans(child)) and time.monotonic() < deadline:
        log.wait([], 0.01)
    _signal_group(child, signal.SIGKILL)
    child.wait()
    while orphans := _orphans(child):
        for pid in orphans:
            os.kill(pid, signal.SIGKILL)
        log.wait([], 0.01)
    log.wait([], 0.0)


def _signal_group(child: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def _orphans(child: "subprocess.Popen[bytes]") -> list[int]:
    """Return the pids that this process has inherited and that still run, reaping those that have ended (Linux)."""
    listed = Path("/proc/thread-self/children")
    pids = [int(pid) for pid in listed.read_text().split()] if listed.exists() else []
    return [pid for pid in pids if pid != child.pid and os.waitpid(pid, os.WNOHANG) == (0, 0)]


if __name__ == "__main__":
    sys.exit(main())
