"""Everything that was observed of one trial, before it is judged."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.facts.point import Load
from harness.judge.counts import Sent, Watched
from harness.plan.blocks import PlannedTrial

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Requests:
    """The generator's requests as columns: times in s of CLOCK_MONOTONIC, outcome "ok", "failed" or "censored".

    Latency counts from `start_s`: in open load that is when the request was to be sent, and `late_s` is how much later
    it was sent.
    """

    id: list[str]
    route: list[str]
    start_s: Floats
    late_s: Floats
    latency_s: Floats
    outcome: npt.NDArray[np.str_]
    error: list[str]
    bytes: Floats
    server_timing: list[str]

    @classmethod
    def of(cls, columns: dict[str, list[Any]]) -> "Requests":
        """Return the requests from the recorder's columns."""
        return cls(
            id=columns["id"],
            route=columns["route"],
            start_s=np.asarray(columns["start_s"], dtype=float),
            late_s=np.asarray(columns["late_s"], dtype=float),
            latency_s=np.asarray(columns["latency_s"], dtype=float),
            outcome=np.asarray(columns["outcome"], dtype="U8"),
            error=columns["error"],
            bytes=np.asarray(columns["bytes"], dtype=float),
            server_timing=columns["server_timing"],
        )

    @property
    def end_s(self) -> Floats:
        """When each was answered (or given up)."""
        return self.start_s + self.latency_s

    @property
    def service_s(self) -> Floats:
        """How long each took from the moment in which it was really sent."""
        return self.latency_s - self.late_s

    def are(self, outcome: str) -> Flags:
        """Say which requests have this outcome."""
        return np.asarray(self.outcome == outcome)


@dataclass(frozen=True)
class Calls:
    """The stub's log of calls as columns, in the order in which they began (`start_s` on CLOCK_MONOTONIC).

    `delivered_s` is None while in flight or when the caller went away.
    """

    id: list[str]
    endpoint: list[str]
    start_s: list[float]
    injected_s: list[float]
    delivered_s: list[float | None]

    def lateness_p99_s(self) -> float | None:
        """Return how far off the delivered delays were at p99, late or early, in seconds; None without an answer."""
        pairs = zip(self.delivered_s, self.injected_s, strict=True)
        off = [abs(delivered - injected) for delivered, injected in pairs if delivered is not None]
        return float(np.percentile(off, 99)) if off else None


@dataclass(frozen=True)
class Evidence:
    """All observations of one trial: the generator's rows, the stub's log, and what was watched meanwhile."""

    load: Load
    window: tuple[float, float]
    sent: Sent
    requests: Requests
    calls: Calls
    watched: Watched


def nothing_but(fault: str, planned: PlannedTrial) -> Evidence:
    """Return the evidence of a trial that failed before it recorded anything."""
    nothing: dict[str, list[Any]] = {name: [] for name in Requests.__dataclass_fields__}
    return Evidence(
        load=planned.point.load,
        window=(0.0, planned.timing.window_s),
        sent=Sent(started=0),
        requests=Requests.of(nothing),
        calls=Calls([], [], [], [], []),
        watched=Watched(faults=(fault,)),
    )
