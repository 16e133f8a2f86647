"""A run over four machines: namespaces on one wire, with clocks of their own, reached through a stand-in for ssh.

`KILLS=20 pytest -n 0 tests/hand/test_machines_live.py` kills harness, worker and hand at so many random moments each
(the stand-in for ssh becomes the hand, so its end is that of the pipe); the suite kills the harness once, and a worker
in one of its trials.
"""

import contextlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import psutil
import pytest
from namespaces import ADDRESSES, AHEAD_S, Machines
from polling import poll
from running import ROOT, command, only_run, outcome, rows, small_config

from harness.bench.verify import differences

SECRET = "known-to-the-lane-alone"  # noqa: S105 - made up
WITHOUT_CHARTS = (  # which take CPU time, and are no part of this
    "from importlib import import_module; import_module('harness.report.publish').drawings = lambda _: ();"
    "from harness.cli import main; main()"
)
PAUSE = threading.Event()
KILLS = int(os.environ.get("KILLS", "0"))
KINDS = ("harness", "worker", "hand")
TURNS = [(kind, turn) for kind in KINDS for turn in range(KILLS)] or [("harness", 0)]
LOST = "r80"  # the trial in which a worker is killed


def started(four: Machines, folder: Path, *more: str) -> "subprocess.Popen[str]":
    """Start a run whose server is on alpha, its lane with a secret."""
    config = small_config(folder, names=("quart",))
    quart = 'identity = "quart"\n'
    config.write_text(config.read_text().replace(quart, quart + 'env = { KEY = "${HOSTS_SECRET}" }\n'))
    words = ("--config", str(config), "--results", str(folder / "results"), "--server", four.host("alpha"), *more)
    return subprocess.Popen(
        four.command(sys.executable, "-c", WITHOUT_CHARTS, "bench", *words),
        cwd=ROOT,
        env=four.environment | {"HOSTS_SECRET": SECRET},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def everywhere(four: Machines) -> list[str]:
    """Return the options of a run that has its stub on beta, one worker there and one on gamma."""
    workers = f"{four.host('beta')},{four.host('gamma')}"
    return ["--upstream-host", four.host("beta"), "--workers", workers, "--allow-remote"]


@dataclass
class Seen:
    """A run that has ended: its folder, and what was seen meanwhile."""

    folder: Path
    said: str
    listening: dict[str, set[str]] = field(default_factory=dict)
    words: set[str] = field(default_factory=set)

    @property
    def trials(self) -> list[dict[str, str]]:
        """The trials that lost nothing."""
        return [trial for trial in outcome(self.folder) if LOST not in trial["trial"]]

    @property
    def counts(self) -> list[dict[str, Any]]:
        """The counts of these trials."""
        lines = (self.folder / "counts.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines if LOST not in line[:60]]


@pytest.fixture(scope="module")
def seen(four: Machines, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    folder = tmp_path_factory.mktemp("apart")
    listening: dict[str, set[str]] = {name: set() for name in ADDRESSES}
    said: set[str] = set()
    with started(four, folder, "--rates", LOST[1:], *everywhere(four)) as run:

        def look() -> bool:
            PAUSE.wait(0.4)
            for worker in victims(four, "worker", run):
                if any(LOST in word for word in worker.cmdline()):
                    PAUSE.wait(2.0)  # for Locust to load; a worker that is gone before the load is lost, too
                    worker.kill()
            for name in ADDRESSES:
                listening[name] |= four.listening(name)
            for process in four.processes():
                with contextlib.suppress(psutil.Error):
                    said.update(process.cmdline())
            return False

        poll(lambda: run.poll() is not None or look(), 120, "the run")
        assert run.stdout is not None
        output = run.stdout.read()
    assert run.returncode == 3, output  # a point has no valid trial
    return Seen(only_run(folder / "results"), output, listening, said)


def test_every_request_is_there_once_and_every_trial_is_valid(seen: Seen) -> None:
    assert [trial["status"] for trial in seen.trials] == ["valid"], [trial["reasons"] for trial in seen.trials]
    for trial in seen.trials:
        assert trial["started"] == trial["ok"]
        assert int(trial["upstream_calls"]) == 2 * int(trial["ok"])


def test_a_trial_that_loses_a_worker_is_invalid_and_the_others_are_not(seen: Seen) -> None:
    (lost,) = [trial for trial in outcome(seen.folder) if LOST in trial["trial"]]

    assert lost["status"] == "invalid"
    assert "1 Locust workers were lost" in lost["reasons"] or "the measurement failed" in lost["reasons"]
    assert len(seen.trials) == 1


def test_the_clocks_of_the_others_are_found_within_a_millisecond(seen: Seen) -> None:
    for watched in (counts["watched"] for counts in seen.counts):
        assert {wire["name"] for wire in watched["wires"]} == {"alpha", "beta", "gamma"}
        for wire in watched["wires"]:
            assert abs(wire["ahead_s"] - AHEAD_S.get(wire["name"], 0)) < 0.001
            assert wire["uncertainty_s"] < 0.05


def test_moments_of_server_and_stub_are_told_on_our_clock(seen: Seen) -> None:
    for counts in seen.counts:
        for anatomy in counts["anatomies"]:
            spans = [*anatomy["spans"], *anatomy["calls"]]
            assert len(spans) == 5  # the handler, two waits, two calls
            for span in spans:
                assert -0.05 < span["start_s"] < anatomy["latency_s"] + 0.05


def test_cpu_and_memory_are_those_of_the_server_and_the_load_is_the_workers(seen: Seen) -> None:
    for trial in seen.trials:
        assert 0.1 < float(trial["cpu_ms_per_request"]) < 100
        assert 10 < float(trial["pss_mib"]) < 500
        assert float(trial["edge_late_ms"]) < 500
        assert 0 < float(trial["rtt_ms"]) < float(trial["latency_p50_ms"])
        assert float(trial["worker_imbalance"]) < 0.5


def test_all_that_the_run_says_follows_from_its_rows(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("harness.report.publish"), "drawings", lambda _: ())

    assert list(differences(seen.folder)) == []


def test_the_report_says_who_shares_a_machine_with_whom(seen: Seen) -> None:
    report = (seen.folder / "report.md").read_text()

    assert "alpha: server; beta: upstream and load; gamma: load; local: harness" in report
    assert "10.77.0.2; " in report


def test_what_listens_does_so_at_the_named_address_alone(seen: Seen) -> None:
    assert seen.listening == {
        "control": {"127.0.0.1"},
        "alpha": {"10.77.0.2"},
        "beta": {"10.77.0.3", "127.0.0.1"},  # the stub, and the way to Locust's master
        "gamma": {"127.0.0.1"},
    }


def test_no_secret_stands_on_a_command_line_or_in_the_run(seen: Seen) -> None:
    assert any("harness.hand" in word for word in seen.words)
    assert not any(SECRET in word for word in seen.words)
    assert not any(SECRET in path.read_text(errors="replace") for path in seen.folder.rglob("*") if path.is_file())


def test_nothing_is_left_on_any_machine(seen: Seen, four: Machines) -> None:
    assert seen.folder.exists()
    assert poll(lambda: not four.processes(), 10, "all have ended")


def test_others_are_not_loaded_unless_that_is_allowed(four: Machines, tmp_path: Path) -> None:
    with started(four, tmp_path) as run:
        said, _ = run.communicate()

    assert run.returncode == 2, said
    assert "this run loads other machines: the server listens at 10.77.0.2" in said
    assert "--allow-remote" in said
    assert not list((tmp_path / "results").glob("*"))


def test_hosts_check_says_which_machine_is_ready_and_what_another_lacks(four: Machines, tmp_path: Path) -> None:
    beta = f"nsenter:{four.holders['beta']}=10.77.0.3"  # reached without ssh
    check = command("hosts-check", f"{beta},ssh:gamma:{tmp_path}")
    checked = subprocess.run(
        four.command(*check), cwd=ROOT, env=four.environment, capture_output=True, text=True, check=False
    )

    assert checked.returncode == 2, checked.stderr
    assert re.search(r"ready +10\.77\.0\.3", checked.stdout), checked.stdout
    assert "make hosts-setup HOSTS=ssh:gamma" in " ".join(checked.stdout.split())


@pytest.mark.parametrize(("kind", "turn"), TURNS)
def test_a_kill_leaves_no_process_and_what_was_measured(kind: str, turn: int, four: Machines, tmp_path: Path) -> None:
    chance = random.Random(f"{kind} {turn}")
    with started(four, tmp_path, "--rates", "60", *everywhere(four)) as run:
        poll(lambda: victims(four, kind, run), 60, f"the {kind} runs")
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.wait(chance.uniform(0.3, 2.5) if not KILLS else chance.uniform(0.0, 6.0))
        for victim in victims(four, kind, run)[:1]:
            with contextlib.suppress(psutil.NoSuchProcess):
                victim.send_signal(signal.SIGKILL)
        run.communicate(timeout=120)

    assert poll(lambda: not four.processes(), 10, "all have ended")
    for trials in (tmp_path / "results").glob("*/trials.csv"):
        lost = [trial["reasons"] for trial in rows(trials) if trial["status"] == "invalid"]
        assert all("failed" in why or "lost" in why or "ended" in why for why in lost), lost


def victims(four: Machines, kind: str, run: "subprocess.Popen[str]") -> list[psutil.Process]:
    """Return the processes of a kind that can be killed now."""
    if kind == "harness":
        return [process for process in four.processes("control") if process.pid == run.pid]
    machine, word = {"worker": ("gamma", "--worker"), "hand": ("alpha", "harness.hand")}[kind]
    found = []
    for process in four.processes(machine):
        with contextlib.suppress(psutil.Error):
            line = process.cmdline()
            found += [process] if word in line and "guard.py" not in " ".join(line[:4]) else []
    return found
