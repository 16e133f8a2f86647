"""A run that was stopped in a window and continued does not pass for one that watched."""

import csv
import signal
import subprocess
import threading
from pathlib import Path

import psutil
from bounds import BOUNDS
from polling import poll
from running import ROOT, command, small_config

WARMUP_S = 1.0  # the least, of tests/bench/small.toml
STOPPED_S = 3.0


def test_a_trial_in_which_the_harness_was_stopped_is_invalid_and_says_so(tmp_path: Path) -> None:
    config = small_config(tmp_path, names=("quart",))
    # long enough that the stop falls into it however late the load is seen
    text = config.read_text().replace("window_s = 0.75", "window_s = 4")
    config.write_text(text.replace("still_ms = 100000\n", f"still_ms = {BOUNDS['still_ms']}\n"))
    words = command("bench", "--config", config, "--results", tmp_path / "results", "--blocks", "1")
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        poll(lambda: under_load(run.pid), 60, "the load has begun")
        threading.Event().wait(WARMUP_S + 0.5)
        run.send_signal(signal.SIGSTOP)
        threading.Event().wait(STOPPED_S)
        run.send_signal(signal.SIGCONT)
        run.wait(60)

    (table,) = (tmp_path / "results").glob("2*/trials.csv")
    with table.open(newline="") as file:
        first = next(csv.DictReader(file))
    assert first["status"] == "invalid", first
    assert "the harness stood still" in first["reasons"] or "the harness was stopped" in first["reasons"], first


def under_load(harness: int) -> bool:
    """Say whether Locust has the connections of its four users."""
    for process in psutil.Process(harness).children(recursive=True):
        try:
            if "--locustfile" in process.cmdline() and "guard.py" not in " ".join(process.cmdline()):
                return len(process.net_connections("tcp")) >= 4
        except psutil.Error:
            continue
    return False
