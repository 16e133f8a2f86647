"""From a chart's description to pictures, and the script that draws it in a page; all offline, by vl-convert."""

import re
from functools import cache

import altair as alt
import vl_convert

from harness.report.charts.specs import Spec

PLACES = re.compile(r'(?<= d=")[^"]+|(?<= transform=")[^"]+')
DIGITS = re.compile(r"\d+\.\d\d+")
VEGA_LITE = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])  # the version that Altair describes


def svg(spec: Spec) -> str:
    """Return the chart as SVG."""
    return vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE)


def stand_in(spec: Spec) -> str:
    """Return the chart as a smaller SVG: places to a tenth of a pixel, no description of each point."""
    drawn = svg({**spec, "config": {**spec["config"], "aria": False}})
    return PLACES.sub(lambda places: DIGITS.sub(lambda number: f"{float(number[0]):.1f}", places[0]), drawn)


def png(drawn: str) -> bytes:
    """Return an SVG as PNG, two pixels for each of its own."""
    return vl_convert.svg_to_png(drawn, scale=2)


@cache
def vega() -> str:
    """Return the script (900 kB) that gives a page `vegaEmbed`, for any number of charts."""
    return vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=VEGA_LITE).replace(
        "</script", "<\\/script"
    )
