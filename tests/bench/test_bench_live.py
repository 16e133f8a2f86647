"""Whole runs with real servers, a real stub and a real Locust."""

import contextlib
import csv
import json
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import psutil
import pytest
from polling import poll
from running import ROOT, command, harness, small_config

THIRD_APP = """
import sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        time.sleep(0.02)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
    def log_message(self, *args):
        pass

ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


DIES_AFTER_A_WHILE = """
        import os
        Handler.served = getattr(Handler, "served", 0) + 1
        if Handler.served > 100:
            os.kill(os.getpid(), 9)
"""


def only_run(results: Path) -> Path:
    """Return the one run in a results folder."""
    (run,) = [path for path in results.iterdir() if path.is_dir() and not path.is_symlink()]
    return run


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def info(run: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((run / "run.json").read_text())
    return loaded


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of three lanes, the third a stranger of which nothing is known."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "third.py").write_text(THIRD_APP)
    third = (
        f'[lanes.third]\ncommand = "python {folder}/third.py {{port}}"\nslots = "unbounded"\nready = "/"\npath = "/x"\n'
    )
    config = small_config(folder, third, ("threads", "quart", "third"))
    ended = harness("bench", "--config", config, "--results", folder / "results")
    assert ended.returncode == 0, ended.stderr
    (folder / "stdout").write_text(ended.stdout)
    (folder / "stderr").write_text(ended.stderr)
    return folder


def test_a_run_leaves_everything_that_was_promised(finished: Path) -> None:
    run = only_run(finished / "results")

    assert (finished / "results" / "latest").resolve() == run
    assert info(run)["status"] == "complete"
    assert {path.name for path in run.iterdir()} >= {"run.json", "trials.csv", "report.md", "report.html"}
    for trial in rows(run / "trials.csv"):
        assert (run / "histograms" / f"{trial['trial']}.hlog").exists()
        for report in ("stats", "stats_history", "failures", "exceptions"):
            assert (run / "locust" / f"{trial['trial']}_{report}.csv").exists()


def test_every_trial_accounts_for_every_request_and_every_upstream_call(finished: Path) -> None:
    for trial in rows(only_run(finished / "results") / "trials.csv"):
        number = {name: int(trial[name]) for name in trial if trial[name].isdigit()}
        assert trial["status"] == "valid", trial["reasons"]
        assert number["started"] == number["ok"] + number["failed"] + number["censored"] > 0
        assert number["ok"] == sum(number[f"{part}_ok"] for part in ("warmup", "window", "drain"))
        if trial["lane"] != "third":
            assert number["upstream_calls"] == 2 * number["ok"]


def test_locusts_reports_count_what_the_window_holds(finished: Path) -> None:
    run = only_run(finished / "results")

    for trial in rows(run / "trials.csv"):
        stats = {row["Name"]: row for row in rows(run / "locust" / f"{trial['trial']}_stats.csv")}
        history = rows(run / "locust" / f"{trial['trial']}_stats_history.csv")
        inside = int(trial["window_ok"]) + int(trial["window_failed"])
        assert int(stats["Aggregated"]["Options Count"]) == inside
        assert int(stats["Aggregated"]["Failure Count"]) == int(trial["window_failed"])
        assert int(history[-1]["Total Options Count"]) == inside


def test_what_is_not_known_of_a_lane_is_shown_as_not_checked(finished: Path) -> None:
    trials = {trial["lane"]: trial for trial in rows(only_run(finished / "results") / "trials.csv")}

    assert trials["third"]["not_checked"] == "identity; upstream calls; limit"
    assert trials["third"]["limit_rps"] == ""
    assert trials["quart"]["not_checked"] == ""


def test_the_plan_is_said_before_the_run_and_the_table_after_it(finished: Path) -> None:
    assert "3 trials of 3 lanes in 1 blocks" in (finished / "stderr").read_text()
    assert all(lane in (finished / "stdout").read_text() for lane in ("threads", "quart", "third"))


def test_a_report_can_be_written_again(finished: Path) -> None:
    run = only_run(finished / "results")
    (run / "report.md").unlink()

    ended = harness("report", run)

    assert ended.returncode == 0, ended.stderr
    assert (run / "report.md").exists()


def test_a_run_compared_with_itself_is_the_same(finished: Path) -> None:
    run = only_run(finished / "results")

    ended = harness("compare", run, run, "--format", "json")

    assert ended.returncode == 0, ended.stderr
    rows_of_it = json.loads(ended.stdout)["rows"]
    assert {row["lane"] for row in rows_of_it} == {"threads", "quart", "third"}
    for row in rows_of_it:
        assert {figure["direction"] for figure in row["metrics"].values()} <= {"same", "n.a."}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_broken_off_leaves_no_process_and_can_be_resumed(number: signal.Signals, tmp_path: Path) -> None:
    words = command("bench", "--config", small_config(tmp_path), "--results", tmp_path / "results")
    with subprocess.Popen(words, cwd=ROOT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as run:
        poll(lambda: list((tmp_path / "results").glob("*/trials.csv")), 60, "the first trial is stored")
        family = psutil.Process(run.pid).children(recursive=True)
        run.send_signal(number)
        run.wait(10)
        poll(lambda: not any(process.is_running() for process in family), 10, "all processes have ended")
    folder = only_run(tmp_path / "results")
    before = rows(folder / "trials.csv")

    resumed = harness("bench", "--resume", tmp_path / "results" / "latest")

    assert run.returncode == (130 if number != signal.SIGKILL else -9)
    assert len(before) == 1
    assert resumed.returncode == 0, resumed.stderr
    assert [trial["lane"] for trial in rows(folder / "trials.csv")[:1]] == [before[0]["lane"]]
    assert {trial["lane"] for trial in rows(folder / "trials.csv")} == {"threads", "quart"}
    assert info(folder)["status"] == "complete"


@pytest.mark.parametrize("started", [1, 3, 6])
def test_a_run_that_is_broken_off_before_its_first_trial_leaves_no_process(started: int, tmp_path: Path) -> None:
    """Guard and stub; then guard, generator and server; then the server's worker too: whatever has started by then."""
    words = command("bench", "--config", small_config(tmp_path), "--results", tmp_path / "results")
    with subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as run:
        family = poll(lambda: _at_least(started, run), 60, f"{started} processes run")
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=20)
        poll(lambda: not any(process.is_running() for process in family), 10, "all processes have ended")

    assert run.returncode == 130, said
    assert "Traceback" not in said


def _at_least(count: int, run: subprocess.Popen[str]) -> list[psutil.Process]:
    family = psutil.Process(run.pid).children(recursive=True)
    return family if len(family) >= count else []


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


def test_a_results_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    ended = harness("bench", "--config", small_config(tmp_path), "--results", tmp_path / "file" / "results")

    assert ended.returncode == 2
    assert "cannot write" in ended.stderr
    assert "--results" in ended.stderr


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


@pytest.fixture(scope="module")
def with_open_load(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run with open load and A/A."""
    folder = tmp_path_factory.mktemp("open")
    ended = harness(
        *("bench", "--config", small_config(folder), "--results", folder / "results", "--rates", "40,2000", "--aa")
    )
    assert ended.returncode == 0, ended.stderr
    (folder / "stdout").write_text(ended.stdout)
    return only_run(folder / "results")


def test_open_load_follows_closed_load_on_each_lane_but_the_control(with_open_load: Path) -> None:
    trials = rows(with_open_load / "trials.csv")

    measured = {(trial["lane"], trial["load"], trial["users"] or trial["rate_rps"]) for trial in trials}
    lanes = {"threads", "quart"}
    assert measured == {(lane, "closed", "4") for lane in (*lanes, "quart-again")} | {
        (lane, "open", rate) for lane in lanes for rate in ("40.0", "2000.0")
    }


def test_an_arrival_is_accounted_for_and_calls_its_upstreams_whether_it_was_sustained_or_not(
    with_open_load: Path,
) -> None:
    for trial in (trial for trial in rows(with_open_load / "trials.csv") if trial["load"] == "open"):
        number = {name: int(trial[name]) for name in trial if trial[name].isdigit()}
        assert trial["status"] == "valid", trial["reasons"]
        assert number["started"] == number["ok"] + number["failed"] + number["censored"] > 0
        assert 2 * number["ok"] <= number["upstream_calls"] <= 2 * number["started"]


def test_a_rate_beyond_a_lanes_capacity_is_not_sustained_and_has_no_percentile(with_open_load: Path) -> None:
    for trial in (trial for trial in rows(with_open_load / "trials.csv") if trial["load"] == "open"):
        sustained = trial["rate_rps"] == "40.0"
        assert trial["sustained"] == str(sustained)
        assert bool(trial["latency_p50_ms"]) == sustained


def test_both_lanes_of_a_pair_meet_the_identical_schedule(with_open_load: Path) -> None:
    counted = {trial["window_ok"] for trial in rows(with_open_load / "trials.csv") if trial["rate_rps"] == "40.0"}

    assert len(counted) == 1


def test_every_figure_of_a_run_follows_from_its_raw_data(with_open_load: Path) -> None:
    ended = harness("verify", with_open_load)

    assert ended.returncode == 0, ended.stdout


def test_a_run_whose_table_was_edited_fails_verification(finished: Path, tmp_path: Path) -> None:
    run = tmp_path / "edited"
    shutil.copytree(only_run(finished / "results"), run)
    (run / "trials.csv").write_text((run / "trials.csv").read_text().replace(",valid,,", ",valid,edited,", 1))

    ended = harness("verify", run)

    assert ended.returncode == 3
    assert "reasons is edited" in ended.stdout


def test_a_generator_that_dies_makes_its_trial_invalid_and_its_pair_is_repeated(tmp_path: Path) -> None:
    words = command("bench", "--config", small_config(tmp_path), "--results", tmp_path / "results")
    with subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as run:
        poll(lambda: _kill_generator(run), 60, "a generator loads the server")
        _, said = run.communicate(timeout=60)

    trials = rows(only_run(tmp_path / "results") / "trials.csv")
    assert run.returncode == 0, said
    assert "the measurement failed" in trials[0]["reasons"]
    assert [(trial["block"], trial["status"]) for trial in trials[1:]] == [("1", "valid")] + [("2", "valid")] * 2


def _kill_generator(run: subprocess.Popen[str]) -> bool:
    """Kill a Locust that runs; say whether there was one."""
    for process in psutil.Process(run.pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "locust" in process.cmdline()[:3]:
                process.kill()
                return True
    return False


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (("bench", "--rates", "0"), "greater than 0", "rates"),
        (("bench", "--rates", "-5"), "greater than 0", "rates"),
        (("bench", "--rates", "many"), "not a list of rates", "--rates 100,400"),
        (("bench", "--rates", "90000"), "connections", "--processes"),
        (("bench", "--lanes", "oracle", "--aa"), "no pair", "--lanes"),
        (("bench", "--resume", "results/sample", "--blocks", "3"), "keeps its own values", "begin a new run"),
        (("verify", "nowhere"), "is not a run", "results/latest"),
        (("study", "stal"), "no study 'stal'", "did you mean 'stall'?"),
        (("bench", "--profile", "quik"), "no profile 'quik'", "did you mean 'quick'?"),
        (("bench", "--lanes", "qart"), "no lane 'qart'", "did you mean 'quart'?"),
        (("bench", "--scenario", "moon"), "no scenario 'moon'", "known: "),
        (("bench", "--points", "many"), "not a list of numbers", "--points 1,16,300"),
        (("bench", "--points", "0"), "points", ""),
        (("bench", "--delay", "fixed:soon"), "the stub refuses", "--delay"),
        (("bench", "--config", "nowhere.toml"), "cannot read nowhere.toml", "--config"),
        (("bench", "--resume", "nowhere"), "is not a run", "results/latest"),
        (("report", "nowhere"), "is not a run", "results/latest"),
        (("compare", "nowhere", "nowhere"), "nowhere", "hint"),
        (("bench", "--nonsense"), "No such option", "--help"),
    ],
)
def test_wrong_usage_says_what_to_type(words: tuple[str, ...], message: str, hint: str) -> None:
    ended = harness(*words)

    assert ended.returncode == 2
    assert message in ended.stderr
    assert hint in ended.stderr
    assert "Traceback" not in ended.stderr


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
