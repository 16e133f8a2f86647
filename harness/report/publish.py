"""Writes a run's charts and reports into its folder."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from harness.document.as_markdown import markdown
from harness.facts.run import Run
from harness.report.as_page import Picture, page
from harness.report.charts import Drawing, Spec, drawings, first_percentile
from harness.report.document import report
from harness.report.pictures import NO_PICTURES, NotDrawnError, Pictures, draw
from harness.report.printable import printable
from harness.report.style import FILE, PAGE
from harness.report.tracking import tracking
from harness.store.files import write_atomically


def publish(run: Run, folder: Path) -> NotDrawnError | None:
    """Write every document, charts/*.svg and charts/*.png, each as a whole; UsageError where that fails.

    Where the charts cannot be drawn, the reports are written without them and the reason is returned.
    """
    shown = printable(run)
    charts, problem = drawings(shown), None
    _write(folder, tracking(run) | {"report.md": markdown(report(shown, charts))})
    in_page = _in_page(charts)
    try:
        drawn = draw(_in_files(charts), png=True, stand_ins=_stand_ins(charts, in_page), script=True)
    except NotDrawnError as error:
        charts, drawn, problem = (), NO_PICTURES, error
    _write(folder, {f"charts/{name}.svg": text for name, text in drawn.svgs.items()})
    _write(folder, {f"charts/{name}.png": data for name, data in drawn.pngs.items()})
    _write(folder, _reports(shown, charts, in_page, drawn))
    return problem


def chart_files(run: Run) -> Iterator[tuple[str, str]]:
    """Yield each chart's file name and its SVG."""
    for name, text in draw(_in_files(drawings(printable(run)))).svgs.items():
        yield f"charts/{name}.svg", text


def documents(run: Run) -> dict[str, str]:
    """Return what a run says in text, by file name: the reports, which refer to the charts, and what tracks it."""
    shown = printable(run)
    charts = drawings(shown)
    in_page = _in_page(charts)
    drawn = draw({}, stand_ins=_stand_ins(charts, in_page), script=True)
    return _reports(shown, charts, in_page, drawn) | tracking(run)


def _in_files(charts: Sequence[Drawing]) -> dict[str, Spec]:
    return {drawing.name: drawing.draw(FILE) for drawing in charts}


def _in_page(charts: Sequence[Drawing]) -> dict[str, Spec]:
    return {drawing.name: drawing.draw(PAGE) for drawing in charts}


def _stand_ins(charts: Sequence[Drawing], in_page: Mapping[str, Spec]) -> dict[str, Spec]:
    """Return the charts that a page shows before a reader chooses anything."""
    shown = (None, first_percentile(charts))
    return {drawing.name: in_page[drawing.name] for drawing in charts if drawing.percentile in shown}


def _reports(run: Run, charts: Sequence[Drawing], in_page: Mapping[str, Spec], drawn: Pictures) -> dict[str, str]:
    pictures = [Picture(chart, in_page[chart.name], drawn.stand_ins.get(chart.name, "")) for chart in charts]
    document = report(run, charts)
    shown = page(run.info.name, document, run.lanes, pictures, drawn.script)
    return {"report.md": markdown(document), "report.html": shown}


def _write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    for name, content in files.items():
        write_atomically(folder / name, content)
