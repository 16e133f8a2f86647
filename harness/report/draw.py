"""Draws all charts of a run, in a process of its own: JSON comes in on stdin, JSON goes out on stdout.

The converter holds V8, which aborts its whole process where it gets too little memory. Nothing of the harness is
imported here, so that the process is there at once.
"""

import base64
import json
import re
import sys
from typing import Any

import vl_convert

PLACES = re.compile(r'(?<= d=")[^"]+|(?<= transform=")[^"]+')
DIGITS = re.compile(r"\d+\.\d\d+")
VERSION = re.compile(r"/v(\d+\.\d+)")


def svg(spec: dict[str, Any]) -> str:
    """Return the chart as SVG, drawn by the version of Vega-Lite that its `$schema` names.

    Places are to a tenth of a pixel, and single points have no description of their own: half of the size.
    """
    (version,) = VERSION.findall(spec["$schema"])
    drawn = vl_convert.vegalite_to_svg({**spec, "config": {**spec["config"], "aria": False}}, vl_version=version)
    return PLACES.sub(lambda places: DIGITS.sub(lambda number: f"{float(number[0]):.1f}", places[0]), drawn)


def png(drawn: str) -> bytes:
    """Return an SVG as PNG, two pixels for each of its own."""
    return vl_convert.svg_to_png(drawn, scale=2)


def script(version: str) -> str:
    """Return the script (900 kB) that gives a page `vegaEmbed`, for any number of charts of this Vega-Lite."""
    return vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=version)


def drawn(order: dict[str, Any]) -> dict[str, Any]:
    """Return what an order names: its `files` as SVG and PNG (base64), its `stand_ins`, the page's `script`."""
    svgs = {name: svg(spec) for name, spec in order["files"].items()}
    return {
        "svgs": svgs,
        "pngs": {name: base64.b64encode(png(text)).decode() for name, text in svgs.items()} if order["png"] else {},
        "stand_ins": {name: svg(spec) for name, spec in order["stand_ins"].items()},
        "script": script(order["script"]) if order["script"] else "",
    }


if __name__ == "__main__":
    sys.stdout.buffer.write(json.dumps(drawn(json.load(sys.stdin.buffer))).encode())
