"""`timeline` from beginning to end: measure or read, write pictures and trace, say it in the terminal."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from harness.errors import UsageError
from harness.report.charts import Spec
from harness.report.pictures import NotDrawnError, draw
from harness.report.printable import printable
from harness.report.style import FILE
from harness.store.files import write_atomically
from harness.store.read_run import read_run
from harness.store.run_folder import RunFolder
from harness.timeline.chart import Heading, timeline_spec
from harness.timeline.chosen import chosen
from harness.timeline.drawings import timeline_drawings
from harness.timeline.terminal import figures_table, signs, timeline_in_terminal
from harness.timeline.three import three_together
from harness.timeline.trace import trace
from harness.timeline.tracks import Track, groups, milliseconds

TRACE = "trace.json"


def timeline_of_three(out: Path, delay_s: float, say: Callable[[str], None]) -> RenderableType:
    """Measure three requests that arrive together, write picture and trace into `out`, and return what to print."""
    tracks = three_together(delay_s, say)
    heading = _heading(tracks)
    write_atomically(out / TRACE, trace(groups(tracks)))
    problem = _write_pictures(out, {"timeline": timeline_spec(tracks, heading, FILE)})
    shown = (timeline_in_terminal(tracks), signs(tracks), figures_table(tracks))
    return Group(*shown, *map(Text, heading.caption), *problem)


def _heading(tracks: tuple[Track, ...]) -> Heading:
    slot, loop = groups(tracks).values()
    apart_s = max(track.offset_s for track in tracks)
    waits = (milliseconds(group[-1].anatomy.latency_s) for group in (slot, loop))
    caption = (
        "Processing takes as long on both: what differs is how long a request waits for its turn.",
        "The short one is answered after {} ms by one slot, after {} ms by the event loop.".format(*waits),
    )
    return Heading(
        "Three requests that arrive together", caption, f"the first was sent; all within {1000 * apart_s:.1f} ms"
    )


def timeline_of_run(run: Path) -> RenderableType:
    """Write single requests of a run as pictures and trace into its timelines/, and return what to print.

    UsageError where it is no run, or one that holds no single requests.
    """
    result, folder = printable(read_run(run)), RunFolder(run)
    counts = folder.read_counts()
    if not (lanes := chosen(result, counts)):
        raise UsageError(f"{run} holds no single request of a valid trial", hint="measure again with `make bench`")
    write_atomically(run / "timelines" / TRACE, trace(lanes))
    specs = {drawing.name: drawing.draw(FILE) for drawing in timeline_drawings(result, counts)}
    problem = _write_pictures(run / "timelines", specs)
    bars = (part for lane, tracks in lanes.items() for part in (_lane(lane), timeline_in_terminal(tracks)))
    return Group(*bars, signs(tuple(chain.from_iterable(lanes.values()))), *problem)


def _lane(name: str) -> Text:
    return Text(f"\n{name}", "bold underline")


def _write_pictures(folder: Path, specs: Mapping[str, Spec]) -> Iterator[Text]:
    """Write each chart as SVG and PNG; yield the reason where they cannot be drawn."""
    try:
        drawn = draw(specs, png=True)
    except NotDrawnError as error:
        yield Text(f"{error}; {error.hint}")
        return
    for name in specs:
        write_atomically(folder / f"{name}.svg", drawn.svgs[name])
        write_atomically(folder / f"{name}.png", drawn.pngs[name])
