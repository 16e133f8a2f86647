"""Waiting in tests: look again until a deadline, never sleep and hope."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")
_PAUSE = threading.Event()


def poll(look: Callable[[], Seen], seconds: float, what: str) -> Seen:
    """Return what `look` sees once it is true; fail with `what` after the deadline."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        _PAUSE.wait(0.02)
    return seen
