"""One picture a fault: what arrived, what was answered, how late, what was in flight, and /health, lane beside lane."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import altair as alt

from harness.document.numbers import ABSENT, count, figure
from harness.document.table import Column, Row, Table
from harness.facts.faults import UnderFault
from harness.facts.run import Run
from harness.report.charts.drawing import Drawing
from harness.report.charts.specs import Spec
from harness.report.style import COLOURS, Look, config

GOOD, OTHER, LATE, HELD = COLOURS[0], COLOURS[5], COLOURS[3], COLOURS[4]
ANSWERED, MISSED, FAULT = "#009E73", "#D62728", "#808080"
A_ROW, WIDE = 4, 900  # lanes side by side, and the pixels that they share
CAPTION = (
    "Shaded: the fault lasts. A request counts in the second in which it was due; it is good if the right answer came "
    "within its caller's patience. The white between the arrivals and what is filled is lost. Latency: p50 to p95 of "
    "right answers, however late. /health: a short green tick is an answer in time, a tall red one is none; below it "
    "stands what theory expected."
)
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class _Canvas:
    """What all lanes of a picture share: the look, the width of one, and the ends of the axes."""

    look: Look
    width: int
    from_s: float
    to_s: float
    rps: float
    ms: tuple[float, float]
    in_flight: float

    @property
    def x(self) -> alt.X:
        """Seconds since the fault began."""
        return self.seconds(labels=False)

    def seconds(self, *, labels: bool) -> alt.X:
        """Return that axis, with its labels and its title under the last panel."""
        scale = alt.Scale(domain=[self.from_s, self.to_s], nice=False)
        axis = alt.Axis(grid=False, tickCount=6, labels=labels, ticks=labels)
        return alt.X("at_s:Q", title="seconds since the fault began" if labels else None, scale=scale, axis=axis)


def all_under_faults(run: Run) -> Iterator[Drawing]:
    """Yield a picture for each fault and rate, with every lane's first valid trial, or its first.

    A steady load has none: nothing happens in it.
    """
    changed = [one for one in run.under_faults if not run.info.config.faults[one.fault].is_steady]
    places = dict.fromkeys((one.fault, _load(run, one)) for one in changed)
    for fault, load in places:
        alike = [one for one in changed if (one.fault, _load(run, one)) == (fault, load)]
        shown: dict[str, UnderFault] = {}
        for one in sorted(alike, key=lambda one: not one.valid):
            shown.setdefault(one.lane, one)
        lanes = tuple(shown[lane] for lane in run.info.config.lanes if lane in shown)
        yield Drawing(
            name=f"fault-{fault}-{load}".replace("/s", "-per-s").replace(" ", "-"),
            part="faults",
            title=f"{fault} at {load}",
            caption=CAPTION,
            table=_table(lanes),
            draw=lambda look, lanes=lanes, title=f"{fault} at {load}": fault_timeline(lanes, title, look),  # type: ignore[misc]
            scale="linear",
            still=True,
        )


def _load(run: Run, one: UnderFault) -> str:
    """Return what lanes have in common that are shown beside one another: the rate, or the share of their capacity."""
    shares = sorted(run.info.config.faults[one.fault].shares)
    if not shares:
        return f"{one.rate_rps:g}/s"
    own = sorted({other.rate_rps for other in run.under_faults if (other.fault, other.lane) == (one.fault, one.lane)})
    return f"{shares[min(own.index(one.rate_rps), len(shares) - 1)]:g} of capacity"


def fault_timeline(lanes: Sequence[UnderFault], title: str, look: Look) -> Spec:
    """Return the lanes side by side, at most four in a row; seconds count from the moment that the fault began."""
    canvas = _canvas(lanes, look)
    rows = [lanes[first : first + A_ROW] for first in range(0, len(lanes), A_ROW)]
    drawn = [alt.HConcatChart(hconcat=[_lane(one, canvas) for one in row], spacing=18) for row in rows]
    shown = alt.TitleParams(title, subtitle=[_legend()], anchor="start", offset=12)
    chart = alt.VConcatChart(
        vconcat=drawn,
        spacing=28,
        background=look.paper,
        config=config(look),
        title=shown if look.legend else alt.Undefined,
    )
    spec: Spec = chart.to_dict(validate=False)
    return spec


def _legend() -> str:
    return "grey line: arrivals · blue: good answers, light blue of routes that do not call what is sick"


def _canvas(lanes: Sequence[UnderFault], look: Look) -> _Canvas:
    seconds = [second for one in lanes for second in one.seconds]
    latencies = [value for second in seconds for value in (second.p50_ms, second.p95_ms) if value]
    return _Canvas(
        look=look,
        width=WIDE // min(A_ROW, max(2, len(lanes))),
        from_s=min(second.at_s for second in seconds) - 0.5,
        to_s=max(second.at_s for second in seconds) + 0.5,
        rps=1.05 * max(second.offered for second in seconds),
        ms=(min(latencies, default=1.0) / 1.2, max(latencies, default=1.0) * 1.2),
        in_flight=1.05 * max(1, *(second.in_flight for second in seconds)),
    )


def _lane(one: UnderFault, canvas: _Canvas) -> alt.VConcatChart:
    rows: Rows = [second.model_dump() for second in one.seconds]
    panels = [_requests(rows, canvas), _latency(rows, canvas), _in_flight(rows, canvas)]
    shade, ink = _shade(one, canvas.x), canvas.look.ink
    labelled = _shade(one, canvas.seconds(labels=True))
    title = alt.TitleParams(one.lane, subtitle=[*_summary(one)], anchor="start", fontSize=13, color=ink, offset=6)
    framed = [
        alt.LayerChart(layer=[shade, *layers], width=canvas.width, height=height, title=above)
        for layers, height, above in zip(panels, (90, 70, 50), (title, alt.Undefined, alt.Undefined), strict=True)
    ]
    health = alt.LayerChart(layer=[labelled, *_health(one, canvas)], width=canvas.width, height=48)
    return alt.VConcatChart(vconcat=[*framed, health], spacing=8)


def _summary(one: UnderFault) -> Iterator[str]:
    """Yield the damage in two lines."""
    damage = one.damage
    yield f"{count(one.rate_rps)}/s · lost {count(damage.lost)} of {count(damage.offered)}"
    yield f"/health out {figure(damage.outage_s)} s · restarts {damage.restarts}" + ("" if one.valid else " · INVALID")


def _data(rows: Rows) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=rows))


def _shade(one: UnderFault, x: alt.X) -> alt.Chart:
    fault = _data([{"at_s": 0.0, "to": one.fault_s}])
    drawn: alt.Chart = fault.mark_rect(opacity=0.13, color=FAULT).encode(x=x, x2="to:Q")
    return drawn


def _y(field: str, title: str, low: float, high: float, kind: Any = "linear", ticks: int = 4) -> alt.Y:
    scale = alt.Scale(domain=[low, high], nice=False, type=kind, clamp=True)
    decades = [10**power for power in range(7) if low <= 10**power <= high]
    axis = alt.Axis(
        format="~s" if high > 9999 else ",~r",
        grid=True,
        **({"values": decades} if kind == "log" else {"tickCount": ticks}),
    )
    return alt.Y(f"{field}:Q", title=title, scale=scale, axis=axis)


def _requests(rows: Rows, canvas: _Canvas) -> list[alt.Chart]:
    chart, title = _data(rows).encode(x=canvas.x), "requests/s"
    return [
        chart.mark_area(color=GOOD, interpolate="step").encode(y=_y("good", title, 0, canvas.rps)),
        chart.mark_area(color=OTHER, interpolate="step").encode(y=_y("other_good", title, 0, canvas.rps)),
        chart.mark_line(color=canvas.look.ink, strokeWidth=1, opacity=0.7, interpolate="step").encode(
            y=_y("offered", title, 0, canvas.rps)
        ),
    ]


def _latency(rows: Rows, canvas: _Canvas) -> list[alt.Chart]:
    """Return the band of each stretch of seconds that has right answers: a line over the others would say a latency."""
    stretches: Rows = []
    for number, row in enumerate(rows):
        if row["p50_ms"] is not None:
            began = not stretches or rows[number - 1]["p50_ms"] is None
            stretches.append({**row, "stretch": number if began else stretches[-1]["stretch"]})
    chart = _data(stretches).encode(x=canvas.x, detail="stretch:N")
    y = _y("p50_ms", "latency ms", *canvas.ms, kind="log")
    return [
        chart.mark_area(color=LATE, opacity=0.45).encode(y=y, y2="p95_ms:Q"),
        chart.mark_line(color=LATE, strokeWidth=1.5).encode(y=y),
    ]


def _in_flight(rows: Rows, canvas: _Canvas) -> list[alt.Chart]:
    chart, y = _data(rows).encode(x=canvas.x), _y("in_flight", "in flight", 0, canvas.in_flight, ticks=3)
    return [
        chart.mark_area(color=HELD, opacity=0.45).encode(y=y),
        chart.mark_line(color=HELD, strokeWidth=1.5).encode(y=y),
    ]


def _health(one: UnderFault, canvas: _Canvas) -> list[alt.Chart]:
    """Return a tick for each question, and below them what theory expected: red while it is not in time."""
    ticks = _data(
        [
            {"at_s": ask.at_s, "colour": ANSWERED if ask.in_time else MISSED, "y": 18 if ask.in_time else 10, "y2": 27}
            for ask in one.asks
        ]
    )
    x = canvas.seconds(labels=True)
    y, y2 = alt.Y("y:Q", title=None, scale=alt.Scale(domain=[48, 0]), axis=None), "y2:Q"
    expected = _data(list(_bars(one, canvas)))
    words = _data(
        [
            {"at_s": canvas.from_s, "y": 4, "text": "/health, seen"},
            {"at_s": canvas.from_s, "y": 42, "text": "expected"},
        ]
    )
    colour = alt.Color("colour:N", scale=None)
    return [
        ticks.mark_rule(strokeWidth=2).encode(x=x, y=y, y2=y2, color=colour),
        expected.mark_rect(opacity=0.75).encode(x=x, x2="to:Q", y=y, y2=y2, color=colour),
        words.mark_text(align="left", dx=3, fontSize=10, color=canvas.look.ink).encode(x=x, y=y, text="text:N"),
    ]


def _bars(one: UnderFault, canvas: _Canvas) -> Iterator[dict[str, Any]]:
    dead_s, back_s, end_s = one.expected.dead_s, one.expected.back_s, one.seconds[-1].at_s + 0.5
    moments = [canvas.from_s, *(min(end_s, moment) for moment in (dead_s, back_s) if moment is not None), end_s]
    for place, (low, high) in enumerate(pairwise(moments)):
        yield {"at_s": low, "to": high, "y": 30, "y2": 36, "colour": MISSED if place == 1 else ANSWERED}


def _table(lanes: Sequence[UnderFault]) -> Table:
    """Return the seconds: what arrived, what was answered well, and how /health was."""
    columns = ("lane", "second", "arrivals", "good", "p50 ms", "p95 ms", "in flight")
    rows = (
        (
            one.lane,
            f"{second.at_s:.1f}",
            count(second.offered),
            count(second.good),
            figure(second.p50_ms) if second.p50_ms else ABSENT,
            figure(second.p95_ms) if second.p95_ms else ABSENT,
            count(second.in_flight),
        )
        for one in lanes
        for second in one.seconds
    )
    return Table(tuple(Column(name, numeric=name != "lane") for name in columns), tuple(map(Row, rows)))
