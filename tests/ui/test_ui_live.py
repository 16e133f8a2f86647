"""`ui`: both apps side by side in Locust's web UI and on the live page, used in a real browser."""

import csv
import io
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
from playwright.sync_api import Page
from polling import poll
from running import ROOT, command, harness, in_process

SUN = "/api/sun/97201/us"
LINES = """figure => [...document.querySelectorAll(`figure[data-figure=${figure}] .line`)]
    .filter(line => line.closest("svg.chart")).map(line => line.getAttribute("d"))"""


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
        return {row["name"]: row for row in requests.get(f"{self.url}/stats/requests", timeout=30).json()["stats"]}

    def state(self) -> str:
        """Return what the test does."""
        return str(requests.get(f"{self.url}/live/series", timeout=30).json()["state"])

    def points(self) -> list[dict[str, Any]]:
        """Return the live page's seconds."""
        points: list[dict[str, Any]] = requests.get(f"{self.url}/live/series", timeout=30).json()["points"]
        return points


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
        said = [next(process.stdout) for _ in range(5)]
        assert f"http://127.0.0.1:{web}" in said[-2], said
        assert f"http://127.0.0.1:{web}/live" in said[-1], said
        yield Ui(process, flask, web)
        family = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
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
        poll(lambda: _moved(before, ui.stats()), 60, "both apps answer")
        page.get_by_role("tab", name="Side by side").click()
        page.get_by_role("cell", name="last 10 s").first.wait_for()
        page.screenshot(path=tmp_path / "ui.png")
        assert page.get_by_role("cell", name="quart", exact=True).count() == 2
        page.get_by_role("button", name="Stop").click()
        poll(lambda: ui.state() == "stopped", 60, "the stop")

    assert all(row["num_failures"] == 0 for row in ui.stats().values())


def _moved(before: dict[str, dict[str, Any]], now: dict[str, dict[str, Any]]) -> bool:
    names = [f"{app} {SUN}" for app in ("flask", "quart")]
    return all(now[name]["num_requests"] > before[name]["num_requests"] + 20 for name in names)


def test_the_live_page_draws_both_apps_while_a_load_runs(ui: Ui, tmp_path: Path) -> None:
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1200, "height": 800})
        troubles, asked = _listen(page)
        page.goto(ui.url)
        page.get_by_role("link", name="live side by side").click()
        page.get_by_text("Locust's own page").wait_for()
        requests.post(f"{ui.url}/swarm", data={"user_count": 40, "spawn_rate": 40}, timeout=30)
        page.locator("#state.running").wait_for()

        for figure in ("throughput_rps", "p50_ms", "cpu_percent", "users", "upstream_in_flight", "failures_rps"):
            _wait_for_lines(page, figure, 1 if figure == "upstream_in_flight" else 2)
        _choose_a_span(page)
        _read_the_first_second(page, ui.points()[0])
        page.screenshot(path=tmp_path / "live.png")

        requests.post(f"{ui.url}/stop", timeout=30)
        page.locator("#state.stopped").wait_for()

    assert troubles == []
    assert {url.split("/")[2] for url in asked if not url.startswith("data:")} == {f"127.0.0.1:{ui.web}"}
    assert all(point["flask_cpu_percent"] is not None for point in ui.points())
    assert any(point["upstream_in_flight"] for point in ui.points())


def _listen(page: Page) -> tuple[list[str], list[str]]:
    """Return what will go wrong on the page, and what it will ask for."""
    troubles: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: troubles.append(message.text) if message.type != "info" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    return troubles, asked


def _wait_for_lines(page: Page, figure: str, count: int) -> None:
    """Wait until each line of a chart has three seconds and has moved since it was first seen."""

    def drawn() -> list[str]:
        lines: list[str] = page.evaluate(LINES, figure)
        assert len(lines) in (0, count), figure
        return [line for line in lines if line.count("L") >= 2]

    poll(lambda: len(drawn()) == count, 20, f"{figure} is drawn")
    before = max(line.count("L") for line in drawn())
    poll(lambda: min(line.count("L") for line in drawn()) > before, 20, f"{figure} moves")


def _choose_a_span(page: Page) -> None:
    for span, end in (("10 minutes", "10:00"), ("minute", "1:00")):
        page.get_by_label(span, exact=True).check()
        page.locator("figure[data-figure=users] text", has_text=end).wait_for()


def _read_the_first_second(page: Page, first: dict[str, Any]) -> None:
    """Point at the left end of one chart: every chart marks that second and says its figures."""
    page.locator("figure[data-figure=users] svg.chart").hover(position={"x": 39, "y": 60})
    clock = f"0:{round(first['second']):02d}"
    poll(lambda: page.locator(".cursor + text", has_text=clock).count() == 9, 5, "the second is marked")
    said = page.locator("figure[data-figure=throughput_rps] output").all_inner_texts()
    assert [float(text) for text in said] == pytest.approx(
        [first["flask_throughput_rps"], first["quart_throughput_rps"]], abs=0.6
    )


def test_the_downloads_are_a_pair_that_compare_reads_and_a_series(ui: Ui, tmp_path: Path) -> None:
    requests.post(f"{ui.url}/swarm", data={"user_count": 20, "spawn_rate": 20}, timeout=30)
    poll(lambda: len(ui.points()) > 2, 60, "some seconds")
    requests.post(f"{ui.url}/stop", timeout=30)
    poll(lambda: ui.state() == "stopped", 60, "the stop")
    for name in ("flask_stats.csv", "quart_stats.csv", "series.csv"):
        (tmp_path / name).write_text(requests.get(f"{ui.url}/live/{name}", timeout=30).text)

    compared = in_process("compare", tmp_path / "flask_stats.csv", tmp_path / "quart_stats.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "series.csv").read_text())))

    assert compared.returncode == 0, compared.stderr
    assert f"GET {SUN}" in compared.stdout
    assert all(float(row["quart_throughput_rps"]) > 0 for row in rows[:3])


FOREIGN = (
    {"Host": "evil.example"},
    {"Host": "127.0.0.1.evil.example:{port}"},
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://localhost:9999"},  # another service of this machine
    {"Origin": "http://127.0.0.1"},
    {"Origin": "https://127.0.0.1:{port}"},
    {"Origin": "http://127.0.0.1:{port}.evil.example"},
    {"Origin": "http://127.0.0.1.evil.example:{port}"},
    {"Origin": "http://127.0.0.1:{port}@evil.example"},
)


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize(
    "path", ["/", "/stats/requests", "/stop", "/live", "/live/series", "/live/series.csv", "/live/static/live.js"]
)
def test_a_foreign_host_or_origin_is_refused(ui: Ui, headers: dict[str, str], path: str) -> None:
    port = ui.url.rpartition(":")[2]
    filled = {name: value.replace("{port}", port) for name, value in headers.items()}

    assert requests.get(ui.url + path, headers=filled, timeout=30).status_code == 403


def test_a_fault_is_set_and_cleared_by_its_button_and_health_is_shown(ui: Ui, tmp_path: Path) -> None:
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        troubles, _ = _listen(page)
        requests.post(f"{ui.url}/swarm", data={"user_count": 2, "spawn_rate": 2}, timeout=30)
        page.goto(f"{ui.url}/live")
        page.get_by_role("button", name="errors").click()
        page.locator('button[value="errors"][aria-pressed=true]').wait_for()
        poll(lambda: any(point["flask_failures_rps"] for point in ui.points()), 20, "some calls fail")
        page.get_by_role("button", name="be well").click()
        page.locator('button[value=""][aria-pressed=true]').wait_for()
        _wait_for_lines(page, "health_ms", 2)
        page.screenshot(path=tmp_path / "faults.png", full_page=True)
        requests.post(f"{ui.url}/stop", timeout=30)

    assert troubles == []
    assert requests.get(f"{ui.url}/live/series", timeout=30).json()["fault"] == ""
    assert requests.post(f"{ui.url}/live/fault", data="no such fault", timeout=30).status_code == 404


@pytest.mark.parametrize("path", ["/swarm", "/stop", "/live/fault"])
def test_a_page_of_another_port_cannot_start_or_stop_load(ui: Ui, path: str) -> None:
    asked = requests.post(ui.url + path, headers={"Origin": "http://127.0.0.1:9"}, data={"user_count": 1}, timeout=30)

    assert asked.status_code == 403


@pytest.mark.parametrize("path", ["/", "/live"])
def test_this_machines_own_origin_is_served(ui: Ui, path: str) -> None:
    assert requests.get(ui.url + path, headers={"Origin": ui.url}, timeout=30).status_code == 200


def test_a_port_that_is_taken_is_said_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        stub, flask, web = free_ports(3)
        words = ("ui", "--quart-port", port, "--stub-port", stub, "--flask-port", flask, "--web-port", web)

        ended = harness(*map(str, words))

    assert ended.returncode == 2
    assert f"port {port} cannot be used" in ended.stderr
    assert "make ui QUART_PORT=" in ended.stderr
