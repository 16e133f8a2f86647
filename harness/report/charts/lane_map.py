"""The map: arrival rate against upstream time, coloured by the cheapest lane that keeps p95 near the upstream time."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import altair as alt

from harness.document.numbers import ABSENT, count, figure
from harness.document.table import Column, Row, Table
from harness.facts.run import Run
from harness.model.advice import Known
from harness.model.areas import (
    Area,
    Grid,
    areas,
    grid_of,
    most_slots,
    outruns_rps,
    smallest_first,
    threads_stop_helping_rps,
)
from harness.model.calibrate import Calibrated, comparable
from harness.report.advice import ROOM
from harness.report.charts.drawing import Drawing
from harness.report.charts.specs import Spec
from harness.report.marks import between
from harness.report.style import COLOURS, Look, colour, config

SPAN = 8.0  # times and parts of the run's own upstream time that the map reaches
BEYOND = 1.5  # times and parts of the highest capacity and of the lowest throughput that it reaches
LEAST_RPS = 2.0  # or lower, where less was measured
BESIDE = 0.045  # how far apart the dots of two lanes stand, as a part of the upstream time
TITLE = "Which lane for which traffic"
HELP, OUTRUNS = (
    "threads stop helping: S* = cores x (1 + Z/D)",
    "synchronous code outruns the traffic: λ (Z + D) < 0.9 S",
)
CAPTION = (
    "Find your arrival rate and the time that a request waits for upstreams. The colour is the smallest change whose "
    f"p95 stays within {ROOM:g} times that time, on one core, by the model. Faint: the model's 90 % interval reaches "
    "across that bound, so measure there. Empty: no lane keeps it. Dots: closed load as the run measured it, the lanes "
    "side by side; full where p95 was within the bound, hollow where it was beyond. All else is the model's alone."
)
ON_LINES = (
    " Above the dashed line the core is full, however many threads there are. Below the dotted one {lane} has free "
    "slots ({slots}). Below both synchronous code is enough."
)
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class _Map:
    """What is drawn: the grid, its areas, the lanes (the cheapest first), and the one that the lines are about."""

    run: Run
    lanes: tuple[Calibrated, ...]
    grid: Grid
    areas: tuple[Area, ...]
    synchronous: Calibrated | None

    @property
    def names(self) -> list[str]:
        """The lanes' names in their order."""
        return [one.lane for one in self.lanes]


def all_maps(run: Run) -> Iterator[Drawing]:
    """Yield the map of a run whose delays are fixed and whose requests are alike, from two calibrated lanes on."""
    config = run.info.config
    preferred = tuple(primary.lane for primary in config.primaries)
    lanes = smallest_first(Known(comparable(run), config.lanes, preferred))
    if len(lanes) < 2 or not run.info.delay.startswith("fixed:"):
        return
    grid = _grid(run, lanes)
    found = _Map(run, lanes, grid, areas(lanes, grid, ROOM), most_slots(lanes, config.lanes))
    yield Drawing(
        name="map",
        part="map",
        title=TITLE,
        caption=_caption(found),
        table=_table(found),
        draw=lambda look: _drawn(found, look),
        scale="log",
        still=True,
    )


def _grid(run: Run, lanes: Sequence[Calibrated]) -> Grid:
    upstream_s = max(one.upstream_s for one in lanes)
    slowest = min([BEYOND * LEAST_RPS, *(row["rps"] for row in _dots(run, lanes))])
    fastest = max(1 / one.demand.at(math.inf) for one in lanes)
    return grid_of((upstream_s / SPAN, upstream_s * SPAN), (slowest / BEYOND, fastest * BEYOND))


def _caption(found: _Map) -> str:
    one = found.synchronous
    return CAPTION + (ON_LINES.format(lane=one.lane, slots=count(one.slots)) if one else "")


def _dots(run: Run, lanes: Sequence[Calibrated]) -> Rows:
    """Return the closed points: rates, and upstream times that are moved a little, so that lanes stand side by side."""
    return [
        {
            "lane": one.lane,
            "at_ms": 1000 * one.upstream_s * (1 + BESIDE) ** (place - (len(lanes) - 1) / 2),
            "rps": point.throughput_rps,
            "users": point.point.level,
            "p95_ms": p95.ms,
            "kept": not p95.at_least and p95.ms <= ROOM * 1000 * one.upstream_s,
        }
        for place, one in enumerate(lanes)
        for point in run.points_of(one.lane)
        if point.point.load == "closed" and point.throughput_rps and (p95 := point.percentiles.get("p95"))
    ]


def _drawn(found: _Map, look: Look) -> Spec:
    lines = _lines(found, look) if found.synchronous else []
    chart = alt.LayerChart(
        layer=[_cells(found), *lines, *_points(found, look)],
        width=620,
        height=look.height * 1.25,
        background=look.paper,
        config=config(look),
        title=alt.TitleParams(
            TITLE,
            subtitle=f"the smallest change that keeps p95 within {ROOM:g} times the upstream time; faint: not sure",
            anchor="start",
            offset=12,
        )
        if look.legend
        else alt.Undefined,
    )
    spec: Spec = chart.to_dict(validate=False)
    return spec


def _x(found: _Map, field: str) -> alt.X:
    scale = alt.Scale(type="log", domain=[1000 * found.grid.upstream_s[end] for end in (0, -1)], nice=False)
    return alt.X(f"{field}:Q", title="upstream time of a request, ms", scale=scale, axis=alt.Axis(format=",~r"))


def _y(found: _Map, field: str) -> alt.Y:
    scale = alt.Scale(type="log", domain=[found.grid.rates_rps[end] for end in (0, -1)], nice=False)
    return alt.Y(f"{field}:Q", title="arrivals/s", scale=scale, axis=alt.Axis(format=",~r"))


def _colour(found: _Map, legend: alt.Legend | None) -> alt.Color:
    """Return the colour of a lane; the legend names the cheapest first."""
    scale = alt.Scale(domain=found.names, range=list(_colours(found)))
    return alt.Color("lane:N", title=None, scale=scale, legend=legend)


def _colours(found: _Map) -> Iterator[str]:
    """Yield the lanes' own colours; where two would have the same, areas could not be told apart, so one moves on."""
    own = [colour(found.run.lanes, lane) for lane in found.names]
    free = [one for one in COLOURS if one not in own]
    for place, one in enumerate(own):
        yield free.pop(0) if one in own[:place] and free else one


def _cells(found: _Map) -> alt.Chart:
    rows = [
        {
            "lane": area.lane,
            "from_ms": 1000 * area.upstream_s[0],
            "to_ms": 1000 * area.upstream_s[1],
            "from_rps": area.rates_rps[0],
            "to_rps": area.rates_rps[1],
            "opacity": 0.7 if area.sure else 0.3,
        }
        for area in found.areas
    ]
    return (
        alt.Chart(_data(rows))
        .mark_rect()
        .encode(
            x=_x(found, "from_ms"),
            x2="to_ms:Q",
            y=_y(found, "from_rps"),
            y2="to_rps:Q",
            color=_colour(found, alt.Legend(orient="bottom", symbolType="square", columns=4, columnPadding=18)),
            opacity=alt.Opacity("opacity:Q", scale=None, legend=None),
        )
    )


def _lines(found: _Map, look: Look) -> Iterator[alt.Chart]:
    """Yield both lines with their names, where they cross the map."""
    one, grid = found.synchronous, found.grid
    if one is None:
        return
    for rate_of, name, dash in ((threads_stop_helping_rps, HELP, [7, 4]), (outruns_rps, OUTRUNS, [2, 3])):
        rows: Rows = [{"at_ms": 1000 * at_s, "rps": rate_of(one, at_s), "name": name} for at_s in grid.upstream_s]
        shown = [row for row in rows if grid.rates_rps[0] <= row["rps"] <= grid.rates_rps[-1]]
        line = alt.Chart(_data(shown)).encode(x=_x(found, "at_ms"), y=_y(found, "rps"))
        yield line.mark_line(color=look.ink, strokeDash=dash, strokeWidth=2)
        first = rate_of is threads_stop_helping_rps
        text = alt.Chart(_data([shown[0] if first else shown[-1]])).encode(x=_x(found, "at_ms"), y=_y(found, "rps"))
        yield text.mark_text(
            align="left" if first else "right",
            baseline="bottom" if first else "top",
            dx=6 if first else -6,
            dy=-4 if first else 10,
            color=look.ink,
            fontSize=12,
        ).encode(text="name:N")


def _points(found: _Map, look: Look) -> Iterator[alt.Chart]:
    """Yield the dots: those within the bound full, the others hollow."""
    rows = _dots(found.run, found.lanes)
    for kept in (True, False):
        chart = alt.Chart(_data([row for row in rows if row["kept"] is kept])).encode(
            x=_x(found, "at_ms"), y=_y(found, "rps")
        )
        if kept:
            yield chart.mark_point(filled=True, size=50, opacity=1, stroke=look.ink, strokeWidth=1).encode(
                fill=_colour(found, None)
            )
        else:
            yield chart.mark_point(filled=False, size=45, opacity=1, strokeWidth=2).encode(color=_colour(found, None))


def _data(rows: Rows) -> alt.InlineData:
    return alt.InlineData(values=rows)


def _table(found: _Map) -> Table:
    """Return by upstream time at which arrivals/s each lane is the cheapest, those that are not sure included."""
    one = found.synchronous
    lines = (("threads stop helping", threads_stop_helping_rps), ("synchronous code outruns", outruns_rps))
    columns = ("upstream ms", *found.names, *(name for name, _ in lines if one))
    rows = (
        (
            figure(1000 * middle_s),
            *(_rates(found.areas, column, lane) for lane in found.names),
            *(figure(rate_of(one, middle_s)) for _, rate_of in lines if one),
        )
        for column in pairwise(found.grid.upstream_s)
        for middle_s in (math.sqrt(math.prod(column)),)
    )
    return Table(tuple(map(Column, columns)), tuple(map(Row, rows)))


def _rates(found: Sequence[Area], column: tuple[float, float], lane: str) -> str:
    ends = [end for area in found if (area.upstream_s, area.lane) == (column, lane) for end in area.rates_rps]
    return between(min(ends), max(ends)) if ends else ABSENT
