"""Takes the picture of the live page that README shows: `PYTHONPATH=. python tests/support/live_picture.py`.

Starts `ui`, lets 20 users work and then 300, and writes results/sample/pictures/live.png (or the path that is given).
"""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from browser import chromium
from polling import poll
from running import ROOT, command

from harness.measure.site import free_port

PICTURE = ROOT / "results" / "sample" / "pictures" / "live.png"
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


def take(picture: Path) -> None:
    """Write the picture of the page with both apps under load."""
    picture.parent.mkdir(parents=True, exist_ok=True)
    with live_page() as url, chromium() as browser:
        page = browser.new_page(viewport={"width": 1200, "height": 800})
        page.goto(f"{url}/live")
        began = time.monotonic()
        for users, until_s in STEPS:
            requests.post(f"{url}/swarm", data={"user_count": users, "spawn_rate": 100}, timeout=10)
            page.wait_for_timeout(1000 * (began + until_s - time.monotonic()))
        page.screenshot(path=picture)


if __name__ == "__main__":
    take(Path(sys.argv[1]) if sys.argv[1:] else PICTURE)
