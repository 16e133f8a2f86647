"""Run one command so that nothing of it outlives the harness.

Run as a script: `guard.py PIPE CPUS COMMAND...` (PIPE: a file descriptor; CPUS: numbers with commas, or - for any).
PIPE is the read end of a pipe whose write end only the harness has. When it closes, whatever ended the harness, the
guard ends the command's whole process group, and every process that left the group: as a subreaper it inherits those.
PDEATHSIG on the command alone would leave the workers of gunicorn, Hypercorn and Locust alive.

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
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


def main() -> int:
    """Run the command until it ends, the pipe closes or SIGTERM comes; return its exit code (128 + n for signal n)."""
    pipe, cpus, command = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
    wakeup = _listen_for_signals()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
        if cpus != "-":
            os.sched_setaffinity(0, {int(cpu) for cpu in cpus.split(",")})
    try:
        child = subprocess.Popen(command, process_group=0)
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)
        return 127
    while child.poll() is None:
        ready = select.select([pipe, wakeup], [], [])[0]
        if pipe in ready or signal.SIGTERM in os.read(wakeup, 64):
            break
    _end(child)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def _listen_for_signals() -> int:
    """Return a file descriptor that gets a byte for each SIGCHLD and SIGTERM; ignore Ctrl-C, the harness handles it."""
    readable, writable = os.pipe()
    os.set_blocking(writable, False)
    signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return readable


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the group, politely first, then everything that is still a child of this process."""
    deadline = time.monotonic() + GRACE_S
    _signal_group(child, signal.SIGTERM)
    while (child.poll() is None or _orphans(child)) and time.monotonic() < deadline:
        select.select([], [], [], 0.01)
    _signal_group(child, signal.SIGKILL)
    child.wait()
    while orphans := _orphans(child):
        for pid in orphans:
            os.kill(pid, signal.SIGKILL)
        select.select([], [], [], 0.01)


def _signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def _orphans(child: subprocess.Popen[bytes]) -> list[int]:
    """Return the pids that this process has inherited and that still run, reaping those that have ended (Linux)."""
    listed = Path("/proc/thread-self/children")
    pids = [int(pid) for pid in listed.read_text().split()] if listed.exists() else []
    return [pid for pid in pids if pid != child.pid and os.waitpid(pid, os.WNOHANG) == (0, 0)]


if __name__ == "__main__":
    sys.exit(main())
