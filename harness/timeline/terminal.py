"""Requests on one clock in the terminal: a line each, as wide as there is room for."""

from collections.abc import Iterator, Sequence

from rich import box
from rich.columns import Columns
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from harness.judge.anatomy import Kind, phases, processing_s
from harness.timeline.tracks import MARKS, Track, groups, kinds, milliseconds

LEAST = 10  # characters of a bar
END = "▉"  # the last sign of a wait for the upstream, so that two in a row stay two
COLUMNS = ("processing ms", "response ms")


def timeline_in_terminal(tracks: Sequence[Track]) -> RenderableType:
    """Return a line for each request, group by group, with how long its client waited."""
    return _Bars(tracks)


def signs(tracks: Sequence[Track]) -> RenderableType:
    """Return what the signs in the lines of these requests mean."""
    meanings = [Text(f"{MARKS[kind].sign} {MARKS[kind].words}", MARKS[kind].colour) for kind in kinds(tracks)]
    return Padding(Columns(meanings, padding=(0, 3)), (1, 0, 0, 0), expand=False)


class _Bars:
    """A line for each request: its name, its phases, and how long its client waited."""

    def __init__(self, tracks: Sequence[Track]) -> None:
        self.tracks = tracks

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        names = max(len(track.name) for track in self.tracks)
        figures = max(len(_waited(track)) for track in self.tracks)
        cell_s = max(track.end_s for track in self.tracks) / max(LEAST, options.max_width - names - figures - 2)
        for group, tracks in groups(self.tracks).items():
            yield Text(f"\n{group}", "bold")
            for track in tracks:
                line = Text(f"{track.name:<{names}} ", no_wrap=True, overflow="crop")
                yield line.append_text(_bar(track, cell_s)).append(f" {_waited(track)}")


def _waited(track: Track) -> str:
    return f"{milliseconds(track.anatomy.latency_s)} ms"


def _bar(track: Track, cell_s: float) -> Text:
    """Return a bar in cells of that many seconds; what takes less than half a cell is not seen."""
    bar = Text(" " * round(track.offset_s / cell_s))
    for phase in phases(track.anatomy):
        begin, end = (round((track.offset_s + moment) / cell_s) for moment in (phase.start_s, phase.end_s))
        bar.append(_signs(phase.kind, end - begin), MARKS[phase.kind].colour)
    return bar


def _signs(kind: Kind, cells: int) -> str:
    drawn = MARKS[kind].sign * cells
    return drawn[:-1] + END if kind == "upstream" and cells else drawn


def figures_table(tracks: Sequence[Track]) -> RenderableType:
    """Return processing and response time of each request, the groups side by side; all have the same requests."""
    grid = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    grid.add_column("request")
    for heading in _headings(groups(tracks)):
        grid.add_column(heading, justify="right")
    for row in zip(*groups(tracks).values(), strict=True):
        cells = (milliseconds(took) for track in row for took in (processing_s(track.anatomy), track.anatomy.latency_s))
        grid.add_row(row[0].name, *cells)
    return grid


def _headings(names: Sequence[str] | dict[str, list[Track]]) -> Iterator[str]:
    for name in names:
        yield from (f"{name.partition(':')[0]}\n{column}" for column in COLUMNS)
