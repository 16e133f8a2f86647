"""`ui`: both apps side by side in Locust's web UI, used in a real browser."""

import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from browser import chromium
from polling import poll
from running import ROOT, command, harness

SUN = "/api/sun/97201/us"


@dataclass
class Ui:
    """A running `ui`."""

    process: subprocess.Popen[str]
    flask: int
    web: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web}"

    def stats(self) -> dict[str, dict[str, Any]]:
        """Return Locust's rows by name."""
        return {row["name"]: row for row in requests.get(f"{self.url}/stats/requests", timeout=5).json()["stats"]}


def free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        listeners = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [listener.getsockname()[1] for listener in listeners]


@pytest.fixture(scope="module")
def ui() -> Iterator[Ui]:
    stub, flask, quart, web = free_ports(4)
    words = ("ui", "--stub-port", stub, "--flask-port", flask, "--quart-port", quart, "--web-port", web)
    with subprocess.Popen(
        command(*map(str, words)), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        said = [next(process.stdout) for _ in range(4)]
        assert f"http://127.0.0.1:{web}" in said[-1], said
        yield Ui(process, flask, web)
        family = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        assert not any(member.is_running() for member in family)


def test_both_apps_move_side_by_side_whatever_the_host_field_says(ui: Ui, tmp_path: Path) -> None:
    with chromium() as browser:
        page = browser.new_page()
        page.goto(ui.url)
        page.get_by_label("Number of users").fill("20")
        page.get_by_label("Host").fill(f"http://127.0.0.1:{ui.flask}")
        page.get_by_role("button", name="Start").click()
        page.get_by_text(f"flask {SUN}").wait_for()
        page.get_by_text(f"quart {SUN}").wait_for()
        before = ui.stats()
        poll(lambda: _moved(before, ui.stats()), 20, "both apps answer")
        page.screenshot(path=tmp_path / "ui.png")
        page.get_by_role("button", name="Stop").click()

    assert all(row["num_failures"] == 0 for row in ui.stats().values())


def _moved(before: dict[str, dict[str, Any]], now: dict[str, dict[str, Any]]) -> bool:
    names = [f"{app} {SUN}" for app in ("flask", "quart")]
    return all(now[name]["num_requests"] > before[name]["num_requests"] + 20 for name in names)


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Origin": "null"}])
@pytest.mark.parametrize("path", ["/", "/stats/requests", "/stop"])
def test_a_foreign_host_or_origin_is_refused(ui: Ui, headers: dict[str, str], path: str) -> None:
    assert requests.get(ui.url + path, headers=headers, timeout=5).status_code == 403


def test_this_machines_own_origin_is_served(ui: Ui) -> None:
    assert requests.get(ui.url, headers={"Origin": ui.url}, timeout=5).status_code == 200


def test_a_port_that_is_taken_is_said_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        stub, flask, web = free_ports(3)
        words = ("ui", "--quart-port", port, "--stub-port", stub, "--flask-port", flask, "--web-port", web)

        ended = harness(*map(str, words))

    assert ended.returncode == 2
    assert f"port {port} cannot be used" in ended.stderr
    assert "make ui QUART_PORT=" in ended.stderr
