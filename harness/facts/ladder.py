"""The ladder: what each change from one lane to the next buys."""

import math
from collections.abc import Iterable

from harness.facts.config import Step
from harness.facts.record import Record


class Rung(Record):
    """What one change buys in one metric: the ratio of the step's lane to its baseline, each at its highest point.

    A geometric mean over the blocks that have both, with its 95 % interval; None without two of them. Exploratory: it
    has no p and no verdict.
    """

    step: Step
    pairs: int = 0
    ratio: float | None = None
    low: float | None = None
    high: float | None = None


class Ladder(Record):
    """All rungs in one metric, and the whole way from the first lane to the last, measured by itself."""

    metric: str
    rungs: tuple[Rung, ...]
    whole: Rung | None  # None: the rungs do not lead from one lane to another

    @property
    def way(self) -> tuple[Rung, ...]:
        """The rungs that follow one another, without branches."""
        return tuple(rung for rung in self.rungs if not rung.step.aside)

    @property
    def product(self) -> float | None:
        """The ratios of the way multiplied; None where one is missing."""
        return _product(self.way)

    def times_of(self, change: str) -> float | None:
        """Return the product of the way's ratios with this change; None where one is missing."""
        return _product(rung for rung in self.way if rung.step.change == change)

    def changes(self, baseline: str, lane: str) -> list[str]:
        """Return what changes on the way from one lane to another; nothing where the way does not lead there."""
        steps = [rung.step for rung in self.way]
        begins = [place for place, step in enumerate(steps) if step.baseline == baseline]
        ends = [place for place, step in enumerate(steps) if step.lane == lane]
        return list(dict.fromkeys(step.change for a in begins for b in ends for step in steps[a : b + 1]))

    @property
    def agrees(self) -> bool | None:
        """Whether the product lies within the interval of the whole; None where one of them is not known."""
        if self.whole is None or self.whole.low is None or self.whole.high is None or self.product is None:
            return None
        return self.whole.low <= self.product <= self.whole.high


def _product(rungs: Iterable[Rung]) -> float | None:
    ratios = [rung.ratio for rung in rungs]
    known = [ratio for ratio in ratios if ratio is not None]
    return math.prod(known) if len(known) == len(ratios) else None
