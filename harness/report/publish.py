"""Writes a run's charts and reports into its folder."""

from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from harness.facts.records import Run
from harness.report.as_markdown import markdown
from harness.report.as_page import Picture, page
from harness.report.charts import drawings, first_percentile
from harness.report.pictures import png, stand_in, svg, vega
from harness.report.printable import printable
from harness.report.style import FILE, PAGE
from harness.report.tracking import tracking
from harness.store.files import write_atomically


def publish(run: Run, folder: Path) -> None:
    """Write charts/*.svg, charts/*.png and every document, each as a whole; UsageError where that fails."""
    for name, drawn in chart_files(run):
        write_atomically(folder / name, drawn)
        write_atomically((folder / name).with_suffix(".png"), png(drawn))
    for name, text in documents(run).items():
        write_atomically(folder / name, text)


def chart_files(run: Run) -> Iterator[tuple[str, str]]:
    """Yield each chart's file name and its SVG."""
    for drawing in drawings(printable(run)):
        yield f"charts/{drawing.name}.svg", svg(drawing.draw(FILE))


def documents(run: Run) -> dict[str, str]:
    """Return what a run says in text, by file name: the reports, which refer to the charts, and what tracks it."""
    shown = printable(run)
    charts = drawings(shown)
    first = first_percentile(charts)
    in_page = [
        Picture(drawing, spec := drawing.draw(PAGE), stand_in(spec) if drawing.percentile in (None, first) else "")
        for drawing in charts
    ]
    reports = {"report.md": markdown(shown, charts), "report.html": page(shown, in_page, vega(), _templates())}
    return reports | tracking(run)


def _templates() -> Environment:
    """Return the page's templates; every value in them is escaped."""
    return Environment(
        loader=PackageLoader("harness.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
