"""Lanes that cannot be served, or that die; and what changes nothing about a lane."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from running import THIRD_APP, harness, in_process, only_run, outcome, small_config
from tried import in_three_tries

DIES_AFTER_A_WHILE = """
        import os
        Handler.served = getattr(Handler, "served", 0) + 1
        if Handler.served > 100:
            os.kill(os.getpid(), 9)
"""


BROKEN = """
[lanes.exits]
command = "sh -c 'echo my last words; exit 3' {port}"
slots = 1

[lanes.silent]
command = "sleep 60 {port}"
slots = 1
ready_s = 1

[lanes.stranger]
command = "hypercorn quart_app.app:app --bind 127.0.0.1:{port}"
slots = 1
identity = "flask"
"""


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Return the folder of a run of three lanes of which none can be served, and how its command ended."""
    folder = tmp_path_factory.mktemp("broken")
    config = small_config(folder, BROKEN, ("exits", "silent", "stranger"))
    ended = in_process("bench", "--config", config, "--results", folder / "results", charts=True)
    return only_run(folder / "results"), ended


@pytest.mark.parametrize(
    ("lane", "reason", "hint"),
    [
        ("exits", "my last words", ""),
        ("silent", "is not ready after 1 s", ""),
        ("stranger", "answers as 'quart', not as 'flask'", "correct its command"),
    ],
)
def test_a_lane_that_cannot_be_served_is_said_with_its_reason(
    lane: str, reason: str, hint: str, broken: tuple[Path, subprocess.CompletedProcess[str]]
) -> None:
    _, ended = broken
    (said,) = [line for line in ended.stderr.splitlines() if f"b01-{lane}-u4" in line]

    assert ended.returncode == 3
    assert reason in said
    assert hint in said
    assert "Traceback" not in ended.stderr


def test_what_a_server_said_is_kept_where_its_lane_did_not_start(
    broken: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    run, _ = broken

    assert "my last words" in (run / "logs" / "b01-exits-u4.log").read_text()
    assert "my last words" in (run / "report.md").read_text().partition("## Validity")[2]


def test_a_lane_whose_command_does_not_exist_ends_the_run_before_it_begins(tmp_path: Path) -> None:
    config = small_config(tmp_path, '[lanes.missing]\ncommand = "no-such-server {port}"\nslots = 1\n', ("missing",))

    ended = in_process("bench", "--config", config, "--results", tmp_path / "results", charts=True)

    assert ended.returncode == 2
    assert "there is no command 'no-such-server'" in ended.stderr
    assert "[lanes.missing]" in ended.stderr
    assert "Traceback" not in ended.stderr


LATE = """
[lanes.late]
command = "gunicorn flask_app.app:app --bind 127.0.0.1:{port} --threads 8 --config servers/gunicorn.conf.py"
slots = 8
identity = "flask"
ready = "/nowhere"
ready_s = 4
"""


def test_a_lane_that_does_not_start_costs_its_own_trials_and_resumes_once_it_is_corrected(tmp_path: Path) -> None:
    config = small_config(tmp_path, LATE, ("late", "quart"))

    ended = in_process("bench", "--config", config, "--results", tmp_path / "results", charts=True)

    run = only_run(tmp_path / "results")
    trials = {trial["lane"]: trial for trial in outcome(run)}
    assert ended.returncode == 3
    assert trials["quart"]["status"] == "valid", trials["quart"]["reasons"]
    assert trials["late"]["reasons"].startswith("did not start: lane late is not ready after 4 s: status 404")
    assert "set ready to a path" in trials["late"]["reasons"]
    assert in_process("verify", run).returncode == 0

    (hint,) = re.findall(r"lane late did not start: correct .*, then: make bench (.*)", ended.stderr)
    config.write_text(config.read_text().replace('"/nowhere"', '"/health"'))
    given = dict(word.split("=", 1) for word in shlex.split(hint))
    resumed = in_process("bench", "--resume", given["RESUME"], "--config", given["CONFIG"], charts=True)

    after = {trial["lane"]: trial for trial in outcome(run)}
    assert resumed.returncode == 0, resumed.stderr
    assert after["late"]["status"] == "valid", after["late"]["reasons"]
    assert after["quart"] == trials["quart"]
    assert in_process("verify", run).returncode == 0


def test_a_server_that_dies_in_mid_trial_makes_the_trial_invalid_and_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "dying.py").write_text(THIRD_APP.replace("pass", DIES_AFTER_A_WHILE))
    served = 'slots = "unbounded"\nready = "/"\npath = "/x"\n'
    lane = f'[lanes.dying]\ncommand = "python {tmp_path}/dying.py {{port}}"\n{served}'
    config = small_config(tmp_path, lane, ("threads", "dying"))

    ended = in_process("bench", "--config", config, "--results", tmp_path / "results", charts=True)

    trials = {trial["lane"]: trial for trial in outcome(only_run(tmp_path / "results"))}
    assert ended.returncode == 3
    assert trials["threads"]["status"] == "valid"
    assert trials["dying"]["status"] == "invalid"
    assert "the server ended in mid-trial" in trials["dying"]["reasons"]


@in_three_tries
def test_several_locust_processes_count_the_same(tmp_path: Path) -> None:
    results = tmp_path / "results"
    shutil.rmtree(results, ignore_errors=True)
    config = small_config(tmp_path, names=("quart",))

    ended = in_process("bench", "--config", config, "--results", results, "--processes", "2", charts=True)

    assert ended.returncode == 0, ended.stderr
    (trial,) = outcome(only_run(results))
    assert trial["status"] == "valid", trial["reasons"]
    assert int(trial["started"]) == int(trial["ok"]) > 0
    assert int(trial["upstream_calls"]) == 2 * int(trial["ok"])


@in_three_tries
def test_no_variable_of_the_environment_changes_what_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "LOCUST_HOST": "http://127.0.0.1:9",
        "LOCUST_USERS": "1",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "GUNICORN_CMD_ARGS": "--threads 1",
        "WEB_CONCURRENCY": "3",
        "FLASK_DEBUG": "1",
    }.items():
        monkeypatch.setenv(name, value)
    results = tmp_path / "results"
    shutil.rmtree(results, ignore_errors=True)

    ended = harness("bench", "--config", small_config(tmp_path, names=("threads",)), "--results", results)

    assert ended.returncode == 0, ended.stderr
    (trial,) = outcome(only_run(results))
    assert trial["status"] == "valid", trial["reasons"]
