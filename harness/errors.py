"""Every error that reaches the user: what failed, and what to type."""


class HarnessError(Exception):
    """A failure the user can do something about.

    `str(error)` says what failed and why; `hint` says what to type; `exit_code` is the process's exit code.
    """

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(HarnessError):
    """Wrong usage or bad input (exit code 2)."""


class MeasurementError(HarnessError):
    """The measurement is invalid: a server, the stub or the generator failed (exit code 3)."""

    exit_code = 3


class Interrupted(BaseException):
    """Ctrl-C or SIGTERM: end everything, keep what is finished (exit code 130)."""
