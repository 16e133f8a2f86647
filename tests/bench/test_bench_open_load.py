"""A whole run with open load and A/A."""

from pathlib import Path

import pytest
from running import harness, in_process, only_run, rows, small_config


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
    ended = in_process("verify", with_open_load)

    assert ended.returncode == 0, ended.stdout
