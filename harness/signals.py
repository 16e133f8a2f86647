"""What ends a command from outside: Ctrl-C, SIGTERM, and a terminal that is closed (SIGHUP)."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

from harness.errors import ExitCode, Interrupted

INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ENDING_S = 10.0  # a closed terminal sends SIGHUP twice, and make passes SIGTERM on: one interrupt, not several
AGAIN_S = 0.02


def leave_at_once() -> None:
    """Let an interrupt end this process without an exception, which an import could swallow: nothing has begun yet."""
    _install(lambda *_: _leave())


def raise_interrupted() -> "Raiser":
    """Let an interrupt raise Interrupted, until it comes through; more of them change nothing while the command ends.

    A destructor loses an exception, and so does an import of a package in C, or makes an ImportError of it.
    """
    raiser = Raiser()
    _install(raiser)
    sys.unraisablehook = _report_unless_interrupted
    return raiser


def ignore_interrupts() -> None:
    """Let nothing more end this process: it is ending, with its own exit code."""
    signal.setitimer(signal.ITIMER_REAL, 0)
    for number in INTERRUPTS:
        signal.signal(number, signal.SIG_IGN)


def _install(action: Callable[[int, FrameType | None], object]) -> None:
    """Install it for SIGINT too where that is ignored, as in a job in the background; `nohup` keeps its meaning."""
    for number in INTERRUPTS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, action)
    signal.signal(signal.SIGALRM, action)


def _leave() -> NoReturn:
    with contextlib.suppress(OSError):
        os.write(2, b"interrupted\n")
    os._exit(ExitCode.INTERRUPTED)


class Raiser:
    """What a signal calls: it raises Interrupted, and again as long as that gets lost."""

    def __init__(self) -> None:
        self._ending_since = -ENDING_S

    @property
    def has_raised(self) -> bool:
        """Whether it has raised Interrupted, whatever has become of that."""
        return self._ending_since > 0

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        """Raise Interrupted for a signal, unless the command is ending already; for the alarm, if that got lost."""
        now = time.monotonic()
        lost = number == signal.SIGALRM and not _is_handled(sys.exc_info()[1])
        if lost or (number != signal.SIGALRM and now - self._ending_since > ENDING_S):
            self._ending_since = now
            signal.setitimer(signal.ITIMER_REAL, AGAIN_S, AGAIN_S)
            raise Interrupted


def _is_handled(error: BaseException | None) -> bool:
    """Whether this exception, whose handler or clean-up runs, came of Interrupted: then it is on its way."""
    while error and not isinstance(error, Interrupted):
        error = error.__context__
    return error is not None


def _report_unless_interrupted(lost: "sys.UnraisableHookArgs") -> None:
    if not isinstance(lost.exc_value, Interrupted):
        sys.__unraisablehook__(lost)
