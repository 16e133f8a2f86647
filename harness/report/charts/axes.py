"""The horizontal axes of the charts: users, arrivals a second, seconds, and percentiles by their nines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

DECADE = 10
# A place x on the axis of nines means that one answer in x takes longer.
PERCENTILE_LABEL = "datum.value <= 1 ? '0' : format(100 - 100 / datum.value, '.8~r')"


@dataclass(frozen=True)
class Axis:
    """A field of the rows, the axis' title, scale and ticks in Vega-Lite's own words, and what a tooltip shows."""

    field: str
    title: str
    scale: dict[str, Any]
    ticks: dict[str, Any]
    tip: tuple[str, str]  # field with its type, title

    def encoding(self) -> alt.X:
        """Return the axis for Altair."""
        scale = alt.Scale(**self.scale)
        return alt.X(f"{self.field}:Q", title=self.title, scale=scale, axis=alt.Axis(grid=False, **self.ticks))

    def tooltip(self) -> alt.Tooltip:
        """Return the place's own line in a tooltip."""
        return alt.Tooltip(self.tip[0], title=self.tip[1], format=",~r" if self.field == "load" else alt.Undefined)


def users_axis(users: Sequence[float]) -> Axis:
    """Return the axis of closed load: all of `users`, alike in every chart of a run."""
    scale = {"type": "log", "domain": [min(users) / 1.25, max(users) * 1.25], "nice": False}
    return Axis("load", "users", scale, {"values": list(users), "format": ","}, ("load:Q", "users"))


def rates_axis(rates: Sequence[float]) -> Axis:
    """Return the axis of open load: from 0 on, or by decades where the rates of the lanes lie that far apart."""
    title, tip = "arrivals/s", ("load:Q", "arrivals/s")
    if max(rates) > DECADE * min(rates):
        scale = {"type": "log", "domain": [min(rates) / 1.25, max(rates) * 1.25], "nice": False}
        return Axis("load", title, scale, {"format": ",~r"}, tip)
    scale = {"type": "linear", "domain": [0, max(rates) * 1.08], "nice": False}
    return Axis("load", title, scale, {"format": ",~r", "tickCount": 8}, tip)


def seconds_axis() -> Axis:
    """Return the axis of a trial's seconds."""
    title = "seconds from the start of the window"
    return Axis("at_s", title, {"type": "linear"}, {"tickMinStep": 1}, ("at_s:Q", "second"))


def nines_axis(most: float) -> Axis:
    """Return the axis of nines, up to one answer in `most`: 0, 50, 90, 99, 99.9 ... are about as far apart."""
    decades = [10.0**nines for nines in range(1, 10) if 10.0**nines <= most]
    scale = {"type": "log", "domain": [1, most * 1.15], "nice": False}
    ticks = {"values": [1, 2, *decades], "labelExpr": PERCENTILE_LABEL}
    return Axis("one_in", "percentile", scale, ticks, ("percentile:N", "percentile"))


def cost_axis(title: str, most: float) -> Axis:
    """Return the axis of what a request or a rate costs, from 0 on, with room for the names beside the points."""
    scale = {"type": "linear", "domain": [0, most * 1.5], "nice": False}
    return Axis("cost", title, scale, {"format": ",~r"}, ("cost:Q", title))
