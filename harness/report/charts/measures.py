"""What is drawn of a lane at a point, and what to see in it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from harness.facts.figures import PERCENTS
from harness.facts.point import Load
from harness.facts.summary import Percentile, PointSummary

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
    caption="The dashed line is the theoretical limit: the most requests per second that the lane's slots, its CPU and "
    "the number of users allow. The gap between a lane and its dashed line is the lane's own overhead. Bars: 95 % "
    "interval over the blocks, where there are three or more.",
    value=lambda point: point.throughput_rps,
    limit=lambda point: point.limit_rps,
    dashed="dashed: the theoretical limit",
    low=lambda point: point.throughput_low_rps,
    high=lambda point: point.throughput_high_rps,
)

CPU = Measure(
    name="cpu",
    title="CPU per request against users",
    axis="CPU of the server, ms per request",
    caption="CPU time of all the server's processes per request. Lower is better: one core has 1,000 ms of CPU time "
    "per second, so a lane of one process reaches at most 1,000 / this figure requests per second.",
    value=lambda point: point.cpu_ms_per_request,
    low=lambda point: point.cpu_low_ms,
    high=lambda point: point.cpu_high_ms,
    part="cost",
)

MEMORY = Measure(
    name="memory",
    title="Memory against users",
    axis="memory of the server (PSS), MiB",
    caption="Memory of all the server's processes as PSS (proportional set size: a page that processes share is "
    "counted once). Lower is better. A process takes its memory at start, a thread when it is first used.",
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
        caption=f"{meaning} A flat line means that latency does not grow with the number of users. The "
        "dashed line is the mean latency at the theoretical limit (users / limit). A lane that rises along its dashed "
        "line has no free slot or no CPU left; a lane above it has an overhead beyond that. Bars: 95 % interval "
        "over the blocks, where there are three or more.",
        value=reading("ms"),
        low=reading("low_ms"),
        high=reading("high_ms"),
        ends=("95 % interval from", "to"),
        limit=least_mean_ms,
        dashed="dashed: the mean latency at the theoretical limit; bars: 95 % interval",
        percentile=name,
    )


LATENCIES = tuple(_latency(name, _meaning(percent)) for name, percent in PERCENTS.items())

OPEN_LATENCIES = tuple(
    replace(
        measure,
        name=f"{measure.name}-open",
        title=f"Latency against arrival rate: {measure.percentile}",
        caption="Requests arrive on a schedule that does not depend on the server. Latency counts from the moment at "
        "which a request was due, so a stall of the server raises the latency of every request due in it. Latency "
        "rises as a lane nears its capacity. A rate that the lane did not sustain has no point here; the table says "
        "“not sustained”. Bars: 95 % interval over the blocks.",
        limit=lambda _: None,
        dashed="counted from the moment at which a request was due; bars: 95 % interval",
        part="depth",
        load="open",
    )
    for measure in LATENCIES
)

MEASURES = (THROUGHPUT, *LATENCIES, *OPEN_LATENCIES, CPU, MEMORY)
