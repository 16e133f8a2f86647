"""What one route of several did: in a trial, and over the blocks."""

from harness.facts.point import Point
from harness.facts.record import Record


class RouteCounts(Record):
    """One route in one trial's window: good answers, failed and unanswered requests, percentiles of the good ones.

    A percentile that lost requests reach, or with fewer than ten requests beyond it, is left out.
    """

    route: str
    ok: int
    lost: int
    throughput_rps: float
    p50_ms: float | None = None
    p95_ms: float | None = None


class OfRoute(Record):
    """One route on one lane at a point: geometric means over the blocks, and p95 beside that of the baseline.

    `ratio` with its 95 % interval is that of the paired blocks; a baseline has none.
    """

    route: str
    lane: str
    point: Point
    blocks: int
    throughput_rps: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    lost: int = 0
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
