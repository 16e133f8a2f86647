"""A level of load, and a lane at it."""

from dataclasses import dataclass
from typing import Literal

Load = Literal["closed", "open"]


@dataclass(frozen=True, order=True)
class Point:
    """One level of load.

    Closed: `level` users, each of whom waits for an answer before the next request. Open: `level` arrivals a second,
    whatever the server does; `fault` is the name of what goes wrong meanwhile.
    """

    load: Load
    level: float
    fault: str = ""

    def __str__(self) -> str:
        """Return the point in words."""
        under = f" under {self.fault}" if self.fault else ""
        return f"{self.level:,.15g} {'users' if self.load == 'closed' else 'arrivals/s'}{under}"

    @property
    def label(self) -> str:
        """Return the point in the fewest signs: `300` users, `475/s`, `60/s stall`."""
        return f"{self.level:.15g}" + ("" if self.load == "closed" else "/s") + (f" {self.fault}" if self.fault else "")

    @property
    def slug(self) -> str:
        """Return the point as a part of file names: `u300`, `r475`, `r60-stall`."""
        fault = f"-{self.fault}" if self.fault else ""
        return f"{'u' if self.load == 'closed' else 'r'}{self.level:.15g}{fault}"


def users(number: int) -> Point:
    """Return the point of closed load with that many users."""
    return Point("closed", number)


Place = tuple[str, Point]  # a lane at a point
