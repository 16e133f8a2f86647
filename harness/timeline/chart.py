"""The picture of requests on one clock, described once for SVG, PNG and page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from harness.judge.anatomy import Phase, phases, processing_s
from harness.report.style import Look, config
from harness.timeline.tracks import MARKS, Track, groups, kinds, milliseconds, words

Row = dict[str, Any]
WIDTH, ROW_HEIGHT = 560, 36  # pixels
LETTER = 8  # pixels that a letter of a call's name takes
COLUMNS = {"processing": WIDTH + 88, "response": WIDTH + 170}  # of figures, and where they end


@dataclass(frozen=True)
class Heading:
    """What a picture is called, what to see in it, and when its clock begins."""

    title: str
    caption: tuple[str, ...]
    since: str


@dataclass(frozen=True)
class _Canvas:
    """What all panels of a picture share."""

    tracks: Sequence[Track]
    heading: Heading
    look: Look

    @property
    def last_ms(self) -> float:
        return 1000 * max(track.end_s for track in self.tracks)


def timeline_spec(tracks: Sequence[Track], heading: Heading, look: Look) -> dict[str, Any]:
    """Return a Vega-Lite chart: a panel for each group, a row for each request, one clock in ms for all of them."""
    canvas = _Canvas(tracks, heading, look)
    title = alt.TitleParams(heading.title, subtitle=list(heading.caption), anchor="start", offset=14)
    chart = alt.VConcatChart(
        vconcat=[_panel(canvas, group, rows) for group, rows in groups(tracks).items()],
        spacing=10,
        background=look.paper,
        config=config(look),
        title=title if look.legend else alt.Undefined,
    )
    spec: dict[str, Any] = chart.resolve_scale(x="shared", color="shared").to_dict()
    return spec


def _panel(canvas: _Canvas, group: str, tracks: Sequence[Track]) -> alt.LayerChart:
    axis = alt.Axis(grid=False, ticks=False, domain=False, labelLimit=200, labelPadding=8)
    row = alt.Y("row:N", title=None, sort=None, axis=axis)
    bars = alt.Chart(alt.InlineData(values=list(_bars(canvas, tracks)))).encode(y=row)
    figures = alt.Chart(alt.InlineData(values=list(_figures(tracks)))).encode(y=row)
    return alt.LayerChart(
        layer=[_phases(canvas, bars, last=tracks[-1] is canvas.tracks[-1]), _names(bars), *_columns(canvas, figures)],
        width=WIDTH,
        height=ROW_HEIGHT * len(tracks),
        title=alt.TitleParams(group, anchor="start", fontSize=13, offset=-9, color=canvas.look.ink),
    )


def _phases(canvas: _Canvas, bars: alt.Chart, *, last: bool) -> alt.Chart:
    marks = [MARKS[kind] for kind in kinds(canvas.tracks)]
    colours = alt.Scale(domain=[mark.words for mark in marks], range=[mark.colour for mark in marks])
    legend = alt.Legend(orient="bottom", columns=3, symbolType="square", title=None, labelLimit=300)
    drawn: alt.Chart = bars.mark_bar().encode(
        x=alt.X(
            "from:Q",
            title=f"ms since {canvas.heading.since}" if last else None,
            scale=alt.Scale(domain=[0, canvas.last_ms], nice=False),
            axis=alt.Axis(format=",~f", tickCount=8),
        ),
        x2="to:Q",
        color=alt.Color("kind:N", scale=colours, legend=legend),
        size=alt.Size("thickness:Q", scale=None),
        tooltip=[
            alt.Tooltip("row:N", title="request"),
            alt.Tooltip("what:N", title="phase"),
            alt.Tooltip("took:Q", title="ms", format=",.2f"),
            alt.Tooltip("from:Q", title="from ms", format=",.2f"),
        ],
    )
    return drawn


def _names(bars: alt.Chart) -> alt.Chart:
    """Return the names of the calls, inside the phases that are long enough."""
    named = bars.transform_filter("datum.name")
    text: alt.Chart = named.mark_text(color="white", fontSize=11, fontWeight="bold").encode(x="middle:Q", text="name:N")
    return text


def _columns(canvas: _Canvas, figures: alt.Chart) -> Iterator[alt.Chart]:
    """Yield two columns at the right, with their headings: what the app says it took, and what the client saw."""
    ink = canvas.look.ink
    for name, place in COLUMNS.items():
        text = figures.mark_text(align="right", color=ink, fontSize=12)
        yield text.encode(x=alt.value(place), text=f"{name}:N")
        heading = alt.Chart(alt.InlineData(values=[{"text": f"{name} ms"}]))
        small = heading.mark_text(align="right", color=ink, fontSize=11, opacity=0.75)
        yield small.encode(x=alt.value(place), y=alt.value(-9), text="text:N")


def _bars(canvas: _Canvas, tracks: Sequence[Track]) -> Iterator[Row]:
    for track in tracks:
        for phase in phases(track.anatomy):
            begin_ms, took_ms = 1000 * (track.offset_s + phase.start_s), 1000 * phase.duration_s
            yield {
                "row": track.name,
                "kind": MARKS[phase.kind].words,
                "thickness": MARKS[phase.kind].thickness,
                "what": words(phase),
                "from": begin_ms,
                "middle": begin_ms + took_ms / 2,
                "to": begin_ms + took_ms,
                "took": took_ms,
                "name": _name(phase, took_ms / canvas.last_ms * WIDTH),
            }


def _name(phase: Phase, width: float) -> str:
    """Return the calls of a phase, where so many pixels hold them."""
    name = " + ".join(phase.calls)
    return name if len(name) * LETTER < width else ""


def _figures(tracks: Sequence[Track]) -> Iterator[Row]:
    for track in tracks:
        yield {
            "row": track.name,
            "processing": milliseconds(processing_s(track.anatomy)),
            "response": milliseconds(track.anatomy.latency_s),
        }
