"""What one program took, and what theory says that it takes: plain numbers, computed from the seeded durations."""

from dataclasses import dataclass
from itertools import accumulate

ITEMS = 20  # of each producer
PROCESSING_S = 0.5


@dataclass(frozen=True)
class Figures:
    """A program's total time, and how long each item waited from generated to taken up, in order of processing."""

    total_s: float
    waits_s: tuple[float, ...]

    @property
    def first_s(self) -> float:
        """How long the item that was processed first had waited."""
        return self.waits_s[0]

    @property
    def mean_s(self) -> float:
        """How long an item waited on average."""
        return sum(self.waits_s) / len(self.waits_s)

    @property
    def worst_s(self) -> float:
        """How long the item waited that waited longest."""
        return max(self.waits_s)


@dataclass(frozen=True)
class Theory:
    """What a program takes when nothing but generating and processing takes time, and the sum that says so."""

    figures: Figures
    law: str


def one_after_the_other(*generation_s: list[float]) -> Theory:
    """Return what it takes to generate everything, then to process everything: the sum of both."""
    generated = list(accumulate(duration for durations in generation_s for duration in durations))
    started = [generated[-1] + place * PROCESSING_S for place in range(len(generated))]
    return Theory(_figures(generated, started), f"{generated[-1]:.1f} + {_processing(generated):.1f}")


def together(*generation_s: list[float]) -> Theory:
    """Return what it takes when all producers and the one consumer work at the same time: the longest, and its ends.

    An item is taken up when it is there and the item before it is done (Lindley's recursion, "The theory of queues
    with a single server", 1952). The ends are what the consumer waits for the first item and has left after the last.
    """
    generated = sorted(moment for durations in generation_s for moment in accumulate(durations))
    started: list[float] = []
    free = 0.0
    for moment in generated:
        started.append(max(moment, free))
        free = started[-1] + PROCESSING_S
    sides = [*map(sum, generation_s), _processing(generated)]
    law = f"max({', '.join(f'{side:.1f}' for side in sides)}) + {free - max(sides):.1f}"
    return Theory(_figures(generated, started), law)


def _processing(items: list[float]) -> float:
    return len(items) * PROCESSING_S


def _figures(generated: list[float], started: list[float]) -> Figures:
    waits = tuple(start - moment for moment, start in zip(generated, started, strict=True))
    return Figures(started[-1] + PROCESSING_S, waits)
