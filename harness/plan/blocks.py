"""The order of everything: balanced, random, and the same for the same seed."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.facts.point import Place, Point
from harness.plan.timing import Timing


@dataclass(frozen=True)
class PlannedTrial:
    """One lane at one point in one block; `attempt` counts the repetitions, from 1.

    `clients` is how many requests can be in flight: the users of closed load, the senders of open load.
    """

    block: int
    lane: str
    point: Point
    timing: Timing
    clients: int
    attempt: int = 1

    @property
    def place(self) -> Place:
        """The lane and the level of load."""
        return self.lane, self.point

    @property
    def name(self) -> str:
        """The trial's name, used in file names and tables."""
        again = f"-r{self.attempt}" if self.attempt > 1 else ""
        return f"b{self.block:02}-{self.lane}-{self.point.slug}{again}"


@dataclass(frozen=True)
class Turn:
    """One lane's turn in a block: a fresh server, then its points one after another."""

    block: int
    lane: str
    trials: tuple[PlannedTrial, ...]


def lane_orders(lanes: Sequence[str], seed: int) -> Iterator[list[str]]:
    """Yield the order of the lanes for one block after another.

    Two blocks belong together, the second is the first reversed: so of any two lanes each goes first equally often.
    From pair to pair a shuffled ring of lanes turns on, so that each lane takes each place in turn.
    """
    order = random.Random(f"lanes {seed}")
    ring = list(lanes)
    order.shuffle(ring)
    while True:
        pair = [ring, ring[::-1]]
        order.shuffle(pair)
        yield from (list(lanes) for lanes in pair)
        ring = ring[1:] + ring[:1]


def points_in_order(points: Sequence[Point], seed: int, block: int, lane: str) -> list[Point]:
    """Return a lane's points in the random order of one block."""
    return random.Random(f"points {seed} {block} {lane}").sample(list(points), len(points))
