"""The load generator: one headless Locust for each trial."""

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.facts.config import Lane
from harness.facts.faults import Fault
from harness.measure.child import Child
from harness.measure.site import ROOT, Site, free_port
from harness.measure.work import Work
from harness.plan.blocks import PlannedTrial

LOAD_S = 30.0  # Locust's own start
QUIT_S = 15.0  # writing the rows and leaving


@dataclass(frozen=True)
class Sending:
    """How the load is sent: by how many Locust processes, arrivals how spaced and by which seed, users how paced.

    A `fault` may multiply the arrivals for a while, and says how its callers wait and ask again.
    """

    processes: int = 1
    spacing: str = "poisson"
    seed: int = 1
    pace_s: float = 0.0
    options: tuple[str, ...] = ()  # Locust's own
    fault: Fault | None = None


class Generator:
    """A Locust that is loaded or loading, and begins when it is told to."""

    def __init__(
        self, planned: PlannedTrial, lane: Lane, work: Work, *, url: str, site: Site, sending: Sending
    ) -> None:
        self.planned, self._secrets = planned, work.secrets
        self._rows = site.scratch / f"{planned.name}.json"
        self._plan = site.scratch / f"{planned.name}.plan.json"  # that of a scratch folder, which is only ours
        trial = _trial(planned, lane, work, sending) | {"url": url, "out": str(self._rows)}
        self._plan.write_text(json.dumps(trial))
        home = site.scratch / "locust"
        home.mkdir(exist_ok=True)
        self.child = Child(
            "the load generator",
            _command(planned, self._plan, sending, work.locustfile),
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
        results = self._without_secrets(json.loads(self._rows.read_text()))
        self._rows.unlink()
        self._plan.unlink()
        return results

    def _without_secrets(self, results: dict[str, Any]) -> dict[str, Any]:
        """Return results with nothing secret in what servers said: in errors, and in the bodies that came with them."""
        mask, requests = self._secrets.mask, results["requests"]
        return results | {
            "bodies": {mask(error): mask(body) for error, body in results["bodies"].items()},
            "setup_faults": {mask(fault): times for fault, times in results.get("setup_faults", {}).items()},
            "requests": requests | {"error": [mask(error) if error else "" for error in requests["error"]]},
        }


def _trial(planned: PlannedTrial, lane: Lane, work: Work, sending: Sending) -> dict[str, Any]:
    """Return the plan of loadtests/trial_plan.py: the lanes of a block meet the same arrivals, another block others."""
    seed = f"{sending.seed} {planned.block}"
    trial = {
        **work.plan(seed),
        "identity": lane.identity,
        "ready": lane.ready,
        "users": planned.clients,
        **{name: getattr(planned.timing, name) for name in ("spread_s", "warmup_s", "window_s", "after_s", "drain_s")},
        "pace_s": sending.pace_s,
    }
    if planned.point.load == "closed":
        return trial
    arrivals = {"rate": planned.point.level, "spacing": sending.spacing, "seed": seed}
    if (fault := sending.fault) is None:
        return trial | {"arrivals": arrivals}
    begins_s = planned.timing.warmup_s + fault.start_s
    surge = {"factor": fault.load, "from_s": begins_s, "to_s": begins_s + fault.length_s} if fault.load != 1 else None
    callers = {"timeout_s": fault.timeout_s, "retries": fault.retries} if fault.timeout_s else None
    return trial | {"arrivals": arrivals | {"surge": surge}, "callers": callers}


def _command(planned: PlannedTrial, plan: Path, sending: Sending, own: str | None) -> list[str]:
    users, loadtests = str(planned.clients), ROOT / "loadtests"
    files = f"{loadtests / 'own.py'},{own}" if own else str(loadtests / "trial.py")
    locust = [sys.executable, "-m", "locust", "--locustfile", files, "--headless"]
    options = ["--users", users, "--spawn-rate", users, "--loglevel", "WARNING", "--trial", str(plan)]
    if own:
        return [*locust, *options]
    return [
        *locust,
        *options,
        *sending.options,
        *_workers(sending.processes),
        "OpenUser" if planned.point.load == "open" else "ClosedUser",
    ]


def _workers(processes: int) -> list[str]:
    """Return the options for several sending processes: on a port of their own, so that no stranger joins."""
    if processes == 1:
        return []
    port = str(free_port())
    master = ["--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--master-port", port]
    return ["--processes", str(processes), *master]
