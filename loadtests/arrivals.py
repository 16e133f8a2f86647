"""Open load: when each arrival is due, whatever the server does."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Spacing = Literal["poisson", "constant"]


@dataclass(frozen=True)
class Surge:
    """`factor` times as many arrivals, from one moment to another, in seconds from the start."""

    factor: float
    from_s: float
    to_s: float

    def moment_s(self, usual_s: float) -> float:
        """Return when an arrival comes that would have come at `usual_s` without the surge.

        The expected arrivals up to both moments are the same (Çinlar's time change): time passes `factor` times as
        fast while the surge lasts.
        """
        shortened_s = (self.to_s - self.from_s) * self.factor
        within_s = min(max(0.0, usual_s - self.from_s), shortened_s)
        return usual_s - within_s + within_s / self.factor


@dataclass(frozen=True)
class Arrivals:
    """A seeded schedule: `rate` arrivals a second, independent ("poisson") or evenly spaced ("constant").

    Two lanes with the same seed and rate meet the identical schedule; with another rate the same one, stretched. With a
    `surge` more arrive for a while.
    """

    rate: float
    spacing: Spacing = "poisson"
    seed: str = "1"
    surge: Surge | None = None

    def due_s(self, until_s: float) -> Iterator[float]:
        """Yield the moments of the arrivals in seconds from the start, rising, all before `until_s`."""
        gap_s = 1 / self.rate
        luck = random.Random(f"arrivals {self.seed}")
        usual = 0.0
        while True:
            usual += gap_s * (luck.expovariate(1.0) if self.spacing == "poisson" else 1.0)
            due = self.surge.moment_s(usual) if self.surge else usual
            if due >= until_s:
                return
            yield due


def share_of(worker: int, workers: int, due_s: Iterator[float]) -> Iterator[tuple[int, float]]:
    """Yield number and moment of the arrivals that one of several workers sends: dealt in turn, rates add up."""
    return ((number, due) for number, due in enumerate(due_s) if number % workers == worker)
