"""What was found at a point: its figures over all blocks, its percentile spectrum."""

from dataclasses import dataclass

from pydantic import Field

from harness.facts.point import Point
from harness.facts.record import Record


@dataclass(frozen=True)
class Percentile:
    """A percentile in ms over blocks with its 95 % interval, which is there from three blocks on.

    `at_least`: failed or censored requests reach it, and the value is only a lower bound (printed as ">= X").
    `thin`: fewer than a hundred requests lie beyond it.
    """

    ms: float
    low_ms: float | None
    high_ms: float | None
    at_least: bool
    thin: bool


@dataclass(frozen=True)
class Overload:
    """What the backlog of open load gained over the blocks, as a share of the arrivals, with a 95 % interval.

    `detectable` is the least share that would show with 80 % power.
    """

    gained: float
    low: float | None
    high: float | None
    detectable: float

    @property
    def is_certain(self) -> bool:
        """Whether the lane does not keep up: the whole interval lies above zero."""
        return self.low is not None and self.low > 0


class PointSummary(Record):
    """What one lane did at one point over its valid trials: geometric means over its blocks.

    Memory and threads are medians.
    """

    lane: str
    point: Point
    blocks: int = 0
    invalid: int = 0
    not_sustained: int = 0  # blocks of open load in which the server did not keep up
    overload: Overload | None = None  # of open load
    throughput_rps: float | None = None
    throughput_low_rps: float | None = None  # the 95 % interval over the blocks, from three on
    throughput_high_rps: float | None = None
    # by name, as in facts.figures; empty where it has none
    percentiles: dict[str, Percentile | None] = Field(default_factory=dict)
    latency_max_ms: float | None = None
    limit_rps: float | None = None
    limit_by: str = ""
    limit_share: float | None = None  # throughput / limit
    cpu_ms_per_request: float | None = None
    cpu_low_ms: float | None = None
    cpu_high_ms: float | None = None
    pss_mib: float | None = None
    threads: float | None = None
    wait_beyond_limit_s: float | None = None  # set where the point was skipped


class SpectrumPoint(Record):
    """One step of a percentile spectrum: that share of the answers took at most so long."""

    percent: float
    ms: float
