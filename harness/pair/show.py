"""What the check of two lanes found, as a document."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from harness.document.blocks import Block, Paragraph, listing
from harness.document.numbers import ABSENT, count, figure
from harness.document.table import LANE, Cells, Column, table
from harness.pair.answers import Answer
from harness.pair.check import Checked

ALIKE = "alike"
SHOWN = 3  # differences of a route


class Told(NamedTuple):
    """What one lane answered to one route."""

    checked: Checked
    lane: str

    @property
    def first(self) -> Answer:
        """The first of its answers."""
        return self.checked.answers[self.lane][0]


OF_A_LANE: Cells[Told] = (
    (Column("route", numeric=False, long=True), lambda told: told.checked.route),
    (LANE, lambda told: told.lane),
    (Column("status", numeric=False), lambda told: _statuses(told)),
    (Column("type", numeric=False), lambda told: (told.first.told["content-type"] or ABSENT).partition(";")[0]),
    (Column("bytes"), lambda told: count(len(told.first.body.encode()))),
    (Column("ms"), lambda told: figure(told.checked.median_ms(told.lane))),
)


def document(checked: Sequence[Checked]) -> list[Block]:
    """Return what each lane answered to each route, where they differ, and whether load may follow."""
    rows = [Told(one, lane) for one in checked for lane in one.answers]
    wrong = [f"{one.route}, {lane}: {fault}" for one in checked for lane, fault in one.faults.items()]
    different = [f"{one.route}: {'; '.join(one.different[:SHOWN])}" for one in checked if one.different]
    return [
        table(OF_A_LANE, rows),
        *listing("Wrong answers", wrong),
        *listing("Differences (first lane / second)", different),
        *_sentences(checked),
    ]


def followed(different: Mapping[str, Sequence[str]]) -> list[Block]:
    """Return a table of the operations of an OpenAPI file, each with the first request that is answered differently."""
    columns: Cells[tuple[str, Sequence[str]]] = (
        (Column("operation", numeric=False, long=True), lambda one: one[0]),
        (Column("difference", numeric=False, long=True, width=30), lambda one: "; ".join(one[1][:SHOWN]) or ALIKE),
    )
    return [table(columns, different.items())]


def _statuses(told: Told) -> str:
    """Return the different statuses of a lane's answers; why there was none, if there was none."""
    if told.first.status is None:
        return told.first.fault
    return ", ".join(dict.fromkeys(str(answer.status) for answer in told.checked.answers[told.lane]))


def _sentences(checked: Sequence[Checked]) -> Iterator[Block]:
    if any(one.faults for one in checked):
        yield Paragraph("Some answers are wrong: correct the service or the route before you measure.", "warning")
    elif any(one.different for one in checked):
        yield Paragraph("The lanes answer differently: they do not do the same work.", "warning")
    else:
        yield Paragraph("Every answer is right, and the lanes answer alike.", "better")
