"""The shortest way: two services named on the command line, commands or addresses, and a verdict of their own."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from bounds import WIDE
from live_servers import UPSTREAM, Server, serving
from running import in_process, only_run, outcome

CONFIG = """
[scenarios.unused]
routes = [{ path = "/" }]

[lanes.unused]
command = "true {port}"

[profiles.quick]
lanes = ["unused"]
points = [4]
blocks = 1
verdict_blocks = 1
window_s = 0.75
pair_shares = [0.5]
calibrate = false
"""
PATHS = "/location/us/97201,/weather/us/97201"


@pytest.fixture(scope="module")
def there(logs: Path) -> Iterator[Server]:
    with serving(UPSTREAM, logs=logs) as [server]:
        yield server


def test_a_server_that_runs_and_a_command_are_measured_and_judged(there: Server, tmp_path: Path) -> None:
    config = tmp_path / "bench.toml"
    config.write_text(CONFIG + WIDE)
    command = "python -m upstream --port {port} --delay fixed:0.02"
    words = ("--flask", there.url, "--quart", command, "--paths", PATHS, "--results", tmp_path / "results")

    ended = in_process("bench", "--config", config, *words, charts=True)

    run = only_run(tmp_path / "results")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"loads {there.url} (lane flask), which this run does not start" in ended.stderr
    primaries = json.loads((run / "run.json").read_text())["primaries"]
    assert {(one["lane"], one["baseline"]) for one in primaries} == {("quart", "flask")}
    for trial in outcome(run):
        assert trial["status"] == "valid", trial["reasons"]
    assert "/weather/us/97201" in (run / "report.md").read_text()
    assert in_process("verify", run).returncode == 0


def test_users_who_think_ask_less_often(tmp_path: Path) -> None:
    config = tmp_path / "bench.toml"
    thinking = 'think_s = 0.1\nthink = "exponential"\nroutes = [{ path = "/location/us/97201", upstream = [] }]\n'
    lane = '[lanes.stub]\ncommand = "python -m upstream --port {port} --delay fixed:0.02"\nready = "/health"\n'
    config.write_text(f"[scenarios.calm]\n{thinking}\n{lane}\n" + CONFIG.replace("pair_shares = [0.5]\n", "") + WIDE)
    words = ("--scenario", "calm", "--lanes", "stub", "--points", "12", "--results", tmp_path / "results")

    ended = in_process("bench", "--config", config, *words, charts=True)

    (trial,) = outcome(only_run(tmp_path / "results"))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert trial["status"] == "valid", trial["reasons"]
    assert 50 < float(trial["throughput_rps"]) < 130  # 12 / (0.1 + 0.02 and a little)
    assert 7 < float(trial["thinking_users"]) < 11.5
    assert float(trial["user_idle_ms"]) == pytest.approx(0, abs=40)
