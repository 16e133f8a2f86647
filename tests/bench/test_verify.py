"""A run's figures follow from its raw data; a figure that was edited by hand is found."""

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from trials import CONFIG, closed_load, evidence, open_load, stored

from harness.bench.verify import differences
from harness.errors import UsageError
from harness.facts.point import users
from harness.facts.run import RunInfo
from harness.report import publish
from harness.store.packed import COLUMNS
from harness.store.read_run import read_run
from harness.store.run_folder import RunFolder

INFO = RunInfo(
    name="run",
    status="complete",
    profile="quick",
    scenario="sun",
    seed=1,
    delay="fixed:0.1",
    started_utc="2026-01-01T00:00:00Z",
    config=CONFIG,
    verdict_point=users(4),
    versions={},
    machine={},
    commit="abc",
    command="bench",
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two trials, one of closed and one of open load."""
    folder = RunFolder(tmp_path_factory.mktemp("made") / "run")
    folder.write_info(INFO)
    for block, seen in enumerate((evidence(closed_load(4, 0.205)), evidence(open_load(20, 0.205), load="open")), 1):
        stored(folder, seen, block=block)
    folder.write_locust_reports()
    publish(read_run(folder.path), folder.path)
    return folder.path


@pytest.fixture
def run(made: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    for file in (file for file in made.rglob("*") if file.is_file()):
        copy = tmp_path / file.relative_to(made)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    return tmp_path


def edit_table(run: Path, column: str, change: Callable[[str], str]) -> None:
    with (run / "trials.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0][column] = change(rows[0][column])
    with (run / "trials.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def test_a_run_as_it_was_written_has_no_differences(run: Path) -> None:
    assert list(differences(run)) == []


@pytest.mark.parametrize(
    "column", ["throughput_rps", "latency_p95_ms", "cpu_ms_per_request", "limit_rps", "ok", "pss_mib", "drain_s"]
)
def test_a_figure_that_was_edited_is_found(run: Path, column: str) -> None:
    edit_table(run, column, lambda cell: str(float(cell) * 2) if "." in cell else str(int(cell) + 1))

    assert any(f"b01-flask-sync-4-u4: {column} is " in difference for difference in differences(run))


TRIAL = "b01-flask-sync-4-u4"


def edit(name: str, old: str, new: str) -> Callable[[Path], None]:
    def spoil(run: Path) -> None:
        text = (run / name).read_text()
        assert old in text
        (run / name).write_text(text.replace(old, new, 1))

    return spoil


def lose_a_second(run: Path) -> None:
    lines = (run / "histograms.hlog").read_text().splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(f"Tag={TRIAL}/warmup-ok")]
    assert len(kept) < len(lines)
    (run / "histograms.hlog").write_text("".join(kept))


def change_rows(run: Path) -> None:
    folder = RunFolder(run)
    (rows,) = folder.read_rows(folder.read_trials()[:1])
    requests = rows.requests.copy()
    requests[COLUMNS.index("latency")] += 100
    folder.write_rows(TRIAL, replace(rows, requests=requests))


def change_chart(run: Path) -> None:
    chart = min((run / "charts").glob("*.svg"))
    chart.write_text(chart.read_text().replace("<svg", "<svg id='x'", 1))


SPOILS: dict[str, tuple[Callable[[Path], None], str]] = {
    "a count": (edit("counts.jsonl", '"wrong_calls":0', '"wrong_calls":3'), f"{TRIAL}: counts.jsonl: wrong_calls is 3"),
    "the counts of a trial": (edit("counts.jsonl", TRIAL, "b09"), f"{TRIAL}: counts.jsonl does not hold it"),
    "a histogram": (lose_a_second, f"{TRIAL}: histograms.hlog is not what its rows say"),
    "the rows": (change_rows, f"{TRIAL}: counts.jsonl: drain_s is "),
    "a Locust report": (
        edit("locust/flask-sync-4@4_stats.csv", "GET", "PUT"),
        "locust/flask-sync-4@4_stats.csv is not what",
    ),
    "a history": (
        edit("locust/flask-sync-4@20-per-s_stats_history.csv", ",", ";"),
        "locust/flask-sync-4@20-per-s_stats_history.csv is not what",
    ),
    "a report that is gone": (
        lambda run: (run / "locust" / "flask-sync-4@4_stats.csv").unlink(),
        "flask-sync-4@4_stats.csv is missing",
    ),
    "a report of nothing": (
        lambda run: (run / "locust" / "quart@4_stats.csv").touch(),
        "quart@4_stats.csv is of no valid trial",
    ),
    "a chart": (change_chart, "charts/"),
    "a tracked figure": (edit("tracking/bigger-is-better.json", "value", "worth"), "tracking/bigger-is-better.json"),
    "the plan": (edit("run.json", '"plan": []', '"plan": ["b07-x-u1"]'), "b07-x-u1 was planned, and is not there"),
}


@pytest.mark.parametrize("kind", SPOILS)
def test_each_kind_of_file_that_was_tampered_with_is_named(kind: str, run: Path) -> None:
    spoil, said = SPOILS[kind]
    spoil(run)

    assert any(said in difference for difference in differences(run))


def test_a_report_of_other_figures_is_found(run: Path) -> None:
    report = run / "report.md"
    report.write_text(report.read_text() + "and Quart is 48 times faster\n")
    (run / "report.html").unlink()

    found = list(differences(run))

    assert any(difference.startswith("report.md is not what `make report` writes") for difference in found)
    assert any(difference.startswith("report.html is missing") for difference in found)


@pytest.mark.parametrize("name", ["counts.jsonl", "histograms.hlog", "rows.npz"])
def test_raw_data_that_are_missing_are_an_error_that_names_them(run: Path, name: str) -> None:
    (run / name).unlink()

    with pytest.raises(UsageError, match=name):
        list(differences(run))


def test_a_run_that_is_being_measured_is_not_verified(run: Path) -> None:
    with RunFolder(run).lock(), pytest.raises(UsageError, match="another run is writing"):
        list(differences(run))
