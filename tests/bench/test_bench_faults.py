"""A run under a fault: the stub fails as planned, /health is watched, and what follows is judged by rules that fit."""

import json
from importlib import import_module
from pathlib import Path

import pytest
from bounds import WIDE
from running import in_process, only_run, rows
from tried import in_three_tries

from harness.bench.verify import differences
from harness.facts.faults import UnderFault
from harness.facts.run import Run
from harness.store.read_run import read_run

# Four threads, whose calls hang for a second and a half: half of 20 requests/s take one each.
CONFIG = """
[upstream]
delay = "fixed:0.02"

[scenarios.mix]
routes = [
  { path = "/api/sun/97201/us", upstream = [["location"], ["sun"]], expect = "sunrise" },
  { path = "/api/weather/97201/us", upstream = [["weather"]], expect = "temperature" },
]

[lanes.threads]
command = "gunicorn flask_app.app:app --bind 127.0.0.1:{port} --threads 4 --config servers/gunicorn.conf.py"
env = { UPSTREAM_READ_TIMEOUT_S = "1.5" }
slots = 4
identity = "flask"

[profiles.faults]
lanes = ["threads"]
scenario = "mix"
points = [4]
blocks = 1
verdict_blocks = 1
window_s = 0.5
calibrate = false
faults = ["stall"]
fault_rates = [20]

[faults.stall]
inject = [{ kind = "hang", endpoint = "location" }]
start_s = 1.0
length_s = 1.0
tail_s = 1.0
patience_s = 0.5

[orchestrator]
every_s = 0.2
timeout_s = 0.2
period_s = 0.4
failures = 2
"""


@pytest.fixture(scope="module")
@in_three_tries
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("faults")
    (place / "bench.toml").write_text(CONFIG + WIDE)
    ended = in_process("bench", "--config", place / "bench.toml", "--fault", "stall", "--results", place / "results")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "Under stall: threads at 20/s did not answer /health for" in ended.stdout
    found = only_run(place / "results")
    for one in read_run(found).under_faults:  # else the machine cannot carry the load
        assert None not in (one.damage.back_s, one.expected.back_s)
    return found


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    return read_run(folder)


@pytest.fixture(scope="module")
def stalled(run: Run) -> UnderFault:
    (one,) = run.under_faults
    return one


def test_injected_errors_leave_the_trial_valid_and_its_calls_those_that_the_answers_require(folder: Path) -> None:
    trial = next(row for row in rows(folder / "trials.csv") if row["fault"] == "stall")
    number = {name: int(trial[name]) for name in trial if trial[name].isdigit()}

    assert (trial["status"], trial["reasons"]) == ("valid", "")
    assert number["window_failed"] > 0
    assert number["started"] == number["ok"] + number["failed"] + number["censored"] > 0


def test_the_fault_was_in_force_as_planned_and_health_was_out_while_no_slot_was_free(stalled: UnderFault) -> None:
    assert stalled.fault_s == pytest.approx(1.0, abs=0.5)
    assert stalled.damage.asked == len(stalled.asks) > 10
    assert 0.4 <= stalled.damage.outage_s < 4.0
    assert stalled.damage.restarts >= 1
    assert all(ask.in_time for ask in stalled.asks if ask.at_s < -0.2)
    assert stalled.damage.other_lost > 0  # those that do not call what is sick wait for a slot as well


def test_what_was_expected_was_written_down_before(stalled: UnderFault) -> None:
    assert stalled.expected.dead_s == pytest.approx((4 - 20 * 0.03) / 10)
    assert stalled.expected.restarts is not None
    assert stalled.expected.restarts >= 1


def test_every_figure_follows_from_the_rows_and_the_report_says_seen_beside_expected(folder: Path) -> None:
    said = (folder / "report.md").read_text()
    with pytest.MonkeyPatch.context() as patch:  # the charts were not drawn
        patch.setattr("harness.bench.verify.chart_files", lambda _: ())
        patch.setattr(import_module("harness.report.publish"), "drawings", lambda _: ())
        assert list(differences(folder)) == []

    assert "## When things go wrong" in said
    assert "stall | threads | 20" in said


def test_the_configuration_of_a_run_holds_its_faults_alone(folder: Path) -> None:
    config = json.loads((folder / "run.json").read_text())["config"]

    assert list(config["faults"]) == ["stall"]
    assert config["orchestrator"]["failures"] == 2


def test_an_unknown_fault_and_one_that_the_stub_refuses_are_said(tmp_path: Path) -> None:
    (tmp_path / "bench.toml").write_text(CONFIG.replace('kind = "hang"', 'kind = "slow"') + WIDE)

    unknown = in_process("bench", "--config", tmp_path / "bench.toml", "--fault", "stal", "--plan")
    refused = in_process("bench", "--config", tmp_path / "bench.toml", "--fault", "stall", "--plan")
    without_rates = in_process("bench", "--profile", "smoke", "--fault", "stall", "--plan")

    assert unknown.returncode == refused.returncode == without_rates.returncode == 2
    assert "has no rates for trials under faults" in without_rates.stderr
    assert "stall" in unknown.stderr
    assert "the stub refuses a fault: " in refused.stderr
