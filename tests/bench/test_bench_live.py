"""A whole run with real servers, a real stub and a real Locust, as it is found afterwards."""

import json
import shutil
from pathlib import Path
from typing import Any

from running import in_process, only_run, outcome, rows


def info(run: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((run / "run.json").read_text())
    return loaded


def test_a_run_leaves_everything_that_was_promised(real_run: Path) -> None:
    run = only_run(real_run / "results")

    assert (real_run / "results" / "latest").resolve() == run
    assert info(run)["status"] == "complete"
    assert {path.name for path in run.iterdir()} >= {"run.json", "trials.csv", "report.md", "report.html"}
    assert {path.name for path in run.iterdir()} >= {"rows.npz", "counts.jsonl", "histograms.hlog"}
    for lane in ("threads", "quart", "third"):
        for report in ("stats", "stats_history"):
            assert (run / "locust" / f"{lane}@4_{report}.csv").exists()


def test_every_trial_accounts_for_every_request_and_every_upstream_call(real_run: Path) -> None:
    for trial in outcome(only_run(real_run / "results")):
        number = {name: int(trial[name]) for name in trial if trial[name].isdigit()}
        assert trial["status"] == "valid", trial["reasons"]
        assert number["started"] == number["ok"] + number["failed"] + number["censored"] > 0
        assert number["ok"] == sum(number[f"{part}_ok"] for part in ("warmup", "window", "drain"))
        if trial["lane"] != "third":
            assert number["upstream_calls"] == 2 * number["ok"]


def test_locusts_reports_count_what_the_window_holds(real_run: Path) -> None:
    run = only_run(real_run / "results")

    for trial in outcome(run):
        stats = {row["Name"]: row for row in rows(run / "locust" / f"{trial['lane']}@4_stats.csv")}
        history = rows(run / "locust" / f"{trial['lane']}@4_stats_history.csv")
        inside = int(trial["window_ok"]) + int(trial["window_failed"])
        assert int(stats["Aggregated"]["Request Count"]) == inside
        assert int(stats["Aggregated"]["Failure Count"]) == int(trial["window_failed"])
        assert int(history[-1]["Total Request Count"]) == inside


def test_what_is_not_known_of_a_lane_is_shown_as_not_checked(real_run: Path) -> None:
    trials = {trial["lane"]: trial for trial in outcome(only_run(real_run / "results"))}

    assert trials["third"]["not_checked"].startswith("identity; upstream calls; limit")
    assert trials["third"]["limit_rps"] == ""
    assert "identity" not in trials["quart"]["not_checked"]


def test_the_plan_is_said_before_the_run_and_the_table_after_it(real_run: Path) -> None:
    assert "3 trials of 3 lanes in 1 blocks" in (real_run / "stderr").read_text()
    assert all(lane in (real_run / "stdout").read_text() for lane in ("threads", "quart", "third"))


def test_a_report_can_be_written_again(real_run: Path, tmp_path: Path) -> None:
    run = shutil.copytree(only_run(real_run / "results"), tmp_path / "run")
    (run / "report.md").unlink()

    ended = in_process("report", run)

    assert ended.returncode == 0, ended.stderr
    assert (run / "report.md").exists()


def test_a_run_compared_with_itself_is_the_same(real_run: Path) -> None:
    run = only_run(real_run / "results")

    ended = in_process("compare", run, run, "--format", "json")

    assert ended.returncode == 0, ended.stderr
    rows_of_it = json.loads(ended.stdout)["rows"]
    assert {row["lane"] for row in rows_of_it} == {"threads", "quart", "third"}
    for row in rows_of_it:
        assert {figure["direction"] for figure in row["metrics"].values()} <= {"same", "n.a."}


def test_a_run_whose_table_was_edited_fails_verification(real_run: Path, tmp_path: Path) -> None:
    run = tmp_path / "edited"
    shutil.copytree(only_run(real_run / "results"), run)
    (run / "trials.csv").write_text((run / "trials.csv").read_text().replace(",valid,,", ",valid,edited,", 1))

    ended = in_process("verify", run)

    assert ended.returncode == 3
    assert "reasons is edited" in ended.stdout
