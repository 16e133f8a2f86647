"""The load generator: one headless Locust for each trial."""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.config import Lane, Route
from harness.measure.child import Child
from harness.measure.site import ROOT, Site, free_port
from harness.plan.blocks import PlannedTrial

LOAD_S = 30.0  # Locust's own start
QUIT_S = 15.0  # writing the rows and leaving


class Generator:
    """A Locust that is loaded or loading, and begins when it is told to."""

    def __init__(
        self, planned: PlannedTrial, lane: Lane, routes: Sequence[Route], *, url: str, site: Site, processes: int = 1
    ) -> None:
        self.planned, self.processes = planned, processes
        self._rows = site.scratch / f"{planned.name}.json"
        home = site.scratch / "locust"
        home.mkdir(exist_ok=True)
        self.child = Child(
            "the load generator",
            [*_command(planned, lane, routes, url, self._rows), *_workers(processes)],
            log=site.scratch / f"{planned.name}.log",
            # Its own HOME and cwd, so that no locust.conf, ~/.locust.conf or pyproject.toml changes a setting.
            environment=site.environment(HOME=str(home), PYTHONPATH=str(ROOT)),
            cwd=home,
            cpus=site.cores.driver,
            talks=True,
        )

    def await_ready(self) -> None:
        """Return once Locust is loaded; MeasurementError with its log otherwise."""
        self.child.hear(time.monotonic() + LOAD_S)

    def begin(self) -> tuple[float, float]:
        """Start the load; return when the window opens and closes, in seconds of CLOCK_MONOTONIC."""
        self.child.tell("go")
        word, opens, closes = self.child.hear(time.monotonic() + LOAD_S).split()
        assert word == "window", word  # noqa: S101 - loadtests/trial.py says so
        return float(opens), float(closes)

    def results(self) -> dict[str, Any]:
        """Return what it recorded, once it has drained and ended; MeasurementError if it does not end in time."""
        if self.child.wait(self.planned.timing.drain_s + QUIT_S) is None:
            raise self.child.failure("did not end in time")
        if not self._rows.exists():
            raise self.child.failure("left no results")
        results: dict[str, Any] = json.loads(self._rows.read_text())
        self._rows.unlink()
        return results


def _command(planned: PlannedTrial, lane: Lane, routes: Sequence[Route], url: str, rows: Path) -> list[str]:
    timing = planned.timing
    trial = {
        "url": url,
        "identity": lane.identity,
        "ready": lane.ready,
        "routes": [{"path": route.path, "expect": route.expect, "weight": route.weight} for route in routes],
        "users": planned.users,
        "spread_s": timing.spread_s,
        "warmup_s": timing.warmup_s,
        "window_s": timing.window_s,
        "drain_s": timing.drain_s,
        "out": str(rows),
    }
    users = str(planned.users)
    locust = [sys.executable, "-m", "locust", "--locustfile", str(ROOT / "loadtests" / "trial.py"), "--headless"]
    return [*locust, "--users", users, "--spawn-rate", users, "--loglevel", "WARNING", "--trial", json.dumps(trial)]


def _workers(processes: int) -> list[str]:
    """Return the options for several sending processes: on a port of their own, so that no stranger joins."""
    if processes == 1:
        return []
    port = str(free_port())
    master = ["--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--master-port", port]
    return ["--processes", str(processes), *master]
