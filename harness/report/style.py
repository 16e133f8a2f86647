"""What charts and page share to look like one thing: each lane's colour and shape, and the ink for light and dark."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# Okabe and Ito's colours, made for colour-blind readers; grey for their black and yellow, lost on dark and on white.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#808080")
# Shapes in a box from -1 to 1: Vega and the page's own legend draw the same paths.
SHAPES = (
    "M-1,0A1,1,0,1,1,1,0A1,1,0,1,1,-1,0Z",  # circle
    "M-.9,-.9H.9V.9H-.9Z",  # square
    "M0,-1.1L1.1,.9H-1.1Z",  # triangle
    "M0,-1.25L1.1,0L0,1.25L-1.1,0Z",  # diamond
    "M-.35,-1.1H.35V-.35H1.1V.35H.35V1.1H-.35V.35H-1.1V-.35H-.35Z",  # cross
    "M0,1.1L1.1,-.9H-1.1Z",  # triangle, upside down
    "M-1.1,-.8L-.8,-1.1L0,-.3L.8,-1.1L1.1,-.8L.3,0L1.1,.8L.8,1.1L0,.3L-.8,1.1L-1.1,.8L-.3,0Z",  # saltire
    "M-1.1,-1H1.1L-1.1,1H1.1Z",  # hourglass
)


@dataclass(frozen=True)
class Look:
    """What differs between a picture in a file and one in the page, which has its own legend and colour scheme."""

    ink: str
    paper: str
    legend: bool
    height: int


FILE = Look(ink="#24292f", paper="white", legend=True, height=340)
PAGE = Look(ink="currentColor", paper="transparent", legend=False, height=250)


def colour(lanes: Sequence[str], lane: str) -> str:
    """Return the colour of a lane, the same in every chart of a run."""
    return COLOURS[lanes.index(lane) % len(COLOURS)]


def shape(lanes: Sequence[str], lane: str) -> str:
    """Return the shape of a lane's points; colour and shape together are unique for 56 lanes."""
    return SHAPES[lanes.index(lane) % len(SHAPES)]


def config(look: Look) -> dict[str, Any]:
    """Return Vega-Lite's configuration for a look."""
    ink, size = look.ink, 12
    return {
        "view": {"stroke": None},
        "axis": {
            **{f"{part}Color": ink for part in ("label", "title", "domain", "tick", "grid")},
            **{f"{part}Opacity": opacity for part, opacity in (("grid", 0.12), ("domain", 0.4), ("tick", 0.4))},
            "labelFontSize": size,
            "titleFontSize": size,
            "labelOverlap": True,
        },
        "legend": {"labelColor": ink, "labelFontSize": size, "labelLimit": 240, "symbolSize": 90, "symbolOpacity": 1},
        "title": {"color": ink, "subtitleColor": ink, "fontSize": 15, "subtitleFontSize": size, "subtitlePadding": 5},
    }
