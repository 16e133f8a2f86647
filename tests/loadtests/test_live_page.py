"""The live page in a Locust of its own, beside servers and a stub that are not there."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from polling import poll
from running import ROOT

from harness.measure.site import free_port

ROUTE = "/x"
GONE = "http://127.0.0.1:1"


@pytest.fixture
def locust(tmp_path: Path) -> Iterator[str]:
    """Start Locust's web UI with our locustfile, aimed at what has gone away; yield its address."""
    port = free_port()
    command = [sys.executable, "-m", "locust", "--locustfile", str(ROOT / "loadtests" / "locustfile.py")]
    command += ["--web-host", "127.0.0.1", "--web-port", str(port)]
    gone = {"url": GONE, "health": GONE, "pid": _ended_pid(), "lane": "<b>lane</b>", "identity": None}
    plan = {
        "apps": [{"name": name, **gone} for name in ("flask", "quart")],
        "stub_url": GONE,
        "faults": {"<b>stall</b>": [{"kind": "hang", "share": 1.0}]},
        "routes": [{"name": ROUTE, "path": ROUTE}],
        "data": [],
        "data_seed": "1",
    }
    (tmp_path / "live.json").write_text(json.dumps(plan))
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "LIVE_PLAN": str(tmp_path / "live.json"),
    }
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=log) as process,
    ):
        url = f"http://127.0.0.1:{port}"
        poll(lambda: _answers(url), 60, "Locust's page")
        yield url
        process.terminate()
        process.wait(60)
        assert "Traceback" not in (tmp_path / "log").read_text()


def _ended_pid() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        return process.pid


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=30).ok
    except requests.ConnectionError:
        return False


def series(url: str) -> dict[str, Any]:
    told: dict[str, Any] = requests.get(f"{url}/live/series", timeout=30).json()
    return told


def start(url: str) -> None:
    requests.post(f"{url}/swarm", data={"user_count": 4, "spawn_rate": 4}, timeout=30)


def test_servers_and_a_stub_that_are_gone_give_failures_and_no_figures(locust: str) -> None:
    start(locust)
    points = poll(lambda: series(locust)["points"][1:], 60, "two seconds")

    assert all(point["flask_failures_rps"] > 0 and point["quart_failures_rps"] > 0 for point in points)
    for absent in ("upstream_in_flight", "flask_cpu_percent", "flask_p50_ms", "quart_p99_ms"):
        assert [point[absent] for point in points] == [None] * len(points), absent


def test_a_new_test_and_a_reset_each_start_the_series_anew(locust: str) -> None:
    assert series(locust)["points"] == []
    start(locust)
    first = poll(lambda: (told := series(locust))["points"][1:] and told, 60, "the first test's seconds")["run"]

    requests.post(f"{locust}/stats/reset", timeout=30)
    after_reset = poll(lambda: (told := series(locust))["points"] and told, 60, "seconds after the reset")
    requests.post(f"{locust}/stop", timeout=30)
    stopped = poll(lambda: (told := series(locust))["state"] == "stopped" and told, 60, "the stop")
    start(locust)
    second = poll(lambda: (told := series(locust))["points"] and told, 60, "the second test's seconds")

    assert (after_reset["run"], stopped["run"], second["run"]) == (first + 1, first + 1, first + 2)
    assert after_reset["points"][0]["second"] < 2
    assert second["points"][0]["second"] < 2


def test_the_page_is_told_only_what_it_does_not_have(locust: str) -> None:
    start(locust)
    told = poll(lambda: (told := series(locust))["points"][1:] and told, 60, "two seconds")
    last = told["points"][-1]["second"]

    news = requests.get(f"{locust}/live/series?run={told['run']}&after={last}", timeout=30).json()["points"]
    of_another_run = requests.get(f"{locust}/live/series?run=99&after={last}", timeout=30).json()["points"]

    assert all(point["second"] > last for point in news)
    assert of_another_run[: len(told["points"])] == told["points"]


def test_names_with_markup_cannot_break_the_page(locust: str) -> None:
    page = requests.get(f"{locust}/live", timeout=30)

    assert "<b>lane</b>" not in page.text
    assert "&lt;b&gt;lane&lt;/b&gt;" in page.text
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]


def test_each_app_has_a_download_and_no_other(locust: str) -> None:
    stats = requests.get(f"{locust}/live/flask_stats.csv", timeout=30)

    assert stats.headers["Content-Disposition"] == "attachment; filename=flask_stats.csv"
    assert f"GET,{ROUTE},0,0" in stats.text
    assert requests.get(f"{locust}/live/other_stats.csv", timeout=30).status_code == 404
