"""How fast the server's core was during a window, from the samples of a probe that runs on it all the time."""

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from harness.measure.child import Child
from harness.measure.site import Site
from harness.measure.speed_probe import SAMPLE

PROGRAM = Path(__file__).with_name("speed_probe.py")
LEAST_SAMPLES = 10


@dataclass(frozen=True)
class SpeedProbe:
    """A probe that is running, and the file that holds its samples."""

    child: Child
    samples: Path

    def between(self, begin_s: float, end_s: float) -> float | None:
        """Return the mean speed between two moments of CLOCK_MONOTONIC, in rounds a ms of CPU time.

        The mean, since what a server does in that time follows the mean of its core's speed. None with fewer than ten
        samples.
        """
        raw = self.samples.read_bytes()
        taken = np.frombuffer(raw[: len(raw) // SAMPLE.size * SAMPLE.size]).reshape(-1, 2)
        speeds = taken[(taken[:, 0] >= begin_s) & (taken[:, 0] < end_s), 1]
        return float(speeds.mean()) if len(speeds) >= LEAST_SAMPLES else None

    def processes(self) -> list[psutil.Process]:
        """Return the probe's process, whose CPU time is the run's own."""
        return self.child.processes()


@contextlib.contextmanager
def start_speed_probe(site: Site) -> Iterator[SpeedProbe | None]:
    """Run a probe on the server's core for as long as the block lasts; None where the server has no core of its own."""
    if not site.cores.server:
        yield None
        return
    samples = site.scratch / "speed.samples"
    command = [sys.executable, "-I", str(PROGRAM)]
    child = Child(
        "the speed probe",
        command,
        log=samples,
        environment=site.environment(),
        cwd=site.scratch,
        cpus=site.cores.serving(1),
    )
    with child:
        yield SpeedProbe(child, samples)
