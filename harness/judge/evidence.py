"""Everything that was observed of one trial, before it is judged."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Requests:
    """The generator's requests as columns: times in s of CLOCK_MONOTONIC, outcome "ok", "failed" or "censored"."""

    id: list[str]
    route: list[str]
    start_s: Floats
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

    def are(self, outcome: str) -> Flags:
        """Say which requests have this outcome."""
        return np.asarray(self.outcome == outcome)


@dataclass(frozen=True)
class Calls:
    """The stub's log of calls as columns; `delivered_s` is None while in flight or when the caller went away."""

    id: list[str]
    endpoint: list[str]
    injected_s: list[float]
    delivered_s: list[float | None]

    def lateness_p99_s(self) -> float | None:
        """Return how far off the delivered delays were at p99, late or early, in seconds; None without an answer."""
        pairs = zip(self.delivered_s, self.injected_s, strict=True)
        off = [abs(delivered - injected) for delivered, injected in pairs if delivered is not None]
        return float(np.percentile(off, 99)) if off else None


@dataclass(frozen=True)
class Cost:
    """What the window cost: CPU seconds of server, generator and stub; the server's memory and threads."""

    cpu_s: float
    rss_mib: float
    threads: int
    generator_cpu_s: float
    stub_cpu_s: float
    generators: int = 1  # Locust processes that send
    shared_core: bool = True  # generator and stub run on one core
    cores: int = 1  # that the server may use


@dataclass(frozen=True)
class Evidence:
    """All observations of one trial. `started` is the generator's own count of requests sent."""

    window: tuple[float, float]
    started: int
    requests: Requests
    calls: Calls
    stub_max_in_flight: int | None = None
    cost: Cost | None = None
    accept_queue_max: int | None = None
    listen_overflows: int | None = None
    faults: tuple[str, ...] = field(default=())  # what failed while the trial ran
