"""report.md: what the page says, for readers of text and of repositories."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from harness.facts.run import Run
from harness.report import course, method, tables, words
from harness.report.charts import FIRST_PERCENTILE, Drawing
from harness.report.marks import KEY
from harness.report.tables import Row, Table
from harness.report.tables.time_spent import ABOUT

SPECIAL = re.compile(r"([\\`*_\[\]<>|~&#])")


def markdown(run: Run, drawings: Sequence[Drawing]) -> str:
    """Return the report; it refers to `charts/NAME.svg` beside it."""
    sections = (_answer(run, drawings), _depth(run, drawings), _cost(drawings), _lanes(run), _method(run))
    return "\n\n".join(paragraph for section in (*sections, _validity(run)) for paragraph in section) + "\n"


def escaped(text: str) -> str:
    """Return text that Markdown shows letter for letter."""
    return SPECIAL.sub(r"\\\1", text)


def _answer(run: Run, drawings: Sequence[Drawing]) -> Iterator[str]:
    yield f"# {escaped(words.title(run))}"
    yield escaped(words.subtitle(run))
    yield from (escaped(sentence.text) for sentence in words.headline(run))
    yield from _course(run)
    if run.summaries:
        yield _table(tables.answer_table(run))
        yield f"{words.HIGHEST} {escaped(KEY)}"
    yield from _pictures(drawing for drawing in drawings if _stands_first(drawing))


def _course(run: Run) -> Iterator[str]:
    """Yield the course's own figures, where the run repeats its benchmark."""
    if (beside := course.course_table(run)).rows:
        yield f"## {escaped(course.TITLE)}"
        yield _table(beside)
        yield escaped(course.ABOUT)
        yield from map(escaped, course.explanation(run))
        yield "## Each lane's figures"


def _stands_first(drawing: Drawing) -> bool:
    return drawing.part == "answer" and drawing.percentile in (None, FIRST_PERCENTILE)


def _depth(run: Run, drawings: Sequence[Drawing]) -> Iterator[str]:
    """Yield the other percentiles, open load and the spectrum."""
    deep = [drawing for drawing in drawings if drawing.part in ("answer", "depth") and not _stands_first(drawing)]
    rates = tables.open_load_table(run)
    if deep or rates.rows:
        yield "## Latency in depth"
        yield from _pictures(deep)
    if rates.rows:
        yield method.OPEN_LOAD
        yield _table(rates)


def _cost(drawings: Sequence[Drawing]) -> Iterator[str]:
    if shown := [drawing for drawing in drawings if drawing.part in ("cost", "time")]:
        yield "## Cost, and the load second by second"
        yield from _pictures(shown)


def _lanes(run: Run) -> Iterator[str]:
    yield "## Each lane"
    spent = {lane: tables.time_spent_table(run, lane) for lane in run.lanes}
    if any(table.rows for table in spent.values()):
        yield ABOUT
    for lane, where in spent.items():
        yield f"### {escaped(lane)}"
        if settings := method.lane_settings(run, lane):
            yield " · ".join(f"{name} {escaped(value)}" for name, value in settings)
        yield _table(tables.lane_table(run, lane))
        if where.rows:
            yield _table(where)


def _method(run: Run) -> Iterator[str]:
    yield "## Method"
    yield from method.METHOD
    if run.verdicts or run.controls:
        yield _table(tables.verdicts_table(run))
    if calibration := method.calibration(run):
        yield _table(tables.pairs_table(method.INSTRUMENT, calibration))
    yield _table(tables.pairs_table("run", method.facts(run)))
    yield _table(tables.pairs_table("machine", run.info.machine.items()))
    yield _table(tables.pairs_table("version of", run.info.versions.items()))
    yield _table(tables.pairs_table("setting", method.settings(run.info.config)))
    yield "`run.json` holds the plan: every trial in its order."


def _validity(run: Run) -> Iterator[str]:
    yield "## Validity"
    yield method.BOUNDS
    yield _table(tables.bounds_table(run))
    if run.invalid:
        yield escaped(words.INVALID)
        yield _table(tables.invalid_table(run))
    elif run.trials:
        yield "Every trial is valid."
    yield from (escaped(f"Not checked: {check}.") for check in method.not_checked(run))
    yield "`trials.csv` holds every trial."


def _pictures(drawings: Iterable[Drawing]) -> Iterator[str]:
    """Yield pictures with their captions; neighbours with the same caption share it."""
    for caption, group in groupby(drawings, key=lambda drawing: drawing.caption):
        yield from (f"![{escaped(drawing.title)}](charts/{drawing.name}.svg)" for drawing in group)
        yield escaped(caption)


def _table(table: Table) -> str:
    """Return a Markdown table; a note stands in the first cell without a figure."""
    head = [
        [column.heading for column in table.columns],
        ["--:" if column.numeric else "---" for column in table.columns],
    ]
    body = (_cells(row, len(table.columns)) for row in table.rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (*head, *body))


def _cells(row: Row, width: int) -> list[str]:
    filled = [escaped(cell) for cell in (*row.cells, row.note)] + [""] * width
    return filled[:width]
