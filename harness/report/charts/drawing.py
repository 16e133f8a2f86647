"""A chart with its caption, and the table behind it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from harness.document.numbers import ABSENT
from harness.document.table import Column, Row, Table
from harness.report.charts.specs import Datum, Spec
from harness.report.style import Look

FIRST_PERCENTILE = "p95"  # the one that is shown before a reader chooses


@dataclass(frozen=True)
class Drawing:
    """A chart that can be drawn in any look.

    `part` is the part of the report where it stands: "capacity", "ladder", "answer", "depth", "cost", "time", "model",
    "map" or "faults". `percentile` is set where there is one such chart for each of them; `scale` is the vertical axis
    that it starts with. A `still` one has several axes and all its lanes in it: a page shows it as it is.
    """

    name: str
    part: str
    title: str
    caption: str
    table: Table
    draw: Callable[[Look], Spec]
    scale: str
    percentile: str | None = None
    still: bool = False


def first_percentile(drawings: Sequence[Drawing]) -> str | None:
    """Return the percentile whose charts are shown first; None where no chart has one."""
    there = [drawing.percentile for drawing in drawings if drawing.percentile]
    return FIRST_PERCENTILE if FIRST_PERCENTILE in there else next(iter(there), None)


def scale_of(rows: Sequence[Datum]) -> str:
    """Return "log" for values that differ by more than a decade, else "linear"."""
    values = [row["value"] for row in rows]
    return "log" if max(values) > 10 * min(values) > 0 else "linear"


def matrix(heading: str, cells: Mapping[tuple[str, str], str], lanes: Sequence[str]) -> Table:
    """Return a table of cells by place and lane, with a row for each place and a column for each lane."""
    places = dict.fromkeys(place for place, _ in cells)
    return Table(
        (Column(heading), *(Column(lane) for lane in lanes)),
        tuple(Row((place, *(cells.get((place, lane), ABSENT) for lane in lanes))) for place in places),
    )
