"""Open load: when each arrival is due, whatever the server does."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Spacing = Literal["poisson", "constant"]


@dataclass(frozen=True)
class Arrivals:
    """A seeded schedule: `rate` arrivals a second, independent ("poisson") or evenly spaced ("constant").

    Two lanes with the same seed and rate meet the identical schedule; with another rate the same one, stretched.
    """

    rate: float
    spacing: Spacing = "poisson"
    seed: str = "1"

    def due_s(self, until_s: float) -> Iterator[float]:
        """Yield the moments of the arrivals in seconds from the start, rising, all before `until_s`."""
        gap_s = 1 / self.rate
        luck = random.Random(f"arrivals {self.seed}")
        due = 0.0
        while (due := due + gap_s * (luck.expovariate(1.0) if self.spacing == "poisson" else 1.0)) < until_s:
            yield due


def share_of(worker: int, workers: int, due_s: Iterator[float]) -> Iterator[tuple[int, float]]:
    """Yield number and moment of the arrivals that one of several workers sends: dealt in turn, rates add up."""
    return ((number, due) for number, due in enumerate(due_s) if number % workers == worker)
