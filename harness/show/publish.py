"""Writes a run's charts and reports into its folder."""

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from harness.records import Run
from harness.show.drawings import drawings
from harness.show.markdown import markdown
from harness.show.page import Picture, page
from harness.show.pictures import png, svg, vega
from harness.show.printable import printable
from harness.show.style import FILE, PAGE
from harness.store.files import write_atomically


def publish(run: Run, folder: Path) -> None:
    """Write charts/*.svg, charts/*.png, report.md and report.html, each as a whole; UsageError where that fails."""
    shown = printable(run)
    charts = drawings(shown)
    for drawing in charts:
        drawn = svg(drawing.draw(FILE))
        write_atomically(folder / "charts" / f"{drawing.name}.svg", drawn)
        write_atomically(folder / "charts" / f"{drawing.name}.png", png(drawn))
    in_page = [Picture(drawing, spec := drawing.draw(PAGE), svg(spec)) for drawing in charts]
    write_atomically(folder / "report.md", markdown(shown, charts))
    write_atomically(folder / "report.html", page(shown, in_page, vega(), _templates()))


def _templates() -> Environment:
    """Return the page's templates; every value in them is escaped."""
    return Environment(
        loader=PackageLoader("harness.show"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
