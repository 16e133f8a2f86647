"""Runs that are broken off, or lose a process: nothing is left behind, and what was measured is kept."""

import contextlib
import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import psutil
import pytest
from polling import poll
from running import ROOT, command, in_process, only_run, rows, small_config


def info(run: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((run / "run.json").read_text())
    return loaded


def broken_off(number: signal.Signals, folder: Path) -> tuple[int, Path]:
    """Send a run a signal once its first trial is stored; return its exit code and what it left."""
    words = command("bench", "--config", small_config(folder), "--results", folder / "results")
    with subprocess.Popen(words, cwd=ROOT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as run:
        poll(lambda: list((folder / "results").glob("*/trials.csv")), 60, "the first trial is stored")
        family = psutil.Process(run.pid).children(recursive=True)
        run.send_signal(number)
        run.wait(30)
        poll(lambda: not any(process.is_running() for process in family), 30, "all processes have ended")
    return run.returncode, only_run(folder / "results")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_broken_off_leaves_no_process_and_keeps_its_trial(number: signal.Signals, tmp_path: Path) -> None:
    code, run = broken_off(number, tmp_path)

    assert code == 130
    assert [trial["status"] for trial in rows(run / "trials.csv")] == ["valid"]
    assert info(run)["status"] == "interrupted"


def test_a_run_that_is_killed_leaves_no_process_and_can_be_resumed(tmp_path: Path) -> None:
    code, run = broken_off(signal.SIGKILL, tmp_path)
    (before,) = rows(run / "trials.csv")

    resumed = in_process("bench", "--resume", tmp_path / "results" / "latest")

    assert code == -signal.SIGKILL
    assert resumed.returncode == 0, resumed.stderr
    assert rows(run / "trials.csv")[0] == before
    assert {trial["lane"] for trial in rows(run / "trials.csv")} == {"threads", "quart"}
    assert info(run)["status"] == "complete"


def test_a_run_that_is_broken_off_while_it_calibrates_says_how_to_go_on(tmp_path: Path) -> None:
    config = small_config(tmp_path, names=("quart",))
    config.write_text(config.read_text().replace("calibrate = false", "calibrate = true"))
    words = command("bench", "--config", config, "--results", tmp_path / "results")
    with subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as run:
        assert run.stderr is not None
        said = next(line for line in run.stderr if "calibrating" in line)
        run.send_signal(signal.SIGINT)
        said += run.stderr.read()

    assert run.returncode == 130, said
    assert "go on with: make bench RESUME=" in said
    assert info(only_run(tmp_path / "results"))["status"] == "interrupted"


@pytest.mark.parametrize("started", [1, 3, 6])
def test_a_run_that_is_broken_off_before_its_first_trial_leaves_no_process(started: int, tmp_path: Path) -> None:
    """Guard and stub; then guard, generator and server; then the server's worker too: whatever has started by then."""
    words = command("bench", "--config", small_config(tmp_path), "--results", tmp_path / "results")
    with subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as run:
        family = poll(lambda: _at_least(started, run), 60, f"{started} processes run")
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=60)
        poll(lambda: not any(process.is_running() for process in family), 30, "all processes have ended")

    assert run.returncode == 130, said
    assert "Traceback" not in said


def _at_least(count: int, run: subprocess.Popen[str]) -> list[psutil.Process]:
    family = psutil.Process(run.pid).children(recursive=True)
    return family if len(family) >= count else []


def test_a_generator_that_dies_makes_its_trial_invalid_and_its_pair_is_repeated(tmp_path: Path) -> None:
    words = command("bench", "--config", small_config(tmp_path), "--results", tmp_path / "results")
    with subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as run:
        poll(lambda: _kill_generator(run), 60, "a generator loads the server")
        _, said = run.communicate(timeout=120)

    trials = rows(only_run(tmp_path / "results") / "trials.csv")
    assert run.returncode == 0, said
    assert "the measurement failed" in trials[0]["reasons"]
    assert [(trial["block"], trial["status"]) for trial in trials[1:]] == [("1", "valid")] + [("301", "valid")] * 2


def _kill_generator(run: subprocess.Popen[str]) -> bool:
    """Kill a Locust that runs; say whether there was one."""
    for process in psutil.Process(run.pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "locust" in process.cmdline()[:3]:
                process.kill()
                return True
    return False
