"""bench.toml: what it says is checked, and what is wrong is named with its remedy."""

import itertools
from pathlib import Path

import pytest
from bounds import WIDE

from harness.errors import UsageError
from harness.facts.config import Config
from harness.facts.names import pick
from harness.facts.parsing import parse_config

LANE = '[lanes.x]\ncommand = "serve {port}"\nslots = 1\n'
MINIMAL = (
    WIDE
    + '[scenarios.s]\nroutes = [{ path = "/" }]\n'
    + LANE
    + '[profiles.p]\nlanes = ["x"]\npoints = [1]\nblocks = 1\nverdict_blocks = 1\nwindow_s = 2\nmax_wait_s = 3\n'
)
CONTROL = '[[controls]]\nlane = "x"\nbaseline = "x"\nmetric = "p95"\n'


def projects_own() -> Config:
    return parse_config(Path("bench.toml").read_text())


def test_the_projects_own_configuration_is_right() -> None:
    config = projects_own()

    assert {"flask-sync-4", "flask-threads-64", "flask-threads-300", "quart"} <= set(config.profiles["quick"].lanes)
    measured = {*config.profiles["full"].lanes, *config.profiles["course"].lanes, *config.ladder_lanes}
    measured |= {lane for fault in config.faults.values() for lane in fault.remedies}
    others = {"oracle", "quart-uvicorn", "quart-granian", "fastapi-uvicorn", "quart-blocking", "quart-default-pool"}
    others |= {"oracle-slots", "quart-patient", "flask-patient"}
    assert measured == set(config.lanes) - others
    assert {(primary.lane, primary.baseline) for primary in config.primaries} == {("quart", "flask-threads-300")}


def test_each_step_of_the_ladder_changes_one_thing() -> None:
    lanes = projects_own().lanes

    def setting(name: str) -> dict[str, object]:
        words = lanes[name].command.split()
        options = dict(itertools.pairwise(words))
        server = words[0] if lanes[name].identity == "quart" else "gunicorn"
        return {
            "server": server,
            "app": words[1],
            "client": lanes[name].env.get(
                "UPSTREAM_CLIENT", "requests" if lanes[name].identity == "flask" else "aiohttp"
            ),
            "class": options.get("--worker-class"),
            "slots": lanes[name].slots,
        }

    changed = {
        (
            step.change,
            frozenset(key for key, value in setting(step.lane).items() if setting(step.baseline)[key] != value),
        )
        for step in projects_own().steps
    }
    assert changed == {
        ("slots", frozenset({"slots"})),
        ("HTTP client", frozenset({"client"})),
        ("async", frozenset({"app", "client", "class", "slots"})),  # model, framework and the client that goes with it
        ("server", frozenset({"server", "class"})),
        ("loop", frozenset({"class"})),
        ("greenlets", frozenset({"class", "slots"})),
    }


def test_every_lane_can_be_told_where_to_listen_so_that_it_can_be_served_on_another_machine() -> None:
    assert [name for name, lane in projects_own().lanes.items() if not lane.says_host] == []


def test_a_step_of_an_unknown_lane_is_an_error_that_names_the_nearest() -> None:
    text = Path("bench.toml").read_text().replace('lane = "quart-uvloop"', 'lane = "quart-uvlop"')

    with pytest.raises(UsageError, match=r"no lane \(in steps\) 'quart-uvlop'") as raised:
        parse_config(text)

    assert "quart-uvloop" in raised.value.hint


def test_the_baseline_has_as_many_threads_as_the_highest_point_has_users() -> None:
    config = projects_own()

    assert config.lanes["flask-threads-300"].slots == max(config.profiles["quick"].points)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (MINIMAL + "[upstream]\nsed = 1\n", "no key 'upstream.sed'", "did you mean 'seed'?"),
        (MINIMAL.replace("slots", "slot"), "there is no key 'lanes.x.slot'", "did you mean 'slots'?"),
        (MINIMAL.replace("command", "url"), "lanes.x.url: String should match", "correct lanes.x.url"),
        (MINIMAL.replace('command = "serve {port}"', "pinned = true"), "one of the two", "correct lanes.x"),
        (MINIMAL.replace("{port}", "8000"), "must say {port}", "lanes.x"),
        (MINIMAL.replace("slots", "pinned = false\ncores = 2\nslots"), "started and pinned", "correct lanes.x"),
        (MINIMAL.replace("slots", "cores = 0\nslots"), "lanes.x.cores", "correct lanes.x.cores"),
        (MINIMAL.replace('["x"]', '["y"]'), "there is no lane (in profile p) 'y'", "known: x"),
        (MINIMAL.replace("points = [1]", "points = [0]"), "profiles.p.points.0", "correct profiles.p.points.0"),
        (MINIMAL.replace("serve {port}", "serve '{port}"), "No closing quotation", "lanes.x.command"),
        (
            MINIMAL.replace("slots = 1", 'slots = 1\nupstream_calls = [["locations"]]'),
            "no endpoint of the upstream 'locations'",
            "location",
        ),
        (MINIMAL.replace("slots = 1", "slots = 1\nupstream_calls = [[]]"), "upstream_calls.0", "correct"),
        (MINIMAL + "nonsense", "is not TOML", "correct bench.toml there"),
        (MINIMAL + '[[primaries]]\nlane = "x"\nbaseline = "x"\nmetric = "speed"\n', "primaries.0.metric", "correct"),
        (MINIMAL + CONTROL + 'lanes = "x"\n', "no key 'controls.0.lanes'", "did you mean 'lane'?"),
        (
            MINIMAL.replace("steal_share = 1000", "steal_share = -1"),
            "validity.steal_share: Input should be gr",
            "correct",
        ),
        (
            MINIMAL.replace("steal_share = 1000", "steal_share = nan"),
            "validity.steal_share: Input should be",
            "correct",
        ),
        (
            MINIMAL.replace("steal_share = 1000", 'steal_share = "x"'),
            "validity.steal_share: Input should be",
            "correct",
        ),
        (MINIMAL.replace("weight", "wait").replace('"/" }', '"/", wait = 2 }'), "scenarios.s.routes.0.wait", "weight"),
    ],
)
def test_a_mistake_is_named_with_its_remedy(text: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_config(text)

    assert message in str(caught.value)
    assert hint in caught.value.hint


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        pick(projects_own().lanes, "flask-tread-64", "lane")

    assert caught.value.hint == "did you mean 'flask-threads-64'?"


def test_a_port_that_only_a_variable_says_will_do() -> None:
    config = parse_config(
        MINIMAL.replace("serve {port}", "serve").replace("slots = 1", 'slots = 1\nenv = { PORT = "{port}" }')
    )

    assert config.lanes["x"].environment(port=5, upstream="u")["PORT"] == "5"


def test_a_lane_is_a_command_with_port_and_upstream_filled_in() -> None:
    lane = parse_config(
        MINIMAL.replace("serve {port}", "serve --on {port} --to '{upstream}/x y'").replace(
            "slots = 1", 'slots = 1\nenv = { PORT = "{port}" }'
        )
    ).lanes["x"]

    assert lane.argv(port=5, upstream="http://u") == ["serve", "--on", "5", "--to", "http://u/x y"]
    assert lane.environment(port=5, upstream="http://u") == {"UPSTREAM_URL": "http://u", "PORT": "5"}
