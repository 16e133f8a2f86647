"""The plan of trials under faults: who meets what, and for how long it is watched."""

import pytest
from bounds import config_of
from running import ROOT

from harness.bench.options import load_config
from harness.facts.config import Config, Lane, Profile
from harness.facts.faults import Fault, Injected
from harness.facts.point import Point
from harness.facts.routes import Route, Scenario
from harness.plan.basis import Basis
from harness.plan.closed_load import Delays
from harness.plan.fault_trials import make_fault_plan, without_rate

SUN = Scenario(routes=(Route(path="/sun", upstream=(("location",), ("sun",))),))
DELAYS = Delays({"location": 0.1, "sun": 0.1}, {"location": 0.1, "sun": 0.1})
THREADS = Lane(command="serve {port}", slots=64)
LANES = {
    "threads": THREADS,
    "loop": Lane(command="serve {port}"),
    "quick": THREADS.model_copy(update={"env": {"UPSTREAM_READ_TIMEOUT_S": "1"}}),
}
STALL = Fault(inject=(Injected(kind="hang"),), remedies=("quick",))
ERRORS = Fault(inject=(Injected(kind="error"),))
OVERLOAD = Fault(load=3.0, shares=(0.5,), length_s=20.0)


def basis(*faults: str, capacity: dict[str, float] | None = None, blocks: int = 1) -> Basis:
    profile = Profile(
        lanes=("threads", "loop"),
        points=(4,),
        blocks=blocks,
        verdict_blocks=1,
        window_s=1.0,
        faults=faults,
        fault_rates=(60,),
    )
    config: Config = config_of(
        lanes=LANES,
        scenarios={"sun": SUN},
        profiles={"faults": profile},
        faults={"stall": STALL, "errors": ERRORS, "overload": OVERLOAD},
    )
    return Basis(config, profile, SUN, DELAYS, capacity or {})


def test_a_remedy_is_measured_under_its_fault_alone_and_each_trial_has_a_fresh_server() -> None:
    plan = make_fault_plan(basis("stall", "errors"), 5)

    met = {(trial.lane, trial.point.fault) for trial in plan.trials}
    assert met == {(lane, "stall") for lane in LANES} | {(lane, "errors") for lane in ("threads", "loop")}
    assert all(len(turn.trials) == 1 for turn in plan.others)
    assert {trial.block for trial in plan.trials} == {5}


def test_a_trial_is_watched_until_the_last_trace_of_its_fault_is_expected_to_be_gone() -> None:
    timings = {trial.lane: trial.timing for trial in make_fault_plan(basis("stall"), 1).trials}

    def window_s(last_s: float) -> object:
        return pytest.approx(STALL.start_s + last_s + STALL.tail_s)

    assert timings["loop"].window_s == window_s(10 + 30)
    assert timings["quick"].window_s == window_s(10 + 1)
    assert timings["threads"].window_s >= timings["loop"].window_s


def test_a_share_of_a_lanes_own_capacity_is_its_rate_and_a_lane_without_one_is_left_out() -> None:
    found = basis("overload", capacity={"threads": 321.0})
    plan = make_fault_plan(found, 1)

    assert list(without_rate(found)) == ["loop is not measured under overload: closed load has found no capacity of it"]
    assert [(trial.lane, trial.point) for trial in plan.trials] == [("threads", Point("open", 160.0, "overload"))]
    assert plan.trials[0].timing.window_s > 4 + 20 + 15


def test_each_block_repeats_every_trial_under_a_name_of_its_own() -> None:
    names = [trial.name for trial in make_fault_plan(basis("errors", blocks=3), 2).trials]

    assert len(set(names)) == 6
    assert "b02-threads-r60-errors" in names


def test_callers_of_a_steady_load_hang_up_when_they_lose_patience() -> None:
    steady = [fault for fault in load_config(ROOT / "bench.toml").faults.values() if fault.is_steady]

    assert [(fault.timeout_s, fault.patience_s) for fault in steady] == [(1.0, 1.0)]
