"""report.html: one file that needs no network. The document is drawn by a macro for each kind of block."""

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from harness.document.blocks import Document, Sliders
from harness.report.charts import SCALES, Drawing, Spec, first_percentile
from harness.report.style import colour, shape


@dataclass(frozen=True)
class Picture:
    """A drawing in the page's look: as a description for the live chart, and as the SVG that stands in until then.

    A chart that a reader has to choose first has no SVG.
    """

    drawing: Drawing
    spec: Spec
    svg: str


def page(
    name: str,
    document: Document,
    lanes: Sequence[str],
    pictures: Sequence[Picture],
    script: str,
    lanes_are: str = "Lanes",
) -> str:
    """Return the page of the run of that name; `script` is Vega's own code, `lanes_are` what a chart's lines are."""
    specs = {picture.drawing.name: picture.spec for picture in pictures if not picture.drawing.still}
    return (
        _templates()
        .get_template("report.html.jinja")
        .render(
            name=name,
            document=document,
            marks=_marks(lanes),
            lanes_are=lanes_are,
            stand_ins={picture.drawing.name: picture.svg for picture in pictures},
            percentiles=_percentiles(pictures),
            has_sliders=any(isinstance(block, Sliders) for section in document.sections for block in section.blocks),
            script=_gzipped(script),
            charts=_gzipped(json.dumps({"scales": SCALES, "specs": specs})),
        )
    )


def _templates() -> Environment:
    """Return the page's templates; every value in them is escaped."""
    return Environment(
        loader=PackageLoader("harness.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _marks(lanes: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
    """Return each lane's mark in the charts."""
    return {
        lane: {"id": f"mark-{place}", "colour": colour(lanes, lane), "shape": shape(lanes, lane)}
        for place, lane in enumerate(lanes)
    }


def _percentiles(pictures: Sequence[Picture]) -> dict[str, bool]:
    """Return the percentiles that there are charts of, and which one is shown first."""
    there = dict.fromkeys(name for picture in pictures if (name := picture.drawing.percentile))
    first = first_percentile([picture.drawing for picture in pictures])
    return {percentile: percentile == first for percentile in there}


def _gzipped(text: str) -> str:
    """Return a text as the page holds it: a quarter as long."""
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()
