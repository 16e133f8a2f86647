"""A run's single requests as drawings for the report: a chart for each lane, with its caption and its table."""

from collections.abc import Mapping, Sequence

from harness.document.table import Column, Row, Table
from harness.facts.run import Run
from harness.judge.anatomy import Kind, phases
from harness.judge.counts import Observed
from harness.report.charts import Drawing
from harness.timeline.chart import Heading, timeline_spec
from harness.timeline.chosen import chosen
from harness.timeline.tracks import MARKS, Track, kinds, milliseconds

PART = "requests"
CAPTION = (
    "The median and the p99 request (of fewer than 100 answers the slowest), at the lowest and at the highest load.",
    "Green is the upstream, which no server makes faster. What load adds is in the other colours.",
)
SINCE = "the request was due"


def timeline_drawings(run: Run, counts: Mapping[str, Observed]) -> tuple[Drawing, ...]:
    """Return a drawing for each lane that has requests to show, given the raw counts by trial."""
    return tuple(_drawing(lane, tracks) for lane, tracks in chosen(run, counts).items())


def _drawing(lane: str, tracks: Sequence[Track]) -> Drawing:
    heading = Heading(f"{lane}: single requests", CAPTION, SINCE)
    return Drawing(
        name=f"requests-{_file_name(lane)}",
        part=PART,
        title=heading.title,
        caption=" ".join(CAPTION),
        table=_table(tracks),
        draw=lambda look: timeline_spec(tracks, heading, look),
        scale="linear",
    )


def _file_name(lane: str) -> str:
    return "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in lane)


def _table(tracks: Sequence[Track]) -> Table:
    """Return what each request spent on what, in ms, so that a row adds up to its response time."""
    there = kinds(tracks)
    texts = [Column(name, numeric=False) for name in ("load", "request", "id")]
    columns = (*texts, *(Column(f"{MARKS[kind].words} ms") for kind in there), Column("response ms"))
    return Table(columns, tuple(Row(_cells(track, there)) for track in tracks))


def _cells(track: Track, there: Sequence[Kind]) -> tuple[str, ...]:
    took = [sum(phase.duration_s for phase in phases(track.anatomy) if phase.kind == kind) for kind in there]
    figures = [milliseconds(seconds) for seconds in (*took, track.anatomy.latency_s)]
    return (track.group, track.name, track.anatomy.request_id, *figures)
