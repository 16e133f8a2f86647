"""The charts, described once with Altair for the live page, the SVG and the PNG."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from harness.show.style import Look, colour, config, shape

Datum = Mapping[str, Any]  # a row of plain JSON values
Spec = dict[str, Any]  # a chart in Vega-Lite's own words

# The vertical axis in Vega-Lite's own words: the page lets the reader change from one to the other.
SCALES: Mapping[str, dict[str, Any]] = {
    "linear": {"type": "linear", "zero": True},
    "log": {"type": "log", "nice": False, "padding": 15},
}


@dataclass(frozen=True)
class Frame:
    """What a chart is called, what its vertical axis shows and how, and the run's lanes (so that colours stay)."""

    title: str
    subtitle: str
    measure: str
    lanes: tuple[str, ...]
    scale: str


def against_users(rows: Sequence[Datum], users: Sequence[int], frame: Frame, look: Look) -> Spec:
    """Return one line a lane over the number of users; the axis shows all of `users`, alike in every chart of a run.

    A row has lane, users and value; low and high where blocks differ; limit where theory sets one (drawn dashed).
    """
    x = alt.X(
        "users:Q",
        title="users",
        scale=alt.Scale(type="log", domain=[min(users) / 1.25, max(users) * 1.25], nice=False),
        axis=alt.Axis(values=list(users), format=",", grid=False),
    )
    base = _base(rows, frame, look).encode(x=x)
    layers = (
        *(_limit(base, rows, frame) if _has(rows, "limit") else ()),
        *(_spread(base, frame) if _has(rows, "low") else ()),
        *_lines(base, rows, frame, look, alt.Tooltip("users:Q", format=",")),
    )
    return _finished(layers, frame, look)


def over_time(rows: Sequence[Datum], frame: Frame, look: Look) -> Spec:
    """Return one line a lane over the seconds of a trial, with a band between blocks; the warm-up is shaded.

    A row has lane, at_s (from the start of the window), value, low and high.
    """
    first_s = min(row["at_s"] for row in rows)
    x = alt.X("at_s:Q", title="seconds from the start of the window", axis=alt.Axis(grid=False, tickMinStep=1))
    base = _base(rows, frame, look).encode(x=x)
    layers = (
        *([_warmup(first_s, look)] if first_s < 0 else ()),
        base.mark_area(opacity=0.18).encode(y=_y("low", frame), y2="high:Q"),
        *_lines(base, rows, frame, look, alt.Tooltip("at_s:Q", title="second")),
    )
    return _finished(layers, frame, look)


def _base(rows: Sequence[Datum], frame: Frame, look: Look) -> alt.Chart:
    """Return the chart that every layer starts from; the page sets `shown` to the lanes that a reader chose."""
    chart = alt.Chart(alt.InlineData(values=list(rows))).transform_filter("indexof(shown, datum.lane) >= 0")
    colours = [colour(frame.lanes, lane) for lane in frame.lanes]
    return chart.encode(color=alt.Color("lane:N", title=None, scale=_by_lane(colours, frame), legend=_legend(look)))


def _lines(
    base: alt.Chart, rows: Sequence[Datum], frame: Frame, look: Look, place: alt.Tooltip
) -> tuple[alt.Chart, alt.Chart]:
    """Return lines and points; the later a lane is drawn the thinner, so that one below it still shows."""
    value = base.encode(y=_y("value", frame))
    width, size = _by_lane(_falling(3.5, 1.5, frame), frame), _by_lane(_falling(130, 40, frame), frame)
    shapes = _by_lane([shape(frame.lanes, lane) for lane in frame.lanes], frame)
    points = value.mark_point(filled=True, opacity=1).encode(
        shape=alt.Shape("lane:N", title=None, scale=shapes, legend=_legend(look)),
        size=alt.Size("lane:O", scale=size, legend=None),
        tooltip=[alt.Tooltip("lane:N"), place, *_tooltips(rows, frame)],
    )
    return value.mark_line().encode(strokeWidth=alt.StrokeWidth("lane:O", scale=width, legend=None)), points


def _limit(base: alt.Chart, rows: Sequence[Datum], frame: Frame) -> Iterator[alt.Chart]:
    """Yield the limits as dashed lines; a lane with one point has no line, so it gets a dash."""
    limit = base.transform_filter("isValid(datum.limit)").encode(y=_y("limit", frame))
    yield limit.mark_line(strokeDash=[5, 4], strokeWidth=1.5, opacity=0.75)
    points = Counter(row["lane"] for row in rows)
    if alone := [lane for lane, number in points.items() if number == 1]:
        dash = limit.transform_filter(alt.FieldOneOfPredicate(field="lane", oneOf=alone))
        yield dash.mark_tick(orient="horizontal", width=18, thickness=1.5, opacity=0.75)


def _spread(base: alt.Chart, frame: Frame) -> Iterator[alt.Chart]:
    """Yield bars from the smallest to the largest block."""
    spread = base.transform_filter("isValid(datum.low)").encode(y=_y("low", frame), y2="high:Q")
    yield spread.mark_rule(strokeWidth=2, opacity=0.6)


def _warmup(first_s: float, look: Look) -> alt.LayerChart:
    shade = alt.Chart(alt.InlineData(values=[{"from": first_s, "to": 0, "text": "warm-up"}]))
    area = shade.mark_rect(opacity=0.08, color=look.ink).encode(x="from:Q", x2="to:Q")
    text = shade.mark_text(align="left", baseline="top", dx=4, dy=4, color=look.ink, opacity=0.7)
    return alt.LayerChart(layer=[area, text.encode(x="from:Q", y=alt.value(0), text="text:N")])


def _falling(first: float, last: float, frame: Frame) -> list[float]:
    step = (first - last) / len(frame.lanes)
    return [first - step * place for place in range(len(frame.lanes))]


def _by_lane(marks: Sequence[str] | Sequence[float], frame: Frame) -> alt.Scale:
    return alt.Scale(type="ordinal", domain=list(frame.lanes), range=marks)


def _legend(look: Look) -> alt.Legend | None:
    return alt.Legend() if look.legend else None


def _y(field: str, frame: Frame) -> alt.Y:
    scale = alt.Scale.from_dict(SCALES[frame.scale])
    return alt.Y(f"{field}:Q", title=frame.measure, axis=alt.Axis(format=",~r"), scale=scale)


def _tooltips(rows: Sequence[Datum], frame: Frame) -> list[alt.Tooltip]:
    titles = {"value": frame.measure, "low": "smallest block", "high": "largest block", "limit": "limit"}
    shown = (field for field in titles if _has(rows, field))
    return [alt.Tooltip(f"{field}:Q", title=titles[field], format=",.3~r") for field in shown]


def _has(rows: Sequence[Datum], field: str) -> bool:
    return any(row.get(field) is not None for row in rows)


def _finished(layers: Sequence[alt.Chart | alt.LayerChart], frame: Frame, look: Look) -> Spec:
    title = alt.TitleParams(frame.title, subtitle=frame.subtitle, anchor="start", offset=12)
    chart = alt.LayerChart(
        layer=layers,
        width=620,
        height=look.height,
        background=look.paper,
        config=config(look),
        title=title if look.legend else alt.Undefined,
    )
    spec: Spec = chart.add_params(alt.param(name="shown", value=list(frame.lanes))).to_dict()
    return spec
