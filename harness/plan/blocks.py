"""The order of everything: balanced, random, and the same for the same seed."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.facts.point import Place, Point
from harness.plan.timing import Timing

Pairs = Sequence[Sequence[tuple[str, str]]]  # of lanes, in groups: those that matter most come first


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


def lane_orders(lanes: Sequence[str], seed: int, compared: Pairs = ()) -> Iterator[list[str]]:
    """Yield the order of the lanes for one block after another: at random, but lanes that are `compared` stay together.

    Two blocks belong together, the second is the first reversed: so of any two lanes each goes first equally often, and
    all have the same place on average.
    """
    luck = random.Random(f"lanes {seed}")
    while True:
        order = side_by_side(lanes, compared, luck)
        yield from luck.sample([order, order[::-1]], 2)


def side_by_side(lanes: Sequence[str], compared: Pairs, luck: random.Random) -> list[str]:
    """Return the lanes in a random order in which those that are compared stand near each other.

    A machine is not the same from minute to minute; what it does then mostly reaches both alike. Lane by lane, each is
    put where the squares of the distances add up to the least, for the first group of pairs before the next.
    """
    groups = [[pair for pair in pairs if set(pair) <= set(lanes)] for pairs in compared]
    drawn = (luck.sample(pair, 2) for pairs in groups for pair in luck.sample(pairs, len(pairs)))
    ordered: list[str] = []
    for lane in dict.fromkeys([*(lane for pair in drawn for lane in pair), *luck.sample(list(lanes), len(lanes))]):
        tried = [[*ordered[:place], lane, *ordered[place:]] for place in range(len(ordered) + 1)]
        ordered = min(luck.sample(tried, len(tried)), key=lambda order: [_distances(order, pairs) for pairs in groups])
    return ordered


def _distances(order: Sequence[str], pairs: Sequence[tuple[str, str]]) -> int:
    """Return the sum of the squared distances of the pairs whose lanes are in the order already."""
    return sum((order.index(one) - order.index(other)) ** 2 for one, other in pairs if {one, other} <= set(order))


def points_in_order(points: Sequence[Point], seed: int, block: int, lane: str) -> list[Point]:
    """Return a lane's points in the random order of one block."""
    return random.Random(f"points {seed} {block} {lane}").sample(list(points), len(points))
