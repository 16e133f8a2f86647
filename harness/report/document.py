"""What a run's report says, in which order: the one outline, which page and Markdown draw; and the brief of it."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice

from harness.document.blocks import (
    Behind,
    Beside,
    Block,
    Choices,
    Document,
    Figures,
    Heading,
    Paragraph,
    Settings,
    Verbatim,
    listing,
    section,
)
from harness.document.table import Row, Table, pairs_table
from harness.facts.run import Run
from harness.model.residuals import residuals
from harness.report import course, faults, method, predicted, sliders, tables, words
from harness.report.charts import Drawing, first_percentile
from harness.report.marks import KEY
from harness.report.tables.points import NOT_SUSTAINED
from harness.report.tables.time_spent import ABOUT

AT_MOST = 10  # invalid trials that the brief lists
LOGS_AT_MOST = 3  # whose server's last words it shows


def report(run: Run, drawings: Sequence[Drawing]) -> Document:
    """Return the whole report with these charts."""
    sections = (
        section("faults", faults.TITLE, _faults(run, drawings)),
        section("answer", "Without a fault" if run.under_faults else "", _answer(run, drawings)),
        section("sliders", sliders.TITLE, sliders.sliders(run), media=("page",)),
        section("depth", "Latency in depth", _depth(run, drawings)),
        section("bottlenecks", words.BOTTLENECKS, _bottlenecks(run)),
        section("cost", "Cost, and the load second by second", _cost(drawings)),
        section("model", "Prediction beside measurement", _model(run, drawings)),
        section("map", "Which lane for which traffic", _map(drawings)),
        section("lanes", "Each lane", _lanes(run)),
        section("method", "Method", _method(run)),
        section("validity", "Validity", _validity(run)),
    )
    return Document(words.title(run), words.subtitle(run), tuple(one for found in sections for one in found))


def brief(run: Run) -> Iterator[Block]:
    """Yield the answer in words, every lane at every point, what was not measured and what is invalid."""
    points = tables.points_table(run, short=True)
    yield from _damage(run)
    yield from _headline(run)
    yield from _capacity(run)
    yield from _course(run)
    if not all(row.note for row in points.rows):
        yield points
        yield Paragraph(KEY, "quiet")
    if run.ladders:
        yield Heading(words.LADDER)
        yield tables.ladder_table(*run.ladders)
    if (routes := tables.routes_table(run)).rows:
        yield Heading(words.ROUTES)
        yield routes
    yield from listing("Not sustained, so without percentiles", _overloaded(points))
    yield from listing("No figures", (f"{_place(row)}: {row.note}" for row in points.rows if row.note))
    yield from listing("Invalid trials", _first_invalid(run))
    yield from islice(_last_words(run), LOGS_AT_MOST)
    yield from listing("Not checked", method.not_checked(run))


def _faults(run: Run, drawings: Sequence[Drawing]) -> Iterator[Block]:
    """Yield what each fault cost, in words, in a table and as a picture."""
    if damage := tuple(_damage(run)):
        yield from damage
        yield Figures(_of_part(drawings, "faults"))


def _damage(run: Run) -> Iterator[Block]:
    """Yield what trials with something wrong cost, and what is answered in time of each load, in words and tables."""
    if (damage := faults.damage_table(run)).rows:
        yield from map(Paragraph, faults.sentences(run))
        yield damage
        yield from (Paragraph(text, "quiet") for text in faults.ABOUT)
    if (goodput := faults.goodput_table(run)).rows:
        yield from map(Paragraph, faults.goodput_sentences(run))
        yield goodput
        yield Paragraph(faults.ABOUT_GOODPUT, "quiet")


def _headline(run: Run) -> Iterator[Block]:
    yield from (Paragraph(sentence.text, sentence.tone) for sentence in words.headline(run))


def _answer(run: Run, drawings: Sequence[Drawing]) -> Iterator[Block]:
    yield from _headline(run)
    if found := tuple(_capacity(run)):
        yield from found
        yield Figures(_of_part(drawings, "capacity"))
        yield Heading("Each lane's figures")
    if beside := tuple(_course(run)):
        yield from beside
        yield Heading("Each lane's figures")
    if run.lanes:
        yield tables.answer_table(run)
        yield Paragraph(f"{words.HIGHEST} {KEY}", "quiet")
    if run.ladders:
        yield Heading(words.LADDER)
        if drawn := _of_part(drawings, "ladder"):
            yield Figures(drawn)
        yield tables.ladder_table(*run.ladders)
        yield Paragraph(method.LADDER, "quiet")
    if (routes := tables.routes_table(run)).rows:
        yield Heading(words.ROUTES)
        yield routes
        yield Paragraph(method.ROUTES, "quiet")
    if not drawings:
        yield Paragraph("There is no chart, because there is nothing to draw.", "note")
        return
    yield Choices()
    yield Figures(_of_part(drawings, "answer"), media=("page",))
    yield Figures(tuple(drawing for drawing in drawings if _stands_first(drawing, drawings)), media=("text",))


def _capacity(run: Run) -> Iterator[Block]:
    """Yield what rate each lane holds, where the run searched for it, and the probes behind that."""
    if run.held_rates:
        yield Heading(words.CAPACITY)
        yield from (Paragraph(sentence.text, sentence.tone) for sentence in words.capacity_sentences(run))
        yield tables.capacity_table(run)
        yield tables.probes_table(run)
        yield Paragraph(method.CAPACITY, "quiet")


def _course(run: Run) -> Iterator[Block]:
    """Yield the course's own figures beside ours, where the run repeats its benchmark."""
    if (beside := course.course_table(run)).rows:
        yield Heading(course.TITLE)
        yield beside
        yield Paragraph(course.ABOUT, "quiet")
        yield from map(Paragraph, course.explanation(run))


def _depth(run: Run, drawings: Sequence[Drawing]) -> Iterator[Block]:
    """Yield the other percentiles, which a page shows in place of the first, then the spectrum and open load."""
    if others := tuple(one for one in _of_part(drawings, "answer") if not _stands_first(one, drawings)):
        yield Figures(others, media=("text",))
    if deep := _of_part(drawings, "depth"):
        yield Figures(deep)
    if (rates := tables.open_load_table(run)).rows:
        yield Paragraph(method.OPEN_LOAD, "quiet")
        yield rates


def _bottlenecks(run: Run) -> Iterator[Block]:
    if (found := tables.bottlenecks_table(run)).rows:
        yield Paragraph(method.BOTTLENECKS, "quiet")
        yield found


def _cost(drawings: Sequence[Drawing]) -> Iterator[Block]:
    for part in ("cost", "time"):
        if shown := _of_part(drawings, part):
            yield Figures(shown)


def _model(run: Run, drawings: Sequence[Drawing]) -> Iterator[Block]:
    """Yield what two points of each lane predicted of its others, and every miss."""
    found = residuals(run.predictions, run) if run.predictions else ()
    if not found:
        return
    yield Paragraph(predicted.summary(found))
    yield Paragraph(method.MODEL, "quiet")
    if drawn := _of_part(drawings, "model"):
        yield Figures(drawn)
    yield tables.predictions_table(found)
    yield from listing(predicted.FINDINGS, predicted.findings(found))


def _map(drawings: Sequence[Drawing]) -> Iterator[Block]:
    """Yield what the model says of rates and upstream times that were not measured."""
    if drawn := _of_part(drawings, "map"):
        yield Figures(drawn)


def _lanes(run: Run) -> Iterator[Block]:
    spent = {lane: tables.time_spent_table(run, lane) for lane in run.lanes}
    if any(table.rows for table in spent.values()):
        yield Paragraph(ABOUT, "quiet")
    for lane, where in spent.items():
        yield Heading(lane)
        if settings := method.lane_settings(run, lane):
            yield Settings(settings)
        yield tables.lane_table(run, lane)
        if where.rows:
            yield where
    if not spent:
        yield Paragraph("No lane was measured.")


def _method(run: Run) -> Iterator[Block]:
    yield from map(Paragraph, method.METHOD)
    if run.verdicts or run.controls:
        yield tables.verdicts_table(run)
    if calibration := method.calibration(run):
        yield pairs_table(method.INSTRUMENT, calibration)
    yield Beside(
        (
            pairs_table("run", method.facts(run)),
            pairs_table("machine", run.info.machine.items()),
            pairs_table("version of", run.info.versions.items()),
        )
    )
    yield Behind(
        "Every setting",
        (pairs_table("setting", method.settings(run.info.config)),),
        "`run.json` holds every setting, and the plan: every trial in its order.",
    )
    yield Behind("The plan, every trial in its order", (Paragraph(", ".join(run.info.plan), "plan"),))


def _validity(run: Run) -> Iterator[Block]:
    yield Paragraph(method.BOUNDS)
    yield tables.bounds_table(run)
    if run.invalid:
        yield Paragraph(words.INVALID)
        yield tables.invalid_table(run)
        yield from (Behind(said.title, (said,), in_text=True) for said in _last_words(run))
    elif run.trials:
        yield Paragraph("Every trial is valid.")
    yield from (Paragraph(f"Not checked: {check}.") for check in method.not_checked(run))
    if run.trials:
        yield Behind(
            "Every trial (invalid ones struck through)", (tables.trials_table(run),), "`trials.csv` holds every trial."
        )


def _of_part(drawings: Iterable[Drawing], part: str) -> tuple[Drawing, ...]:
    return tuple(drawing for drawing in drawings if drawing.part == part)


def _stands_first(drawing: Drawing, drawings: Sequence[Drawing]) -> bool:
    return drawing.part == "answer" and drawing.percentile in (None, first_percentile(drawings))


def _last_words(run: Run) -> Iterator[Verbatim]:
    """Yield what the servers of invalid trials said at last."""
    for trial in run.invalid:
        if said := run.logs.get(trial.trial):
            yield Verbatim(f"{trial.trial}: the end of what its server said", said)


def _overloaded(table: Table) -> Iterator[str]:
    """Yield a lane's rates that it did not sustain, each with the blocks in which it did not."""
    rows = [row for row in table.rows if row.spread]
    for lane, group in groupby(rows, key=lambda row: row.cells[0]):
        yield f"{lane}: {', '.join(_overload(row) for row in group)}"


def _overload(row: Row) -> str:
    text = row.cells[row.spread[0]] if row.spread else ""
    return f"{row.cells[1]} {text.removeprefix(NOT_SUSTAINED).strip()}"


def _place(row: Row) -> str:
    return f"{row.cells[0]}, {row.cells[1]}"


def _first_invalid(run: Run) -> Iterator[str]:
    """Yield the first invalid trials with their reasons, and how many more there are."""
    trials = run.invalid
    yield from (f"{trial.trial}: {trial.reasons}" for trial in islice(trials, AT_MOST))
    if len(trials) > AT_MOST:
        yield f"and {len(trials) - AT_MOST} more, all in report.md"
