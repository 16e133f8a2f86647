"""A real run of two stubs, one of them ten times as fast: the first look ends it."""

import json
from pathlib import Path

import pytest
from bounds import WIDE
from running import harness, only_run, rows

CONFIG = """
[scenarios.stub]
routes = [{ path = "/location/us/97201", upstream = [] }]

[lanes.fast]
command = "python -m upstream --port {port} --delay fixed:0.02"
slots = "unbounded"

[lanes.slow]
command = "python -m upstream --port {port} --delay fixed:0.2"
slots = "unbounded"

[[primaries]]
lane = "fast"
baseline = "slow"
metric = "throughput"

[profiles.quick]
lanes = ["fast", "slow"]
points = [4]
blocks = 1
verdict_blocks = 8
window_s = 0.6
scenario = "stub"
calibrate = false
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("looks")
    (folder / "bench.toml").write_text(CONFIG + WIDE)
    ended = harness("bench", "--config", folder / "bench.toml", "--results", folder / "results")
    assert ended.returncode == 0, ended.stderr
    assert "a verdict is sought after 4, 6 and 8 pairs" in ended.stderr
    assert "fast against slow in closed load: the difference is sure after 4 pairs" in ended.stderr
    return folder / "results"


def test_the_pairs_that_a_look_saves_are_not_measured(results: Path) -> None:
    run = only_run(results)
    trials = rows(run / "trials.csv")
    planned = json.loads((run / "run.json").read_text())

    judged = [(trial["block"], trial["lane"]) for trial in trials]
    assert sorted(judged) == [(str(block), lane) for block in (1, 2, 3, 4) for lane in ("fast", "slow")]
    assert planned["plan"] == [trial["trial"] for trial in trials]
    assert planned["status"] == "complete"


def test_the_report_says_how_many_of_the_planned_pairs_decided_it(results: Path) -> None:
    ended = harness("report", only_run(results))

    assert "4 of 8 paired blocks" in " ".join(ended.stdout.split())
    assert "better" in ended.stdout
