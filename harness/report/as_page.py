"""report.html: one file that needs no network."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment

from harness.facts.run import Run
from harness.report import course, method, tables, words
from harness.report.charts import SCALES, Drawing, Spec, first_percentile
from harness.report.marks import KEY
from harness.report.style import colour, shape
from harness.report.tables.time_spent import ABOUT


@dataclass(frozen=True)
class Picture:
    """A drawing in the page's look: as a description for the live chart, and as the SVG that stands in until then.

    A chart that a reader has to choose first has no SVG.
    """

    drawing: Drawing
    spec: Spec
    svg: str


def page(run: Run, pictures: Sequence[Picture], script: str, templates: Environment) -> str:
    """Return the page; `script` is Vega's own code, gzipped, in base64."""
    return templates.get_template("report.html.jinja").render(
        run=run,
        words=words,
        course=course,
        method=method,
        tables=tables,
        key=KEY,
        about_time=ABOUT,
        lanes=_lanes(run),
        pictures=pictures,
        percentiles=_percentiles(pictures),
        script=script,
        charts={"scales": SCALES, "specs": {picture.drawing.name: picture.spec for picture in pictures}},
    )


def _lanes(run: Run) -> dict[str, dict[str, Any]]:
    """Return what the page shows of each lane: its mark in the charts, its settings, its table."""
    lanes = run.lanes
    return {
        lane: {
            "mark": f"mark-{place}",
            "colour": colour(lanes, lane),
            "shape": shape(lanes, lane),
            "settings": method.lane_settings(run, lane),
            "table": tables.lane_table(run, lane),
            "time_spent": tables.time_spent_table(run, lane),
        }
        for place, lane in enumerate(lanes)
    }


def _percentiles(pictures: Sequence[Picture]) -> dict[str, bool]:
    """Return the percentiles that there are charts of, and which one is shown first."""
    there = dict.fromkeys(name for picture in pictures if (name := picture.drawing.percentile))
    first = first_percentile([picture.drawing for picture in pictures])
    return {percentile: percentile == first for percentile in there}
