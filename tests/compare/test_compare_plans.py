"""Two runs are compared only if their trials did the same work."""

from pathlib import Path
from typing import Any

import pytest
from bounds import config_of
from compare_inputs import make_open_trial, make_trial, write_run, write_trials

from harness.compare import compare
from harness.errors import UsageError
from harness.facts.config import Config

ROUTE = {"path": "/a", "upstream": [["sun"]], "expect": "sunrise", "weight": 1}
PROFILE = {
    "lanes": ["quart"],
    "points": [300],
    "blocks": 3,
    "verdict_blocks": 3,
    "window_s": 2.5,
    "max_wait_s": 3.0,
    "processes": 1,
}
LANE = {"command": "serve {port}", "slots": 4, "path": None}


def config(**changes: Any) -> Config:
    tables = {"scenarios": {"sun": {"routes": [ROUTE]}}, "lanes": {"quart": LANE}, "profiles": {"quick": PROFILE}}
    return config_of(**{**tables, **changes})


def profile(**changes: Any) -> Config:
    return config(profiles={"quick": {**PROFILE, **changes}})


def error_of(a: Path, b: Path) -> UsageError:
    with pytest.raises(UsageError, match="runs of different plans") as raised:
        compare(a, b)
    assert "lanes, points, rates and blocks may differ" in raised.value.hint
    return raised.value


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"seed": 2}, "seed is 1 in A and 2 in B"),
        ({"delay": "course"}, "delay is 'fixed:0.1' in A and 'course' in B"),
        ({"config": profile(window_s=5.0)}, "window_s is 2.5 in A and 5.0 in B"),
        ({"config": profile(processes=2)}, "processes is 1 in A and 2 in B"),
        ({"config": config(lanes={"quart": {**LANE, "path": "/b"}})}, "lanes.quart.path is None in A and '/b' in B"),
        (
            {"config": config(scenarios={"sun": {"routes": [{**ROUTE, "upstream": [["location"], ["sun"]]}]}})},
            "scenarios.sun.routes.0.upstream is [['sun']] in A and [['location'], ['sun']] in B",
        ),
        (
            {"config": config(scenarios={"sun": {"routes": [ROUTE, {"path": "/b"}]}})},
            "scenarios.sun.routes.1.path is absent in A and '/b' in B",
        ),
        (
            {"config": config(scenarios={"sun": {"routes": [ROUTE], "think_s": 2}})},
            "scenarios.sun.think_s is absent in A and 2.0 in B",
        ),
    ],
)
def test_each_key_of_the_plan_that_differs_is_named_with_both_values(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    trials = [make_trial("quart", 300)]
    a = write_run(tmp_path / "a", trials, config=config())
    b = write_run(tmp_path / "b", trials, **{"config": config(), **changes})

    assert str(error_of(a, b)) == f"A and B are runs of different plans: {said}"


def test_another_scenario_is_a_different_plan_even_without_a_run_json(tmp_path: Path) -> None:
    a = write_trials(tmp_path / "a.csv", [make_trial("quart", 1)])
    b = write_trials(tmp_path / "b.csv", [make_trial("quart", 1, scenario="city")])

    assert str(error_of(a, b)).endswith("plans: scenario is 'sun' in A and 'city' in B")


@pytest.mark.parametrize(
    "other",
    [
        profile(points=[16, 300], blocks=5, rates=[100.0]),
        profile(max_wait_s=30.0, aa=["closed"]),
        config(lanes={"quart": {**LANE, "command": "other {port}"}, "flask": LANE}),
        config(profiles={"full": PROFILE}),
    ],
)
def test_lanes_points_blocks_and_what_is_compared_may_differ(tmp_path: Path, other: Config) -> None:
    a = write_run(tmp_path / "a", [make_trial("quart", 300), make_trial("flask", 300)], config=config())
    more = [make_trial("quart", 300), make_trial("quart", 16)]
    b = write_run(tmp_path / "b", more, config=other, profile=next(iter(other.profiles)), commit="fedcba")

    comparison = compare(a, b)

    assert [row.label for row in comparison.rows] == ["quart@300"]
    assert [row.label for row in comparison.only_a] == ["flask@300"]
    assert [row.label for row in comparison.only_b] == ["quart@16"]
    (note,) = (note for note in comparison.notes if "not measured alike" in note)
    assert "commit 0123456789ab / fedcba" in note


@pytest.mark.parametrize("key", ["arrivals", "open_window_s"])
def test_the_timing_of_open_load_matters_only_where_both_have_some(tmp_path: Path, key: str) -> None:
    closed, both = [make_trial("quart", 300)], [make_trial("quart", 300), make_open_trial("quart", 100)]
    other = profile(**{key: {"arrivals": "constant", "open_window_s": 10.0}[key]})
    a = write_run(tmp_path / "a", both, config=config())

    assert compare(a, write_run(tmp_path / "b", closed, config=other)).rows
    assert f"plans: {key} is" in str(error_of(a, write_run(tmp_path / "c", both, config=other)))


def test_an_open_window_that_is_not_given_is_as_long_as_the_closed_one(tmp_path: Path) -> None:
    trials = [make_open_trial("quart", 100)]
    a = write_run(tmp_path / "a", trials, config=profile(open_window_s=None))
    b = write_run(tmp_path / "b", trials, config=profile(open_window_s=2.5))

    assert compare(a, b).rows


def test_a_table_alone_is_compared_with_a_folder_by_what_it_knows(tmp_path: Path) -> None:
    a = write_run(tmp_path / "a", [make_trial("quart", 300)], seed=7, config=config())
    b = write_run(tmp_path / "b", [make_trial("quart", 300)], config=config())

    assert compare(a, b / "trials.csv").rows
