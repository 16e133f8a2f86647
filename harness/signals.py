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


def raise_interrupted() -> None:
    """Let an interrupt raise Interrupted; more of them change nothing while the command ends."""
    _install(_Raiser())
    sys.unraisablehook = _raise_again


def ignore_interrupts() -> None:
    """Let nothing more end this process: it is ending, with its own exit code."""
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


class _Raiser:
    def __init__(self) -> None:
        self._ending_since = -ENDING_S

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if number == signal.SIGALRM or now - self._ending_since > ENDING_S:
            self._ending_since = now
            raise Interrupted


def _raise_again(lost: "sys.UnraisableHookArgs") -> None:
    """Interrupt again, soon, where Interrupted got lost in a destructor; report everything else as usual."""
    if isinstance(lost.exc_value, Interrupted):
        signal.setitimer(signal.ITIMER_REAL, AGAIN_S)
    else:
        sys.__unraisablehook__(lost)
