"""What is drawn of a lane at a point, and what to see in it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from harness.facts.figures import PERCENTS
from harness.facts.records import Load, Percentile, PointSummary

Reading = Callable[[PointSummary], float | None]


@dataclass(frozen=True)
class Measure:
    """A figure over the load: its chart's name, title, axis and caption, the figure, its limit and its bar."""

    name: str
    title: str
    axis: str
    caption: str
    value: Reading
    limit: Reading = lambda _: None
    low: Reading = lambda _: None
    high: Reading = lambda _: None
    ends: tuple[str, str] = ("smallest block", "largest block")
    dashed: str = ""  # what the limit's line is
    part: str = "answer"
    percentile: str | None = None
    load: Load = "closed"


def least_mean_ms(point: PointSummary) -> float | None:
    """Return the mean latency at the limit, in ms: users / limit (Little's law)."""
    return 1000 * point.point.level / point.limit_rps if point.limit_rps else None


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
    axis="memory of the server (PSS), MiB",
    caption="Resident memory of the server, all its processes together. Lower is cheaper: processes cost memory from "
    "the start, threads as they are used.",
    value=lambda point: point.pss_mib,
    part="cost",
)


def percentile_of(point: PointSummary, name: str) -> Percentile | None:
    """Return a percentile of a point by its name; None where it has none."""
    return point.percentiles.get(name)


def _meaning(percent: float) -> str:
    one_in = 100 / (100 - percent)
    return "Half of the answers take longer." if one_in == 2 else f"One answer in {one_in:,.4g} takes longer."


def _latency(name: str, meaning: str) -> Measure:
    """Return a percentile over the users; one that is 0 is a bound without any answer, and says nothing."""

    def reading(field: str) -> Reading:
        return lambda point: (getattr(found, field) or None) if (found := percentile_of(point, name)) else None

    return Measure(
        name=f"latency-{name}",
        title=f"Latency against users: {name}",
        axis=f"latency {name}, ms",
        caption=f"{meaning} Flat is good: more users do not wait longer. Dashed: the mean latency at the limit, "
        "users / limit. A lane that climbs along its dashed line has too few slots, or no CPU left; one above it waits "
        "for more than theory asks. Bars: 95 % interval, as if requests were independent.",
        value=reading("ms"),
        low=reading("low_ms"),
        high=reading("high_ms"),
        ends=("95 % interval from", "to"),
        limit=least_mean_ms,
        dashed="dashed: the mean latency at the limit that theory allows; bars: 95 % interval",
        percentile=name,
    )


LATENCIES = tuple(_latency(name, _meaning(percent)) for name, percent in PERCENTS.items())

OPEN_LATENCIES = tuple(
    replace(
        measure,
        name=f"{measure.name}-open",
        title=f"Latency against arrival rate: {measure.percentile}",
        caption="Requests arrive by a schedule, whatever the server does, and latency counts from the moment at which "
        "a request was due: a stall of the server shows in every request that fell into it. A lane that climbs towards "
        "the right comes near its capacity; where it did not keep up there is no point, and its table says “not "
        "sustained”. Bars: 95 % interval, as if requests were independent.",
        limit=lambda _: None,
        dashed="counted from the moment at which a request was due; bars: 95 % interval",
        part="depth",
        load="open",
    )
    for measure in LATENCIES
)

MEASURES = (THROUGHPUT, *LATENCIES, *OPEN_LATENCIES, CPU, MEMORY)
