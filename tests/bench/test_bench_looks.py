"""A real run of two lanes, one of them with two slots: the first look ends it."""

import json
from pathlib import Path

import pytest
from running import in_process, only_run, rows, small_config

from harness.plan.repeats import APART

# Eight users at two threads against as many at an event loop: so far apart that no busy machine hides it.
UNEQUAL = (
    ("--threads 8", "--threads 2"),
    ("slots = 8", "slots = 2"),
    ("points = [4]", "points = [8]"),
    ("verdict_blocks = 1", "verdict_blocks = 8"),
)
Ran = tuple[Path, str]  # the run's folder, and the report on stdout


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("looks")
    config = small_config(folder)
    for equal, unequal in UNEQUAL:
        config.write_text(config.read_text().replace(equal, unequal))
    ended = in_process("bench", "--config", config, "--results", folder / "results")
    assert ended.returncode == 0, ended.stderr
    assert "a verdict is sought after 4, 6 and 8 pairs" in ended.stderr
    assert "quart against threads in closed load: the difference is sure after 4 pairs" in ended.stderr
    return only_run(folder / "results"), ended.stdout


def test_the_pairs_that_a_look_saves_are_not_measured(ran: Ran) -> None:
    run, _ = ran
    trials = rows(run / "trials.csv")
    planned = json.loads((run / "run.json").read_text())

    measured = [(int(trial["block"]), trial["lane"]) for trial in trials]
    lost = {int(trial["block"]) for trial in trials if trial["status"] == "invalid"}  # a busy machine may cost a pair
    firsts = sorted(turn for turn in measured if turn[0] < APART)
    assert firsts == [(block, lane) for block in (1, 2, 3, 4) for lane in ("quart", "threads")]
    assert {block - APART for block, _ in measured if block > APART} <= lost
    assert planned["plan"] == [trial["trial"] for trial in trials]
    assert planned["status"] == "complete"


def test_the_report_says_how_many_of_the_planned_pairs_decided_it(ran: Ran) -> None:
    _, report = ran

    assert "4 of 8 paired blocks" in " ".join(report.split())
    assert "better" in report
