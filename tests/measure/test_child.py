"""A child stands still while it is held, and goes on afterwards."""

import os
import sys
from pathlib import Path

import psutil
from polling import poll

from harness.measure.child import Child

BURN = "while True: pass"


def test_a_child_that_is_held_stands_still_and_then_goes_on(tmp_path: Path) -> None:
    command = [sys.executable, "-c", BURN]
    with Child("burner", command, log=tmp_path / "log", environment=os.environ, cwd=tmp_path) as child:
        (process,) = poll(child.processes, 10, "the command runs")

        with child.held():
            poll(lambda: process.status() == psutil.STATUS_STOPPED, 10, "it stands still")

        poll(lambda: process.status() != psutil.STATUS_STOPPED, 10, "it goes on")


def test_a_child_that_has_ended_can_be_held(tmp_path: Path) -> None:
    with Child("brief", ["true"], log=tmp_path / "log", environment=os.environ, cwd=tmp_path) as child:
        assert child.wait(10) == 0

        with child.held():
            pass
