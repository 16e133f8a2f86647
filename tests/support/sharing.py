"""What is made once for all workers of a test run."""

import fcntl
from collections.abc import Callable
from pathlib import Path

import pytest
from alone import outside


def shared(name: str, factory: pytest.TempPathFactory, worker: str, fill: Callable[[Path], object]) -> Path:
    """Return a folder that the worker who asks first fills; the others wait for it, and nobody writes into it."""
    base = factory.getbasetemp()
    folder = (base if worker == "master" else base.parent) / name
    with folder.with_suffix(".lock").open("w") as lock:
        with outside():
            fcntl.flock(lock, fcntl.LOCK_EX)
        if not (done := folder.with_suffix(".done")).exists():
            folder.mkdir()
            fill(folder)
            done.touch()
    return folder
