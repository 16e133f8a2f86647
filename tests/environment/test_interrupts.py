"""Ctrl-C, SIGTERM and a closed terminal at any moment: a short word, exit code 130, nothing left."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from polling import poll
from running import PLAIN, ROOT, command

MOMENTS_S = (0.0, 0.1, 0.3, 0.6, 1.0, 1.6)
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def started(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A bench that has just installed its first handlers."""
    (folder / "tmp").mkdir()
    environment = {**os.environ, **PLAIN, "TMPDIR": str(folder / "tmp")}
    words = command("bench", "--results", folder / "results")
    with subprocess.Popen(
        words, cwd=ROOT, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        poll(lambda: _handles(process.pid, signal.SIGTERM), 60, "handlers")
        yield process
        process.kill()


def _handles(pid: int, number: signal.Signals) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)


@pytest.mark.parametrize(("number", "moment_s"), [*zip(SIGNALS * 2, MOMENTS_S, strict=True)])
def test_an_interrupt_at_any_moment_of_the_start_ends_it_in_a_word(
    number: signal.Signals, moment_s: float, tmp_path: Path
) -> None:
    with started(tmp_path) as process:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(moment_s)
        process.send_signal(number)
        _, said = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "interrupted" in said
    assert "Traceback" not in said
    assert list((tmp_path / "tmp").iterdir()) == []


def test_several_interrupts_are_one(tmp_path: Path) -> None:
    with started(tmp_path) as process:
        poll(lambda: psutil.Process(process.pid).children(), 60, "a child")
        for number in (*SIGNALS, *SIGNALS):
            process.send_signal(number)
        _, said = process.communicate(timeout=60)

    assert process.returncode == 130
    assert said.count("interrupted") == 1
    assert list((tmp_path / "tmp").iterdir()) == []


def test_nohup_keeps_its_meaning(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with started(tmp_path) as process:
            ignored = not _handles(process.pid, signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)

    assert ignored


def test_ctrl_c_into_a_pipe_whose_reader_dies_of_it_keeps_the_wall_time(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    words = command("bench", "--profile", "smoke", "--results", tmp_path, "--lanes", "quart", "--points", "1")
    with subprocess.Popen(
        words, cwd=ROOT, env={**os.environ, **PLAIN}, stdout=writer, stderr=writer, start_new_session=True
    ) as process:
        os.close(writer)
        poll(lambda: list(tmp_path.glob("*/run.json")), 90, "a run")
        poll(lambda: '"verdict_point"' in next(tmp_path.glob("*/run.json")).read_text(), 90, "a plan")
        os.close(reader)
        process.send_signal(signal.SIGINT)
        process.wait(60)

    noted = next(tmp_path.glob("*Z-smoke/run.json")).read_text()
    assert process.returncode == 130
    assert '"status": "interrupted"' in noted
    assert '"wall_s": 0.0,' not in noted


SWALLOWED = """
import sys
from harness import cli

@cli.app.command()
def waits() -> None:
    try:
        print("waits", flush=True)
        sys.stdin.readline()
    except BaseException:  # as an import in C does
        {then}
    sys.stdin.readline()

cli.main()
"""


@pytest.mark.parametrize("then", ["pass", "raise ImportError from None"])
def test_an_interrupt_that_a_package_swallows_or_turns_into_its_own_error_is_one(then: str) -> None:
    words = [sys.executable, "-c", SWALLOWED.format(then=then), "waits"]
    with subprocess.Popen(
        words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waits\n"
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        said = process.stderr.read() if process.stderr else ""

    assert process.returncode == 130
    assert said == "interrupted; what is finished is kept\n"


def test_what_ends_after_an_interrupt_ends_whole() -> None:
    words = [
        sys.executable,
        "-c",
        SWALLOWED.format(then="sum(range(10**7)); print('ended whole', flush=True); raise"),
        "waits",
    ]
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waits\n"
        process.send_signal(signal.SIGTERM)
        assert process.stdout.readline() == "ended whole\n"
        process.wait(60)

    assert process.returncode == 130
