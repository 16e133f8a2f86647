"""A server that others started: what is seen of it, what is not, and that it is left running."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from bounds import WIDE
from live_servers import UPSTREAM, Server, hypercorn, serving
from running import in_process, only_run, outcome

CONFIG = """
[upstream]
url = "{stub}"

[scenarios.sun]
routes = [{{ path = "/api/sun/97201/us", expect = "sunrise" }}]

[lanes.there]
url = "{app}"
{more}

[profiles.quick]
lanes = ["there"]
points = [4]
blocks = 1
verdict_blocks = 1
window_s = 0.75
calibrate = false
"""


@pytest.fixture(scope="module")
def servers(logs: Path) -> Iterator[tuple[Server, Server]]:
    with serving(UPSTREAM, logs=logs) as [stub], serving(hypercorn(UPSTREAM_URL=stub.url), logs=logs) as [app]:
        yield stub, app


def measured(servers: tuple[Server, Server], folder: Path, more: str) -> Path:
    stub, app = servers
    config = folder / "bench.toml"
    config.write_text(CONFIG.format(stub=stub.url, app=app.url, more=more) + WIDE)
    ended = in_process("bench", "--config", config, "--results", folder / "results")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return only_run(folder / "results")


def test_it_is_measured_as_far_as_it_can_be_seen_and_goes_on(servers: tuple[Server, Server], tmp_path: Path) -> None:
    pid = tmp_path / "server.pid"
    pid.write_text(f"{servers[1].pid}\n")

    run = measured(servers, tmp_path, 'pid_file = "server.pid"')

    (trial,) = outcome(run)
    assert trial["status"] == "valid", trial["reasons"]
    assert float(trial["cpu_ms_per_request"]) > 0
    assert float(trial["pss_mib"]) > 1
    unchecked = trial["not_checked"].split("; ")
    assert {"fresh server", "core", "backlog", "upstream calls"} <= set(unchecked)
    assert "CPU" not in unchecked
    assert "not started by this run" in (run / "report.md").read_text()
    assert servers[1].ask("/health").status == 200
    assert int(json.loads(servers[0].ask("/control/stats").body)["calls"]["sun"]) >= int(trial["ok"])


def test_a_pid_that_is_none_is_an_error(servers: tuple[Server, Server], tmp_path: Path) -> None:
    stub, app = servers
    config = tmp_path / "bench.toml"
    config.write_text(CONFIG.format(stub=stub.url, app=app.url, more="pid = 4194303") + WIDE)

    ended = in_process("bench", "--config", config, "--results", tmp_path / "results")

    assert ended.returncode == 2
    assert "there is no process 4194303" in ended.stderr
