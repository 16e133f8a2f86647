"""The charts, described once with Altair for the live page, the SVG and the PNG."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from harness.report.charts.axes import Axis
from harness.report.style import COLOURS, Look, colour, config, shape

Datum = Mapping[str, Any]  # a row of plain JSON values
Spec = dict[str, Any]  # a chart in Vega-Lite's own words

ROWS = "rows"  # the name of a chart's data
DATA = alt.NamedData(ROWS)
# The vertical axis in Vega-Lite's own words: the page lets the reader change from one to the other.
SCALES: Mapping[str, dict[str, Any]] = {
    "linear": {"type": "linear", "zero": True},
    "log": {"type": "log", "nice": False, "padding": 15},
}


@dataclass(frozen=True)
class Frame:
    """What a chart is called, what its vertical axis shows and how, and the run's lanes (so that colours stay).

    `ends` is what the two ends of a bar or band are called.
    """

    title: str
    subtitle: str
    measure: str
    lanes: tuple[str, ...]
    scale: str
    ends: tuple[str, str] = ("smallest block", "largest block")


def against_load(rows: Sequence[Datum], axis: Axis, frame: Frame, look: Look) -> Spec:
    """Return one line a lane over the load.

    A row has lane, load and value; low and high where there is a bar; limit where theory sets one (drawn dashed);
    bound where the true value is at least this one (marked).
    """
    base = _base(rows, axis, frame, look)
    layers = (
        *(_limit(base, rows, frame) if _has(rows, "limit") else ()),
        *(_bars(base, frame) if _has(rows, "low") else ()),
        *_lines(base, rows, axis, frame, look),
        *(_bounds(base, frame) if any(row.get("bound") for row in rows) else ()),
    )
    return _finished(layers, rows, frame, look)


def over_time(rows: Sequence[Datum], axis: Axis, frame: Frame, look: Look) -> Spec:
    """Return one line a lane over the seconds of a trial, with a band between blocks; the warm-up is shaded.

    A row has lane, at_s (from the start of the window), value, low and high.
    """
    first_s = min(row["at_s"] for row in rows)
    base = _base(rows, axis, frame, look)
    layers = (
        *([_warmup(first_s, look)] if first_s < 0 else ()),
        base.mark_area(opacity=0.18).encode(y=_y("low", frame), y2="high:Q"),
        *_lines(base, rows, axis, frame, look),
    )
    return _finished(layers, rows, frame, look)


def spectrum(rows: Sequence[Datum], axis: Axis, frame: Frame, look: Look) -> Spec:
    """Return one line a lane over the percentiles; only rows with a `mark` get a point.

    A row has lane, one_in (1 / (1 - percentile)), percentile (in words), value and mark.
    """
    return _finished(
        _lines(_base(rows, axis, frame, look), rows, axis, frame, look, marked="datum.mark"), rows, frame, look
    )


def waterfall(rows: Sequence[Datum], frame: Frame, look: Look) -> Spec:
    """Return a bar a step, from what the one before has reached to what this one reaches.

    A row has step (lines of its label), before, value, high (the upper end) and times (in words).
    """
    base = alt.Chart(DATA).encode(
        x=alt.X("step:N", title=None, sort=None, axis=alt.Axis(labelAngle=0, labelOverlap=False))
    )
    tips = [alt.Tooltip("times:N", title="times"), alt.Tooltip("value:Q", title=frame.measure, format=",.3~r")]
    bars = base.mark_bar(color=COLOURS[0], opacity=0.85).encode(y=_y("value", frame), y2="before:Q", tooltip=tips)
    text = base.mark_text(baseline="bottom", dy=-4, color=look.ink, fontSize=13).encode(
        y=_y("high", frame), text="times:N"
    )
    return _finished((bars, text), rows, frame, look)


def forest(rows: Sequence[Datum], frame: Frame, look: Look) -> Spec:
    """Return a row a place: the predicted interval as a bar, the prediction as a tick, the measurement as a dot.

    A row has place, low, value (predicted), high, measured and within ("within the interval" or "beyond it").
    """
    base = alt.Chart(DATA).encode(
        y=alt.Y("place:N", title=None, sort=None, axis=alt.Axis(labelLimit=260, labelOverlap=False)),
        tooltip=[
            alt.Tooltip("place:N"),
            *(alt.Tooltip(f"{field}:Q", format=",.4~r") for field in ("low", "value", "high", "measured")),
            alt.Tooltip("within:N", title="measured"),
        ],
    )
    bars = base.mark_bar(color=COLOURS[0], opacity=0.25, height=12).encode(x=_x("low", frame), x2="high:Q")
    ticks = base.mark_tick(color=COLOURS[0], thickness=2.5, height=14).encode(x=_x("value", frame))
    hue = alt.Scale(domain=["within the interval", "beyond it"], range=[look.ink, COLOURS[1]])
    dots = base.mark_point(filled=True, size=70, opacity=1).encode(
        x=_x("measured", frame), color=alt.Color("within:N", title="measured", scale=hue, legend=alt.Legend())
    )
    return {**_finished((bars, ticks, dots), rows, frame, look), "height": {"step": 20}}


def _x(field: str, frame: Frame) -> alt.X:
    scale = alt.Scale(zero=False) if frame.scale == "linear" else alt.Scale(type="log", nice=False, padding=15)
    return alt.X(f"{field}:Q", title=frame.measure, axis=alt.Axis(format=",~r"), scale=scale)


def pareto(rows: Sequence[Datum], axis: Axis, frame: Frame, look: Look) -> Spec:
    """Return a point a lane with its name, and a line along those that no other lane beats in both figures.

    A row has lane, cost (the horizontal axis), value and front, whether nothing beats it.
    """
    base = _base(rows, axis, frame, look)
    front = (
        alt.Chart(DATA)
        .transform_filter("datum.front && indexof(shown, datum.lane) >= 0")
        .mark_line(color=look.ink, opacity=0.4, strokeDash=[5, 4], interpolate="step-after")
        .encode(x=axis.encoding(), y=_y("value", frame), order="cost:Q")
    )
    names = base.mark_text(align="left", dx=12, fontSize=13).encode(y=_y("value", frame), text="lane:N")
    *_, points = _lines(base, rows, axis, frame, look)
    return _finished((front, points, names), rows, frame, look)


def _base(rows: Sequence[Datum], axis: Axis, frame: Frame, look: Look) -> alt.Chart:
    """Return the chart that every layer starts from; the page sets `shown` to the lanes that a reader chose."""
    chart = alt.Chart(DATA).transform_filter("indexof(shown, datum.lane) >= 0")
    colours = [colour(frame.lanes, lane) for lane in frame.lanes]
    lane = alt.Color("lane:N", title=None, scale=_by_lane(colours, frame), legend=_legend(rows, frame, look))
    return chart.encode(color=lane, x=axis.encoding())


def _short(row: Datum) -> Datum:
    """Return a row with as many digits as a histogram's values have, and two more: a report holds thousands of rows."""
    return {name: float(f"{value:.5g}") if isinstance(value, float) else value for name, value in row.items()}


def _lines(
    base: alt.Chart, rows: Sequence[Datum], axis: Axis, frame: Frame, look: Look, marked: str = "true"
) -> tuple[alt.Chart, alt.Chart]:
    """Return lines and points; the later a lane is drawn the thinner, so that one below it still shows."""
    value = base.encode(y=_y("value", frame))
    width, size = _by_lane(_falling(3.5, 1.5, frame), frame), _by_lane(_falling(130, 40, frame), frame)
    shapes = _by_lane([shape(frame.lanes, lane) for lane in frame.lanes], frame)
    points = value.transform_filter(marked) if marked != "true" else value
    drawn = points.mark_point(filled=True, opacity=1).encode(
        shape=alt.Shape("lane:N", title=None, scale=shapes, legend=_legend(rows, frame, look)),
        size=alt.Size("lane:O", scale=size, legend=None),
        tooltip=[alt.Tooltip("lane:N"), axis.tooltip(), *_tooltips(rows, frame)],
    )
    return value.mark_line().encode(strokeWidth=alt.StrokeWidth("lane:O", scale=width, legend=None)), drawn


def _limit(base: alt.Chart, rows: Sequence[Datum], frame: Frame) -> Iterator[alt.Chart]:
    """Yield the limits as dashed lines; a lane with one point has no line, so it gets a dash."""
    limit = base.transform_filter("isValid(datum.limit)").encode(y=_y("limit", frame))
    yield limit.mark_line(strokeDash=[5, 4], strokeWidth=1.5, opacity=0.75)
    points = Counter(row["lane"] for row in rows)
    if alone := [lane for lane, number in points.items() if number == 1]:
        dash = limit.transform_filter(alt.FieldOneOfPredicate(field="lane", oneOf=alone))
        yield dash.mark_tick(orient="horizontal", width=18, thickness=1.5, opacity=0.75)


def _bars(base: alt.Chart, frame: Frame) -> Iterator[alt.Chart]:
    """Yield bars from low to high, with ends, since a short one hides behind its point."""
    both = base.transform_filter("isValid(datum.low) && isValid(datum.high)")
    yield both.mark_rule(strokeWidth=2, opacity=0.6).encode(y=_y("low", frame), y2="high:Q")
    for end in ("low", "high"):
        yield both.mark_tick(orient="horizontal", width=11, thickness=1.5, opacity=0.6).encode(y=_y(end, frame))


def _bounds(base: alt.Chart, frame: Frame) -> Iterator[alt.Chart]:
    """Yield a sign beside each value that the true one is at least."""
    bound = base.transform_filter("datum.bound").encode(y=_y("value", frame))
    yield bound.mark_text(text="≥", align="right", dx=-9, fontSize=16, fontWeight="bold")


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


def _legend(rows: Sequence[Datum], frame: Frame, look: Look) -> alt.Legend | None:
    """Return a legend of the lanes that the chart shows; None where the page has one of its own."""
    shown = {row["lane"] for row in rows}
    return alt.Legend(values=[lane for lane in frame.lanes if lane in shown]) if look.legend else None


def _y(field: str, frame: Frame) -> alt.Y:
    scale = alt.Scale(**SCALES[frame.scale])
    return alt.Y(f"{field}:Q", title=frame.measure, axis=alt.Axis(format=",~r"), scale=scale)


def _tooltips(rows: Sequence[Datum], frame: Frame) -> list[alt.Tooltip]:
    titles = {"value": frame.measure, "low": frame.ends[0], "high": frame.ends[1], "limit": "limit"}
    shown = (field for field in titles if _has(rows, field))
    return [alt.Tooltip(f"{field}:Q", title=titles[field], format=",.3~r") for field in shown]


def _has(rows: Sequence[Datum], field: str) -> bool:
    return any(row.get(field) is not None for row in rows)


def _finished(layers: Sequence[alt.Chart | alt.LayerChart], rows: Sequence[Datum], frame: Frame, look: Look) -> Spec:
    """Return the chart in Vega-Lite's words; what Altair would only copy, many times, comes last."""
    title = {"title": {"text": frame.title, "subtitle": frame.subtitle, "anchor": "start", "offset": 12}}
    spec: Spec = alt.LayerChart(layer=layers, width=620, height=look.height).to_dict(validate=False)
    return {
        **spec,
        **(title if look.legend else {}),
        "background": look.paper,
        "config": config(look),
        "params": [*spec.get("params", ()), {"name": "shown", "value": list(frame.lanes)}],
        "datasets": {**spec.get("datasets", {}), ROWS: [_short(row) for row in rows]},
    }
