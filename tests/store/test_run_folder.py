"""The run folder: written trial by trial, read back whole, never half written."""

import csv
import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hdrh.log import HistogramLogReader
from trials import CONFIG, OPENED_AT, closed_load, evidence, open_load, stored

from harness.errors import UsageError
from harness.facts.point import users
from harness.facts.run import RunInfo
from harness.judge.histograms import new_histogram
from harness.store.hlog import window_histogram
from harness.store.read_run import read_run
from harness.store.run_folder import RunFolder, new_folder, point_latest_to

INFO = RunInfo(
    name="run",
    status="running",
    profile="quick",
    scenario="sun",
    seed=1,
    delay="fixed:0.1",
    started_utc="2026-01-01T00:00:00Z",
    config=CONFIG,
    versions={},
    machine={},
    commit="abc",
    command="bench",
)
LOG = "histograms.hlog"
SEEN = evidence(closed_load(4, 0.205))


TRIALS = ("b01-flask-sync-4-u4", "b02-flask-sync-4-u4")


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path / "run")
    folder.write_info(INFO)
    for block in (1, 2):
        stored(folder, SEEN, block=block)
    return folder


def test_what_was_written_is_read(folder: RunFolder) -> None:
    run = read_run(folder.path)

    assert run.info == INFO
    assert tuple(trial.trial for trial in run.trials) == TRIALS
    assert {trial.status for trial in run.trials} == {"valid"}
    (summary,) = run.summaries
    assert (summary.lane, summary.point, summary.blocks) == ("flask-sync-4", users(4), 2)
    assert summary.percentiles["p50"] is not None
    assert summary.percentiles["p50"].ms == pytest.approx(205, rel=0.001)
    assert summary.latency_max_ms == pytest.approx(205, rel=0.001)


def test_a_run_is_few_files_however_many_trials_it_has(folder: RunFolder) -> None:
    folder.write_locust_reports()

    assert {str(path.relative_to(folder.path)) for path in folder.path.rglob("*") if path.is_file()} == {
        *("run.json", "trials.csv", "counts.jsonl", "histograms.hlog", "rows.npz"),
        *("locust/flask-sync-4@4_stats.csv", "locust/flask-sync-4@4_stats_history.csv"),
    }


def test_a_rate_is_a_file_name_without_a_slash(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    stored(folder, evidence(open_load(20, 0.205), load="open"))

    assert next(name for name, _ in folder.locust_reports()) == "locust/flask-sync-4@20-per-s_stats.csv"


def test_locusts_reports_are_of_valid_trials_and_old_ones_go(folder: RunFolder) -> None:
    stored(folder, evidence(closed_load(4, 0.205), faults=["it broke"]), block=3)
    (folder.path / "locust").mkdir()
    (folder.path / "locust" / "old@1_stats.csv").touch()

    folder.write_locust_reports()

    with (folder.path / "locust" / "flask-sync-4@4_stats.csv").open(newline="") as file:
        counted = [int(row["Request Count"]) for row in csv.DictReader(file)]
    valid = [trial.window_ok for trial in folder.read_trials() if trial.status == "valid"]
    assert counted == [sum(valid)] * 2
    assert len(valid) == 2
    assert not (folder.path / "locust" / "old@1_stats.csv").exists()


def test_the_raw_counts_of_a_trial_are_read_as_they_were_written(folder: RunFolder) -> None:
    for trial in folder.read_trials():
        observed = folder.read_counts()[trial.trial]
        assert (observed.ok, observed.window.ok) == (trial.ok, trial.window_ok)


def test_open_load_is_logged_with_service_time_and_lateness(tmp_path: Path) -> None:
    seen, folder = evidence(open_load(20, 0.205, late_s=0.003), load="open"), RunFolder(tmp_path / "run")

    trial = stored(folder, seen)

    lines = folder.read_logs([trial])[trial.trial]
    counted = {tag: window_histogram(lines, tag).get_total_count() for tag in ("ok", "service", "late")}
    assert counted == dict.fromkeys(("ok", "service", "late"), trial.window_ok)
    assert folder.read_trials() == [trial]


def test_the_seconds_of_a_trial_count_from_the_opening_of_the_window(folder: RunFolder) -> None:
    run = read_run(folder.path)

    for trial in run.trials:
        seconds = run.seconds[trial.trial]
        assert [second.at_s for second in seconds if 0 <= second.at_s < 3] == [0, 1, 2]
        assert sum(second.ok for second in seconds) == trial.ok


def test_the_log_is_read_by_the_librarys_own_reader(folder: RunFolder) -> None:
    reader = HistogramLogReader(str(folder.path / LOG), new_histogram())
    totals: Counter[str] = Counter()
    with reader.input_file:
        while (histogram := reader.get_next_interval_histogram()) is not None:
            totals[histogram.get_tag()] += histogram.get_total_count()

    for trial in folder.read_trials():
        assert totals[f"{trial.trial}/ok"] == trial.window_ok > 0
    assert reader.get_start_time_sec() == pytest.approx(OPENED_AT, abs=0.01)


def test_a_trial_that_was_not_finished_is_measured_again_and_spoils_none(folder: RunFolder) -> None:
    """A run was killed after it had written all of a trial but its row."""
    table = folder.path / "trials.csv"
    table.write_text("".join(table.read_text().splitlines(keepends=True)[:2]))
    assert [trial.trial for trial in read_run(folder.path).trials] == [TRIALS[0]]

    again = stored(folder, evidence(closed_load(4, 0.3)), block=2)

    run = read_run(folder.path)
    assert run.trials[1] == again
    assert folder.read_counts()[TRIALS[1]].ok == again.ok
    assert sum(second.ok for second in run.seconds[TRIALS[1]]) == again.ok


def test_a_fault_of_ours_in_a_trial_makes_it_invalid_keeps_its_rows_and_the_run_goes_on(folder: RunFolder) -> None:
    strange = replace(SEEN, requests=replace(SEEN.requests, route=["/nobody-knows"] * len(SEEN.requests.id)))

    trial = stored(folder, strange, block=3)

    assert trial.status == "invalid"
    assert "its rows cannot be counted: KeyError" in trial.reasons
    (rows,) = folder.read_rows([trial])
    assert rows.meta.requests == len(SEEN.requests.id)
    assert len(read_run(folder.path).trials) == 3


def test_evidence_that_cannot_be_stored_makes_its_trial_invalid(folder: RunFolder) -> None:
    broken = replace(SEEN, requests=replace(SEEN.requests, latency_s=SEEN.requests.latency_s[:3]))

    trial = stored(folder, broken, block=3)

    assert "its rows cannot be stored: " in trial.reasons
    assert len(read_run(folder.path).trials) == 3


def test_nothing_unfinished_is_left_behind(folder: RunFolder) -> None:
    assert [path for path in folder.path.rglob("*") if "unfinished" in path.name] == []


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("run.json", "{", "run.json is damaged"),
        ("run.json", '{"format": 1}', "was written by another version"),
        ("run.json", "[]", "run.json is damaged"),
        ("trials.csv", "trial,block\nx,y\n", "trials.csv is damaged"),
        ("trials.csv", "\x00\x01", "trials.csv is damaged"),
        (
            LOG,
            "#[StartTime: 1.0 (s)]\n#[Histogram log format version 1.2]\nTag=b/ok,0.0,1.0,1.0,HISTnonsense\n",
            "is damaged",
        ),
        (LOG, "#[Histogram log format version 1.1]\n", "is of another version"),
    ],
)
def test_a_damaged_file_is_named(folder: RunFolder, file: str, content: str, message: str) -> None:
    (folder.path / file).write_text(content)

    with pytest.raises(UsageError, match=message):
        read_run(folder.path)


def test_a_log_that_lacks_answers_is_damaged_and_not_believed(folder: RunFolder) -> None:
    log = folder.path / LOG
    lines = log.read_text().splitlines(keepends=True)
    log.write_text("".join(line for line in lines if not line.startswith(f"Tag={TRIALS[0]}/ok,2.000")))

    with pytest.raises(UsageError, match=r"holds .* ok answers"):
        read_run(folder.path)


def test_only_one_run_writes_to_a_folder(folder: RunFolder) -> None:
    with folder.lock(), pytest.raises(UsageError, match="another run is writing"), folder.lock():
        pass


def test_a_missing_log_is_named(folder: RunFolder) -> None:
    (folder.path / LOG).unlink()

    with pytest.raises(UsageError, match="cannot read"):
        read_run(folder.path)


def test_a_folder_without_run_json_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a run"):
        read_run(tmp_path)


def test_latest_points_to_the_newest(folder: RunFolder) -> None:
    for name in ("older", "newer"):
        (folder.path.parent / name).mkdir()
        point_latest_to(folder.path.parent / name)

    assert (folder.path.parent / "latest").resolve().name == "newer"


@pytest.mark.parametrize("make", [Path.touch, Path.mkdir])
def test_a_file_or_folder_of_the_users_named_latest_is_left_alone(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "latest")

    with pytest.raises(UsageError, match="is to point to the newest run"):
        point_latest_to(tmp_path / "run")

    assert not (tmp_path / "latest").is_symlink()


def test_two_runs_of_one_name_get_different_folders(tmp_path: Path) -> None:
    paths = [new_folder(tmp_path / "results", "2026-quick").path.name for _ in range(3)]

    assert paths == ["2026-quick", "2026-quick-2", "2026-quick-3"]


FILLS_THE_DISK = """
import sys
from pathlib import Path
from harness.errors import UsageError
from harness.store.files import write_atomically
try:
    write_atomically(Path(sys.argv[1]), "x" * 100_000)
except UsageError as error:
    print(error, error.hint)
"""


def test_a_full_disk_is_said_and_the_old_file_stays(tmp_path: Path) -> None:
    (tmp_path / "trials.csv").write_text("old")

    said = subprocess.run(
        [sys.executable, "-c", FILLS_THE_DISK, str(tmp_path / "trials.csv")],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)),
    ).stdout

    assert "cannot write" in said
    assert "free some space" in said
    assert (tmp_path / "trials.csv").read_text() == "old"


def test_the_end_of_what_a_server_said_is_kept_of_invalid_trials_alone(folder: RunFolder) -> None:
    lines = "\n".join(f"line {number}" for number in range(100))
    valid, spoiled = folder.read_trials()
    for trial in (valid, spoiled):
        folder.write_log(trial.trial, lines + "\n\n")

    said = folder.last_words([valid, spoiled.model_copy(update={"status": "invalid"})])

    assert said == {spoiled.trial: "\n".join(lines.splitlines()[-15:])}


def test_a_long_line_of_a_server_is_cut_and_an_empty_log_says_nothing(folder: RunFolder) -> None:
    first, second = (trial.model_copy(update={"status": "invalid"}) for trial in folder.read_trials())
    folder.write_log(first.trial, "x" * 100_000)
    folder.write_log(second.trial, " \n")

    assert folder.last_words([first, second]) == {first.trial: "x" * 2000}
