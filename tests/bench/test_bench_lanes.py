"""Lanes that cannot be served, or that die; and what changes nothing about a lane."""

import re
import shlex
from pathlib import Path

import pytest
from running import THIRD_APP, harness, in_process, only_run, rows, small_config

DIES_AFTER_A_WHILE = """
        import os
        Handler.served = getattr(Handler, "served", 0) + 1
        if Handler.served > 100:
            os.kill(os.getpid(), 9)
"""


BROKEN = {
    "missing": ('"no-such-server {port}"', 2, "there is no command 'no-such-server'", "[lanes.broken]"),
    "exits": ("\"sh -c 'echo my last words; exit 3' {port}\"", 3, "my last words", ""),
    "silent": ('"sleep 60 {port}"', 3, "is not ready after 1 s", ""),
    "stranger": (
        '"hypercorn quart_app.app:app --bind 127.0.0.1:{port}"\nidentity = "flask"',
        *(3, "answers as 'quart', not as 'flask'", "correct its command"),
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_lane_that_cannot_be_served_is_said_with_its_reason(kind: str, tmp_path: Path) -> None:
    text, code, message, hint = BROKEN[kind]
    wait = "ready_s = 1\n" if kind == "silent" else ""
    config = small_config(tmp_path, f"[lanes.broken]\ncommand = {text}\nslots = 1\n{wait}", ("broken",))

    ended = harness("bench", "--config", config, "--results", tmp_path / "results")

    assert ended.returncode == code
    assert message in ended.stderr
    assert hint in ended.stderr
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

    ended = harness("bench", "--config", config, "--results", tmp_path / "results")

    run = only_run(tmp_path / "results")
    trials = {trial["lane"]: trial for trial in rows(run / "trials.csv")}
    assert ended.returncode == 3
    assert trials["quart"]["status"] == "valid", trials["quart"]["reasons"]
    assert trials["late"]["reasons"].startswith("did not start: lane late is not ready after 4 s: status 404")
    assert "set ready to a path" in trials["late"]["reasons"]
    assert in_process("verify", run).returncode == 0

    (hint,) = re.findall(r"lane late did not start: correct .*, then: make bench (.*)", ended.stderr)
    config.write_text(config.read_text().replace('"/nowhere"', '"/health"'))
    given = dict(word.split("=", 1) for word in shlex.split(hint))
    resumed = harness("bench", "--resume", given["RESUME"], "--config", given["CONFIG"])

    after = {trial["lane"]: trial for trial in rows(run / "trials.csv")}
    assert resumed.returncode == 0, resumed.stderr
    assert after["late"]["status"] == "valid", after["late"]["reasons"]
    assert after["quart"] == trials["quart"]
    assert in_process("verify", run).returncode == 0


def test_what_a_server_said_is_kept_where_its_lane_did_not_start(tmp_path: Path) -> None:
    lane = "[lanes.broken]\ncommand = \"sh -c 'echo my last words; exit 3' {port}\"\nslots = 1\n"

    harness("bench", "--config", small_config(tmp_path, lane, ("broken",)), "--results", tmp_path / "results")

    (log,) = (only_run(tmp_path / "results") / "logs").iterdir()
    assert log.name == "b01-broken-u4.log"
    assert "my last words" in log.read_text()
    assert "my last words" in (only_run(tmp_path / "results") / "report.md").read_text().partition("## Validity")[2]


def test_a_server_that_dies_in_mid_trial_makes_the_trial_invalid_and_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "dying.py").write_text(THIRD_APP.replace("pass", DIES_AFTER_A_WHILE))
    served = 'slots = "unbounded"\nready = "/"\npath = "/x"\n'
    lane = f'[lanes.dying]\ncommand = "python {tmp_path}/dying.py {{port}}"\n{served}'
    config = small_config(tmp_path, lane, ("threads", "dying"))

    ended = harness("bench", "--config", config, "--results", tmp_path / "results")

    trials = {trial["lane"]: trial for trial in rows(only_run(tmp_path / "results") / "trials.csv")}
    assert ended.returncode == 3
    assert trials["threads"]["status"] == "valid"
    assert trials["dying"]["status"] == "invalid"
    assert "the server ended in mid-trial" in trials["dying"]["reasons"]


def test_several_locust_processes_count_the_same(tmp_path: Path) -> None:
    ended = harness(
        *(
            "bench",
            "--config",
            small_config(tmp_path, names=("quart",)),
            "--results",
            tmp_path / "results",
            "--processes",
            "2",
        )
    )

    (trial,) = rows(only_run(tmp_path / "results") / "trials.csv")
    assert ended.returncode == 0, ended.stderr
    assert trial["status"] == "valid", trial["reasons"]
    assert int(trial["started"]) == int(trial["ok"]) > 0
    assert int(trial["upstream_calls"]) == 2 * int(trial["ok"])


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

    ended = harness("bench", "--config", small_config(tmp_path, names=("threads",)), "--results", tmp_path / "results")

    (trial,) = rows(only_run(tmp_path / "results") / "trials.csv")
    assert ended.returncode == 0, ended.stderr
    assert trial["status"] == "valid", trial["reasons"]
