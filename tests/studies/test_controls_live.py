"""Three lanes of which it is known what holds them back, each measured for a few answers."""

from dataclasses import dataclass

import pytest
from tried import in_three_tries

from harness.bench.options import load_config
from harness.facts.config import Upstream
from harness.facts.point import users
from harness.judge.bottleneck import Cause, bottleneck
from harness.measure.site import ROOT
from harness.studies.laboratory import Experiment, laboratory

CONFIG = load_config(ROOT / "bench.toml")
ROUTES = CONFIG.scenarios["weather"].routes


@dataclass(frozen=True)
class Control:
    users: int
    upstream_s: float
    held_back_by: Cause


CONTROLS = {
    "flask-sync-4": Control(12, 0.4, "slots full"),
    "quart-blocking": Control(3, 0.4, "event loop blocked"),
    "quart-default-pool": Control(200, 1.0, "upstream pool"),  # so slow that no core is busy with 100 calls at once
}


@in_three_tries
def test_what_holds_each_control_back_is_named() -> None:
    found = {}
    for name, control in CONTROLS.items():
        lane = CONFIG.lanes[name]
        load = Experiment(users(control.users), 3 * control.upstream_s, 3.5 * control.upstream_s, routes=ROUTES)
        with laboratory(Upstream(delay=f"fixed:{control.upstream_s}")) as bench:
            # Who else uses the machine, and how long the warm-up is, is not what is asked here.
            trial = bench.measure_fresh(lane, load).model_copy(update={"status": "valid"})
        shown = bottleneck([trial], lane, CONFIG.validity, CONFIG.bottleneck)
        found[name] = shown and shown.cause

    assert found == {name: control.held_back_by for name, control in CONTROLS.items()}


@pytest.mark.parametrize("name", ["quart-blocking", "quart-default-pool"])
def test_a_control_is_in_no_profile(name: str) -> None:
    assert all(name not in profile.lanes for profile in CONFIG.profiles.values())
