"""The load generator: one headless Locust for each trial."""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harness.facts.config import Lane, Route
from harness.measure.child import Child
from harness.measure.site import ROOT, Site, free_port
from harness.plan.blocks import PlannedTrial

LOAD_S = 30.0  # Locust's own start
QUIT_S = 15.0  # writing the rows and leaving


@dataclass(frozen=True)
class Sending:
    """How the load is sent: by how many Locust processes, arrivals how spaced and by which seed, users how paced."""

    processes: int = 1
    spacing: str = "poisson"
    seed: int = 1
    pace_s: float = 0.0
    options: tuple[str, ...] = ()  # Locust's own


class Generator:
    """A Locust that is loaded or loading, and begins when it is told to."""

    def __init__(
        self, planned: PlannedTrial, lane: Lane, routes: Sequence[Route], *, url: str, site: Site, sending: Sending
    ) -> None:
        self.planned = planned
        self._rows = site.scratch / f"{planned.name}.json"
        home = site.scratch / "locust"
        home.mkdir(exist_ok=True)
        self.child = Child(
            "the load generator",
            _command(_trial(planned, lane, routes, sending) | {"url": url, "out": str(self._rows)}, sending),
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
        if self.child.wait(self.planned.timing.after_s + self.planned.timing.drain_s + QUIT_S) is None:
            raise self.child.failure("did not end in time")
        if not self._rows.exists():
            raise self.child.failure("left no results")
        results: dict[str, Any] = json.loads(self._rows.read_text())
        self._rows.unlink()
        return results


def _trial(planned: PlannedTrial, lane: Lane, routes: Sequence[Route], sending: Sending) -> dict[str, Any]:
    """Return the plan of loadtests/timeline.py: the lanes of a block meet the same arrivals, another block others."""
    trial = {
        "identity": lane.identity,
        "ready": lane.ready,
        "routes": [{"path": route.path, "expect": route.expect, "weight": route.weight} for route in routes],
        "users": planned.clients,
        **{name: getattr(planned.timing, name) for name in ("spread_s", "warmup_s", "window_s", "after_s", "drain_s")},
        "pace_s": sending.pace_s,
    }
    if planned.point.load == "closed":
        return trial
    seed = f"{sending.seed} {planned.block}"
    return trial | {"arrivals": {"rate": planned.point.level, "spacing": sending.spacing, "seed": seed}}


def _command(trial: dict[str, Any], sending: Sending) -> list[str]:
    users = str(trial["users"])
    locust = [sys.executable, "-m", "locust", "--locustfile", str(ROOT / "loadtests" / "trial.py"), "--headless"]
    options = ["--users", users, "--spawn-rate", users, "--loglevel", "WARNING", "--trial", json.dumps(trial)]
    return [
        *locust,
        *options,
        *sending.options,
        *_workers(sending.processes),
        "OpenUser" if "arrivals" in trial else "ClosedUser",
    ]


def _workers(processes: int) -> list[str]:
    """Return the options for several sending processes: on a port of their own, so that no stranger joins."""
    if processes == 1:
        return []
    port = str(free_port())
    master = ["--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--master-port", port]
    return ["--processes", str(processes), *master]
