"""Every error that reaches the user: what failed, what to type, and the exit code."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What a command's end means; README lists them."""

    DONE = 0
    MISSED = 1  # a threshold is missed, a verdict is worse, a study does not keep its promise
    USAGE = 2  # wrong usage, bad input, or an output that cannot be written
    INVALID = 3  # a point without a valid trial, a server that cannot be measured, a run that `verify` rejects
    INTERRUPTED = 130


class HarnessError(Exception):
    """A failure the user can do something about.

    `str(error)` says what failed and why; `hint` says what to type; `exit_code` is the process's exit code.
    """

    exit_code = ExitCode.USAGE

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(HarnessError):
    """Wrong usage or bad input (exit code 2)."""


class MeasurementError(HarnessError):
    """The measurement is invalid: a server, the stub or the generator failed (exit code 3)."""

    exit_code = ExitCode.INVALID


class Interrupted(BaseException):
    """Ctrl-C, SIGTERM or SIGHUP: end everything, keep what is finished (exit code 130)."""
