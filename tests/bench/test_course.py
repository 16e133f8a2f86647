"""The course's benchmark: a profile with a scenario, delays and a cold window of its own."""

import csv
import re
from dataclasses import replace
from pathlib import Path

import pytest
from bounds import BOUNDS
from running import in_process, small_config
from trials import LANE, ROUTE, calls_for, evidence, requests
from tried import in_three_tries

from harness.bench.description import start
from harness.bench.options import Options, chosen
from harness.errors import UsageError
from harness.facts.parsing import parse_config
from harness.facts.point import users
from harness.facts.trial import Trial
from harness.judge.counting import count_trial
from harness.judge.rows import Evidence
from harness.judge.trial_row import times, trial_row
from harness.plan.blocks import PlannedTrial
from harness.plan.closed_load import Delays, Plan, make_plan
from harness.plan.timing import cold_timing

DELAYS = Delays({"location": 0.41, "sun": 0.535, "weather": 0.535}, {"location": 0.54, "sun": 0.75, "weather": 0.75})
COLD_PROFILE = """
[profiles.course]
lanes = ["threads", "quart"]
points = [20]
blocks = 1
verdict_blocks = 1
cold = true
window_s = 2
scenario = "sun"
delay = "course"
calibrate = false
"""
# Four users at once on one slot of 0.9 s, seen for three: one answer of the window is slower than two seconds.
QUEUED = requests(
    ["0-0", "1-0", "2-0", "3-0", "0-1", "1-1", "2-1"],
    [10.0, 10.0, 10.0, 10.0, 10.9, 11.8, 12.7],
    [0.9, 1.8, 2.7, 3.6, 3.6, 3.6, 3.6],
)


def plan() -> Plan:
    config = chosen(Options(profile="course"))
    return make_plan(config, config.profiles["course"], config.scenarios["sun"], DELAYS)


def judged(seen: Evidence) -> Trial:
    planned = PlannedTrial(1, "flask-sync-4", users(4), cold_timing(4.0, 1.0, 3.0), clients=4)
    observed = count_trial(planned, [ROUTE], seen)
    return trial_row(
        planned, LANE, [ROUTE], observed, times(seen), BOUNDS, scenario="sun", started_utc="2026-01-01T00:00:00Z"
    )


def test_a_profile_brings_its_own_scenario_and_delay() -> None:
    config, info = chosen(Options(profile="course")), start(Options(profile="course"))

    assert (info.scenario, info.delay) == ("sun", "course")
    assert (list(config.scenarios), config.upstream.delay) == (["sun"], "course")


def test_the_command_line_wins_over_the_profile() -> None:
    info = start(Options(profile="course", scenario="city", delay="fixed:0.02"))

    assert (info.scenario, info.delay) == ("city", "fixed:0.02")
    assert "course" not in str(info.config.upstream)


def test_a_profile_without_a_scenario_and_a_delay_leaves_both_as_they_were() -> None:
    info = start(Options(profile="smoke"))

    assert (info.scenario, info.delay) == ("sun", "fixed:0.1")


def test_a_profile_with_an_unknown_scenario_is_an_error() -> None:
    text = Path("bench.toml").read_text().replace('scenario = "sun"', 'scenario = "sum"')

    with pytest.raises(UsageError, match=r"no scenario \(in profile course\) 'sum'"):
        parse_config(text)


def test_no_verdict_is_asked_of_cold_windows() -> None:
    pair = ["quart", "flask-threads-300"]

    assert chosen(Options(profile="quick", lanes=pair)).primaries
    assert chosen(Options(profile="course", lanes=pair)).primaries == ()


def test_a_cold_window_opens_with_the_load_and_all_users_at_once() -> None:
    timings = {trial.timing for trial in plan().trials}

    assert {(timing.spread_s, timing.warmup_s, timing.window_s) for timing in timings} == {(0, 0, 15)}
    assert all(timing.suits(wait_s=1000) for timing in timings)


def test_no_lane_is_skipped_and_the_last_answers_have_time_to_come() -> None:
    planned = {trial.lane: trial for trial in plan().trials}

    assert plan().skipped == ()
    assert set(planned) == set(chosen(Options(profile="course")).lanes)
    assert planned["flask-sync-1"].timing.drain_s > 2 * 20 * 0.945


def test_the_course_takes_less_than_ten_minutes() -> None:
    drains_s = 3 * sum(20 * 0.945 / slots for slots in (1, 4, 5, 20, 20, 20, 20))

    assert plan().expected_s + drains_s < 600


def test_a_cold_trial_is_not_judged_for_steady_state() -> None:
    trial = judged(evidence(QUEUED, calls=calls_for(QUEUED)))

    assert (trial.status, trial.reasons) == ("valid", "")
    assert (trial.steady, trial.late_users) == (False, None)


def test_a_cold_trial_keeps_every_other_rule() -> None:
    wrong = replace(QUEUED, error=["wrong identity: X-App is 'quart', not 'flask'"] * len(QUEUED.id))
    trial = judged(
        evidence(
            wrong,
            calls=calls_for(requests([], [], [])),
            sent={"started": 9},
            cost={"busiest_generator_s": 2.0},
            interference={"foreign_share": 0.5},
            listen_overflows=3,
        )
    )

    for reason in (
        "9 requests were sent",
        "wrong upstream",
        "another app",
        "generator used",
        "overflowed",
        "other pro",
    ):
        assert reason in trial.reasons


def test_a_cold_window_counts_whole_answers_and_says_what_wrk_would_say() -> None:
    trial = judged(evidence(QUEUED))

    assert trial.throughput_rps == trial.completed_rps == 3 / 3.0
    assert trial.latency_mean_ms == pytest.approx(1800, rel=1e-3)
    assert trial.slow_ok == 1
    assert trial.quick_mean_ms == pytest.approx(1350, rel=1e-3)


def test_a_cold_window_without_a_quick_answer_has_no_mean_of_them() -> None:
    trial = judged(evidence(requests(["0-0"], [10.0], [2.5])))

    assert (trial.slow_ok, trial.quick_mean_ms) == (1, None)


@pytest.fixture(scope="module")
@in_three_tries
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of a cold window of two seconds, with what it said."""
    folder = tmp_path_factory.mktemp("course")
    config = small_config(folder, COLD_PROFILE)
    ended = in_process("bench", "--profile", "course", "--config", config, "--results", folder / "results", charts=True)
    assert ended.returncode == 0, ended.stderr
    (folder / "stdout").write_text(ended.stdout)
    return folder


def test_a_cold_run_measures_each_lane_once_and_calls_it_not_steady(finished: Path) -> None:
    with (finished / "results" / "latest" / "trials.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))

    assert sorted((row["lane"], row["attempt"], row["steady"]) for row in rows) == [
        ("quart", "1", "False"),
        ("threads", "1", "False"),
    ]
    assert {(row["warmup_s"], row["warmup_ok"], row["status"]) for row in rows} == {("0.0", "0", "valid")}


def test_a_cold_run_leaves_the_lectures_figures_beside_its_own(finished: Path) -> None:
    run = finished / "results" / "latest"

    for text in ((run / "report.md").read_text(), (run / "report.html").read_text(), (finished / "stdout").read_text()):
        assert "lecture: Flask" in text
        assert "4.72" in text
        assert re.search(r"windows\s+of\s+this\s+run\s+are\s+cold", text)


def test_the_figures_of_a_cold_run_follow_from_its_raw_data(finished: Path) -> None:
    ended = in_process("verify", finished / "results" / "latest")

    assert ended.returncode == 0, ended.stdout
