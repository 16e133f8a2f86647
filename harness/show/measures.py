"""What is drawn of a lane at a point, and what to see in it."""

from collections.abc import Callable
from dataclasses import dataclass

from harness.records import PointSummary


@dataclass(frozen=True)
class Measure:
    """A figure over users: its chart's name, title, axis and caption, the figure, its limit and its spread."""

    name: str
    title: str
    axis: str
    caption: str
    value: Callable[[PointSummary], float | None]
    limit: Callable[[PointSummary], float | None] = lambda _: None
    low: Callable[[PointSummary], float | None] = lambda _: None
    high: Callable[[PointSummary], float | None] = lambda _: None
    dashed: str = ""  # what the limit's line is
    part: str = "answer"
    percentile: str | None = None


def least_mean_ms(point: PointSummary) -> float | None:
    """Return the mean latency at the limit, in ms: users / limit (Little's law)."""
    return 1000 * point.users / point.limit_rps if point.limit_rps else None


THROUGHPUT = Measure(
    name="throughput",
    title="Throughput against users",
    axis="throughput, req/s",
    caption="Dashed: the limit that theory allows. A lane on its dashed line does all that its slots, or the number of "
    "users, permit; the gap below it is what the lane itself costs. Bars: smallest and largest block.",
    value=lambda point: point.throughput_rps,
    limit=lambda point: point.limit_rps,
    dashed="dashed: the limit that theory allows",
    low=lambda point: point.throughput_low_rps,
    high=lambda point: point.throughput_high_rps,
)

_P50, _P95, _P99 = (
    Measure(
        name=f"latency-{percentile}",
        title=f"Latency against users: {percentile}",
        axis=f"latency {percentile}, ms",
        caption=f"{meaning} Flat is good: more users do not wait longer. Dashed: the mean latency at the limit, "
        "users / limit. A lane that climbs along its dashed line has too few slots, or no CPU left; one above it waits "
        "for more than theory asks.",
        value=value,
        limit=least_mean_ms,
        dashed="dashed: the mean latency at the limit that theory allows",
        percentile=percentile,
    )
    for percentile, meaning, value in (
        ("p50", "Half of the answers take longer.", lambda point: point.latency_p50_ms),
        ("p95", "One answer in 20 takes longer.", lambda point: point.latency_p95_ms),
        ("p99", "One answer in 100 takes longer.", lambda point: point.latency_p99_ms),
    )
)

CPU = Measure(
    name="cpu",
    title="CPU per request against users",
    axis="CPU of the server, ms per request",
    caption="What one answer costs the server, all its processes together. Lower is cheaper: a core has 1,000 ms a "
    "second to spend, whatever the number of users.",
    value=lambda point: point.cpu_ms_per_request,
    part="cost",
)

MEMORY = Measure(
    name="memory",
    title="Memory against users",
    axis="RSS of the server, MiB",
    caption="Resident memory of the server, all its processes together. Lower is cheaper: processes cost memory from "
    "the start, threads as they are used.",
    value=lambda point: point.rss_mib,
    part="cost",
)

MEASURES = (THROUGHPUT, _P50, _P95, _P99, CPU, MEMORY)
