"""Tests run beside one another; one that measures, and that the others have spoiled, has the machine for itself.

A readers-writer lock of two files, by all workers of a test run: who holds the `room` runs, all together or one alone;
who holds the `gate` is the next to enter, so that those who come later wait behind one who wants to be alone.
"""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import IO

_open: tuple[IO[str], IO[str]] | None = None  # gate and room, while a test of this process is in it


@contextlib.contextmanager
def beside_others(folder: Path) -> Iterator[None]:
    """Run together with the other tests whose locks are in this folder; wait while one of them is alone."""
    global _open
    with (folder / "gate").open("w") as gate, (folder / "room").open("w") as room:
        _open = gate, room
        _enter(gate, room)
        try:
            yield
        finally:
            _open = None


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Wait until no other test runs, and let none begin until the block ends."""
    gate, room = _entered()
    fcntl.flock(room, fcntl.LOCK_UN)
    fcntl.flock(gate, fcntl.LOCK_EX)
    fcntl.flock(room, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(room, fcntl.LOCK_SH)
        fcntl.flock(gate, fcntl.LOCK_UN)


@contextlib.contextmanager
def outside() -> Iterator[None]:
    """Wait for another test within the block, without being in its way."""
    gate, room = _entered()
    fcntl.flock(room, fcntl.LOCK_UN)
    try:
        yield
    finally:
        _enter(gate, room)


def _entered() -> tuple[IO[str], IO[str]]:
    assert _open, "no test runs"
    return _open


def _enter(gate: IO[str], room: IO[str]) -> None:
    fcntl.flock(gate, fcntl.LOCK_EX)
    fcntl.flock(room, fcntl.LOCK_SH)
    fcntl.flock(gate, fcntl.LOCK_UN)
