"""Nothing of a run outlives it."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import psutil
import pytest
from polling import poll

from harness.measure.child import Child

FAMILY = "sleep 100 & setsid sleep 200 & (trap '' TERM; sleep 300; sleep 300) & sleep 400"
PROGRAM = """
import os, sys
from pathlib import Path
from harness.measure.child import Child
child = Child("family", ["sh", "-c", sys.argv[1]], log=Path(sys.argv[2]), environment=os.environ, cwd=Path("."))
print("started", flush=True)
sys.stdin.read()
"""


def child(tmp_path: Path, *command: str, talks: bool = False) -> Child:
    return Child("it", command, log=tmp_path / "log", environment=os.environ, cwd=tmp_path, talks=talks)


def running(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [process for process in processes if _runs(process)]


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # it ended between the two questions
        return False


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_whatever_ends_the_harness_ends_every_process_it_started(tmp_path: Path, number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, FAMILY, str(tmp_path / "log")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as harness:
        assert harness.stdout is not None
        assert harness.stdout.readline() == b"started\n"
        family = poll(lambda: _complete(psutil.Process(harness.pid).children(recursive=True)), 10, "the family runs")

        harness.send_signal(number)

        assert poll(lambda: not running(family), 10, "all have ended")


def _complete(family: list[psutil.Process]) -> list[psutil.Process]:
    """Return the family once the guard, the shell, the sub-shell and the four sleeps are there."""
    return family if len(family) == 7 else []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGXCPU])
def test_a_guard_that_gets_a_signal_ends_what_it_guards_and_then_itself(tmp_path: Path, number: signal.Signals) -> None:
    with child(tmp_path, "sh", "-c", FAMILY) as it:
        family = poll(lambda: it.processes() if len(it.processes()) == 6 else [], 10, "the family runs")

        psutil.Process(family[0].pid).parent().send_signal(number)  # type: ignore[union-attr]

        assert poll(lambda: not running(family), 10, "all have ended")


def test_a_command_whose_guard_is_killed_is_asked_to_end_and_its_session_is_killed_on_stop(tmp_path: Path) -> None:
    with child(tmp_path, "sh", "-c", "sleep 100 & (trap '' TERM; sleep 200; sleep 300) & wait") as it:
        family = poll(lambda: it.processes() if len(it.processes()) == 4 else [], 10, "the family runs")

        psutil.Process(family[0].pid).parent().kill()  # type: ignore[union-attr]

        poll(lambda: not family[0].is_running(), 10, "the leader has ended")
    assert poll(lambda: not running(family), 5, "the others have ended")


CLOSED = {"stdin": "<&-", "stdout": ">&-", "stderr": "2>&-", "all": "<&- >&- 2>&-"}
TALKER = """
import os, sys, time
from pathlib import Path
from harness.measure.child import Child
options = dict(log=Path(sys.argv[1]), environment=os.environ, cwd=Path("."))
talker = Child("talker", ["cat"], talks=True, **options)
family = Child("family", ["sh", "-c", "sleep 1000 & setsid sleep 1000 & wait"], **options)
talker.tell("hello")
assert talker.hear(time.monotonic() + 10) == "hello"
Path(sys.argv[2]).write_text("talked")
talker.wait(1000)
"""


def none_left(mark: str) -> bool:
    """Say whether no running process has this mark in its environment."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get("TEST_MARK") == mark:
                found.append(process)
    return not running(found)


@pytest.mark.parametrize("form", CLOSED)
def test_kills_at_random_moments_leave_no_process_whatever_descriptors_are_closed(tmp_path: Path, form: str) -> None:
    """Five for each form: the fifth after all children have started, the others while they do."""
    chance = random.Random(form)
    script = f'exec "$@" {CLOSED[form]}'
    for turn, number in enumerate([signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL, signal.SIGKILL]):
        talked = tmp_path / f"talked-{turn}"
        command = ["sh", "-c", script, "sh", sys.executable, "-c", TALKER, str(tmp_path / "log"), str(talked)]
        with subprocess.Popen(command, env={**os.environ, "TEST_MARK": str(talked)}) as harness:
            if turn == 4:
                poll(talked.exists, 20, "the talker answers")
            else:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    harness.wait(chance.uniform(0.1, 0.8))
            harness.send_signal(number)

        poll(partial(none_left, str(talked)), 10, "nothing is left")


def test_a_command_that_floods_its_log_leaves_its_beginning_and_its_end(tmp_path: Path) -> None:
    flood = "echo first words; yes 'a line of a flood' | head -c 100000000; echo last words"
    it = child(tmp_path, "sh", "-c", flood)

    assert it.wait(60) == 0
    written = (tmp_path / "log").read_text()
    assert len(written) < 2_000_000
    assert written.startswith("first words\n")
    assert written.endswith("last words\n")
    assert "left out" in written


def test_stop_ends_what_left_the_group_and_what_ignores_sigterm(tmp_path: Path) -> None:
    with child(tmp_path, "sh", "-c", FAMILY) as it:
        family = poll(lambda: it.processes() if len(it.processes()) == 6 else [], 10, "the family runs")

    assert not running(family)


def test_the_exit_code_is_the_commands(tmp_path: Path) -> None:
    assert child(tmp_path, "sh", "-c", "exit 7").wait(5) == 7


def test_a_command_that_was_killed_reports_the_signal(tmp_path: Path) -> None:
    assert child(tmp_path, "sh", "-c", "kill -9 $$").wait(5) == 128 + 9


def test_an_error_ends_with_the_end_of_the_log(tmp_path: Path) -> None:
    it = child(tmp_path, "sh", "-c", "seq 1 100; echo last words >&2; exit 1")
    it.wait(5)

    message = str(it.failure("failed"))

    assert "last words" in message
    assert "100" in message
    assert "50" not in message


def test_a_command_that_does_not_exist_is_said(tmp_path: Path) -> None:
    it = child(tmp_path, "no-such-command")

    assert it.wait(5) == 127
    assert "no-such-command: No such file or directory" in it.log_tail()


def test_a_child_that_talks_is_told_and_heard(tmp_path: Path) -> None:
    with child(tmp_path, "sh", "-c", "read line; echo heard $line; echo more", talks=True) as it:
        it.tell("hello")

        assert it.hear(deadline=time.monotonic() + 10) == "heard hello"
        assert it.hear(deadline=time.monotonic() + 10) == "more"
