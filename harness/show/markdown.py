"""report.md: what the page says, for readers of text and of repositories."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from harness.records import Run
from harness.show import sentences, tables
from harness.show.columns import KEY
from harness.show.drawings import FIRST_PERCENTILE, Drawing
from harness.show.tables import Table

SPECIAL = re.compile(r"([\\`*_\[\]<>|~&#])")


def markdown(run: Run, drawings: Sequence[Drawing]) -> str:
    """Return the report; it refers to `charts/NAME.svg` beside it."""
    sections = (_answer(run, drawings), _charts(drawings), _lanes(run), _method(run), _validity(run))
    return "\n\n".join(paragraph for section in sections for paragraph in section) + "\n"


def escaped(text: str) -> str:
    """Return text that Markdown shows letter for letter."""
    return SPECIAL.sub(r"\\\1", text)


def _answer(run: Run, drawings: Sequence[Drawing]) -> Iterator[str]:
    yield f"# {escaped(sentences.title(run))}"
    yield escaped(sentences.subtitle(run))
    yield from (escaped(sentence.text) for sentence in sentences.headline(run))
    if run.summaries:
        yield _table(tables.answer_table(run))
        yield f"Each lane at the highest point that it was measured at. {KEY}"
    yield from _pictures(drawing for drawing in drawings if _stands_first(drawing))


def _stands_first(drawing: Drawing) -> bool:
    return drawing.part == "answer" and drawing.percentile in (None, FIRST_PERCENTILE)


def _charts(drawings: Sequence[Drawing]) -> Iterator[str]:
    if drawings:
        yield "## Cost, and the load second by second"
        yield from _pictures(drawing for drawing in drawings if not _stands_first(drawing))


def _lanes(run: Run) -> Iterator[str]:
    yield "## Each lane"
    for lane in tables.lanes_of(run):
        yield f"### {escaped(lane)}"
        if settings := sentences.lane_settings(run, lane):
            yield " · ".join(f"{name} {escaped(value)}" for name, value in settings)
        yield _table(tables.lane_table(run, lane))


def _method(run: Run) -> Iterator[str]:
    yield "## Method"
    yield from sentences.METHOD
    if run.verdicts:
        yield _table(tables.verdicts_table(run))
    yield _table(tables.pairs_table("run", sentences.facts(run)))
    yield _table(tables.pairs_table("machine", run.info.machine.items()))
    yield _table(tables.pairs_table("version of", run.info.versions.items()))
    yield _table(tables.pairs_table("setting", sentences.settings(run.info.config)))
    yield "`run.json` holds the plan: every trial in its order."


def _validity(run: Run) -> Iterator[str]:
    yield "## Validity"
    if tables.invalid(run):
        yield "These trials are invalid: they are kept, but they are in no figure and no chart."
        yield _table(tables.invalid_table(run))
    elif run.trials:
        yield "Every trial is valid."
    yield from (escaped(f"Not checked: {check}.") for check in sentences.not_checked(run))
    yield "`trials.csv` holds every trial."


def _pictures(drawings: Iterable[Drawing]) -> Iterator[str]:
    """Yield pictures with their captions; neighbours with the same caption share it."""
    for caption, group in groupby(drawings, key=lambda drawing: drawing.caption):
        yield from (f"![{escaped(drawing.title)}](charts/{drawing.name}.svg)" for drawing in group)
        yield escaped(caption)


def _table(table: Table) -> str:
    """Return a Markdown table; a note stands in the first cell without a figure."""
    width = len(table.columns)
    head = [
        [column.heading for column in table.columns],
        ["--:" if column.numeric else "---" for column in table.columns],
    ]
    body = [([escaped(cell) for cell in (*row.cells, row.note)] + [""] * width)[:width] for row in table.rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (*head, *body))
