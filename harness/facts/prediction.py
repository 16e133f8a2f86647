"""What a model says of a point before it looks at it, and how that compares with what was measured there."""

from dataclasses import dataclass

from pydantic import Field

from harness.facts.point import Point
from harness.facts.record import Record


@dataclass(frozen=True)
class Range:
    """A predicted figure with the interval in which nine of ten measurements are expected; inf: no end."""

    low: float
    value: float
    high: float

    def holds(self, measured: float) -> bool:
        """Whether a measurement lies within."""
        return self.low <= measured <= self.high

    def beyond(self, base: float) -> "Range":
        """Return what of it lies above a base."""
        return Range(self.low - base, self.value - base, self.high - base)


class Prediction(Record):
    """A lane at a point, over `blocks` windows of `window_s` seconds.

    `percentiles_ms` by name, as in facts.figures; empty where the backlog grows. `upstream_ms` is the same percentile
    of upstream time alone: what lies above it is the excess. `cpu_ms` is the CPU of a request that is assumed.
    """

    lane: str
    point: Point
    blocks: int
    window_s: float
    throughput_rps: Range
    percentiles_ms: dict[str, Range] = Field(default_factory=dict)
    upstream_ms: dict[str, float] = Field(default_factory=dict)
    cpu_ms: float
    busy: float  # of a core, that is expected

    @property
    def excess_ms(self) -> Range | None:
        """What p95 has beyond the same percentile of upstream time."""
        p95 = self.percentiles_ms.get("p95")
        return p95.beyond(self.upstream_ms["p95"]) if p95 else None


class Predictions(Record):
    """What was predicted from the calibration of `run` (its points are `calibrated`), for a scenario and a delay."""

    run: str
    scenario: str
    delay: str
    written_utc: str = ""
    calibrated: dict[str, tuple[Point, ...]]
    points: tuple[Prediction, ...]


class Residual(Record):
    """A prediction beside what was measured; `suspect` names what a miss is put down to, with its evidence.

    `off` and `excess_off` are predicted / measured - 1, of throughput and of what p95 has beyond upstream time.
    """

    prediction: Prediction
    throughput_rps: float
    off: float
    held: bool
    p95_ms: float | None = None
    excess_off: float | None = None
    excess_held: bool | None = None
    suspect: str = ""

    @property
    def excess_ms(self) -> float | None:
        """What the measured p95 has beyond that of upstream time."""
        return None if self.p95_ms is None else self.p95_ms - self.prediction.upstream_ms["p95"]
