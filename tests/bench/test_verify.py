"""A run's figures follow from its raw data; a figure that was edited by hand is found."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from trials import LANE, ROUTE, closed_load, evidence, judged, open_load

from harness.bench.verify import differences
from harness.errors import UsageError
from harness.facts.records import RunInfo
from harness.report import publish
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
    config={
        "lanes": {"flask-sync-4": LANE.model_dump(mode="json")},
        "scenarios": {"sun": {"routes": [ROUTE.model_dump(mode="json")]}},
        "profiles": {},
    },
    verdict_users=4,
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
        folder.write_trial(*judged(seen, block=block), seen, opened_at=1_800_000_000.0)
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
    assert differences(run) == []


@pytest.mark.parametrize(
    "column", ["throughput_rps", "latency_p95_ms", "cpu_ms_per_request", "limit_rps", "ok", "pss_mib", "drain_s"]
)
def test_a_figure_that_was_edited_is_found(run: Path, column: str) -> None:
    edit_table(run, column, lambda cell: str(float(cell) * 2) if "." in cell else str(int(cell) + 1))

    assert any(f"b01-flask-sync-4-u4: {column} is " in difference for difference in differences(run))


def test_a_trial_that_was_declared_valid_by_hand_is_found(run: Path) -> None:
    counts = run / "counts" / "b01-flask-sync-4-u4.json"
    observed = json.loads(counts.read_text())
    counts.write_text(json.dumps({**observed, "wrong_calls": 3, "wrong_examples": ["0-1"]}))

    assert any("status is valid, its raw data say invalid" in difference for difference in differences(run))


def test_a_histogram_that_lost_a_second_is_an_error(run: Path) -> None:
    log = run / "histograms" / "b01-flask-sync-4-u4.hlog"
    lines = log.read_text().splitlines(keepends=True)
    log.write_text("".join(line for line in lines if not line.startswith("Tag=ok,2.000")))

    with pytest.raises(UsageError, match="is damaged"):
        differences(run)


def test_a_report_of_other_figures_is_found(run: Path) -> None:
    report = run / "report.md"
    report.write_text(report.read_text() + "and Quart is 48 times faster\n")
    (run / "report.html").unlink()

    found = differences(run)

    assert any(difference.startswith("report.md is not what `make report` writes") for difference in found)
    assert any(difference.startswith("report.html is missing") for difference in found)


def test_counts_that_are_missing_are_an_error_that_names_them(run: Path) -> None:
    (run / "counts" / "b01-flask-sync-4-u4.json").unlink()

    with pytest.raises(UsageError, match=r"counts/b01-flask-sync-4-u4\.json"):
        differences(run)
