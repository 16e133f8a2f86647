"""The run folder: written trial by trial, read back whole, never half written."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest
from hdrh.log import HistogramLogReader
from trials import closed_load, evidence, judged, open_load

from harness.errors import UsageError
from harness.facts.records import RunInfo, Trial, users
from harness.judge.histograms import new_histogram
from harness.store.hlog import window_histogram
from harness.store.read_run import read_run
from harness.store.run_folder import RunFolder, point_latest_to

INFO = RunInfo(
    name="run",
    status="running",
    profile="quick",
    scenario="sun",
    seed=1,
    delay="fixed:0.1",
    started_utc="2026-01-01T00:00:00Z",
    config={},
    versions={},
    machine={},
    commit="abc",
    command="bench",
)
LOG = "histograms/b01-flask-sync-4-u4.hlog"
OPENED_AT = 1_800_000_000.0
SEEN = evidence(closed_load(4, 0.205))


def trial(block: int = 1) -> Trial:
    return judged(SEEN, block=block)[0]


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path / "run")
    folder.write_info(INFO)
    for block in (1, 2):
        folder.write_trial(*judged(SEEN, block=block), SEEN, opened_at=OPENED_AT)
    return folder


def test_what_was_written_is_read(folder: RunFolder) -> None:
    run = read_run(folder.path)

    assert run.info == INFO
    assert run.trials == (trial(1), trial(2))
    (summary,) = run.summaries
    assert (summary.lane, summary.point, summary.blocks) == ("flask-sync-4", users(4), 2)
    assert summary.percentiles["p50"] is not None
    assert summary.percentiles["p50"].ms == pytest.approx(205, rel=0.001)
    assert summary.latency_max_ms == pytest.approx(205, rel=0.001)


def test_the_raw_counts_of_a_trial_are_read_as_they_were_written(folder: RunFolder) -> None:
    assert folder.read_counts(trial()) == judged(SEEN)[1]


def test_open_load_is_logged_with_service_time_and_lateness(tmp_path: Path) -> None:
    seen, folder = evidence(open_load(20, 0.205, late_s=0.003), load="open"), RunFolder(tmp_path / "run")
    trial, observed = judged(seen)

    folder.write_trial(trial, observed, seen, opened_at=OPENED_AT)

    lines = folder.read_log(trial)
    counted = {tag: window_histogram(lines, tag).get_total_count() for tag in ("ok", "service", "late")}
    assert counted == dict.fromkeys(("ok", "service", "late"), trial.window_ok)
    assert folder.read_trials() == [trial]


def test_the_seconds_of_a_trial_count_from_the_opening_of_the_window(folder: RunFolder) -> None:
    seconds = read_run(folder.path).seconds[trial().trial]

    assert [second.at_s for second in seconds if 0 <= second.at_s < 3] == [0, 1, 2]
    assert sum(second.ok for second in seconds) == trial().ok


def test_the_log_is_read_by_the_librarys_own_reader(folder: RunFolder) -> None:
    reader = HistogramLogReader(str(folder.path / "histograms" / f"{trial().trial}.hlog"), new_histogram())
    with reader.input_file:
        total = 0
        while (histogram := reader.get_next_interval_histogram()) is not None:
            total += histogram.get_total_count() if histogram.get_tag() == "ok" else 0

    assert total == trial().window_ok
    assert reader.get_start_time_sec() == pytest.approx(OPENED_AT - 1, abs=0.01)


def test_nothing_unfinished_is_left_behind(folder: RunFolder) -> None:
    assert [path for path in folder.path.rglob("*") if "unfinished" in path.name] == []


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("run.json", "{", "run.json is damaged"),
        ("run.json", '{"format": 2}', "was written by another version"),
        ("run.json", "[]", "run.json is damaged"),
        ("trials.csv", "trial,block\nx,y\n", "trials.csv is damaged"),
        ("trials.csv", "\x00\x01", "trials.csv is damaged"),
        (LOG, "#[Histogram log format version 1.2]\nTag=ok,0.0,1.0,1.0,HISTnonsense\n", "is damaged"),
        (LOG, "#[Histogram log format version 1.1]\n", "is of another version"),
    ],
)
def test_a_damaged_file_is_named(folder: RunFolder, file: str, content: str, message: str) -> None:
    (folder.path / file).write_text(content)

    with pytest.raises(UsageError, match=message):
        read_run(folder.path)


def test_a_log_that_lacks_answers_is_damaged_and_not_believed(folder: RunFolder) -> None:
    log = folder.path / "histograms" / f"{trial().trial}.hlog"
    lines = log.read_text().splitlines(keepends=True)
    log.write_text("".join(line for line in lines if not line.startswith("Tag=ok,2.000")))

    with pytest.raises(UsageError, match=r"holds .* ok answers"):
        read_run(folder.path)


def test_only_one_run_writes_to_a_folder(folder: RunFolder) -> None:
    with folder.lock(), pytest.raises(UsageError, match="another run is writing"), folder.lock():
        pass


def test_a_missing_log_is_named(folder: RunFolder) -> None:
    (folder.path / "histograms" / f"{trial().trial}.hlog").unlink()

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
