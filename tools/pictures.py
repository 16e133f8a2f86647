"""Takes the pictures of pages that README shows: `PYTHONPATH=. python tools/pictures.py`.

The first screen of the sample's report, and the live page: `ui`, with 20 users and then 300. Written to
results/sample/pictures/.
"""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from browser import chromium
from playwright.sync_api import ViewportSize
from polling import poll
from running import ROOT, command

from harness.measure.site import free_port

SAMPLE = ROOT / "results" / "sample"
SCREEN: ViewportSize = {"width": 1200, "height": 800}
STEPS = ((20, 20.0), (300, 58.0))  # users of both apps together, and the seconds at the end of which they have worked


@contextmanager
def live_page() -> Iterator[str]:
    """Run `ui` on free ports; yield the address of Locust's web UI."""
    ports = {name: free_port() for name in ("stub", "flask", "quart", "web")}
    words = [str(word) for name, port in ports.items() for word in (f"--{name}-port", port)]
    with subprocess.Popen(command("ui", *words), cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        url = f"http://127.0.0.1:{ports['web']}"
        try:
            poll(lambda: process.poll() is not None or _answers(url), 60, "the web UI")
            yield url
        finally:
            process.send_signal(signal.SIGINT)


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/live", timeout=5).ok
    except requests.ConnectionError:
        return False


def take_report(run: Path, picture: Path) -> None:
    """Write the picture of the first screen of a run's report."""
    with chromium() as browser:
        page = browser.new_page(viewport=SCREEN)
        page.goto((run / "report.html").resolve().as_uri())
        page.wait_for_load_state("networkidle")
        page.screenshot(path=picture)


def take_live(picture: Path) -> None:
    """Write the picture of the live page with both apps under load."""
    with live_page() as url, chromium() as browser:
        page = browser.new_page(viewport=SCREEN)
        page.goto(f"{url}/live")
        began = time.monotonic()
        for users, until_s in STEPS:
            requests.post(f"{url}/swarm", data={"user_count": users, "spawn_rate": 100}, timeout=10)
            page.wait_for_timeout(1000 * (began + until_s - time.monotonic()))
        page.screenshot(path=picture)


if __name__ == "__main__":
    pictures = SAMPLE / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    take_report(SAMPLE, pictures / "report.png")
    take_live(pictures / "live.png")
