"""What the programs share: seeded durations, one time scale, and coloured lines that appear at once."""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from rich.console import Console

from producer_consumer.figures import ITEMS, PROCESSING_S, Figures

PRODUCER, CONSUMER, PROGRAM = "yellow", "cyan", "white"


def generation_s(seed: int, producer: int) -> list[float]:
    """Return how long a producer takes for each of its items: 0.5 to 1.5 s, the same for the same seed."""
    luck = random.Random(f"{seed} {producer}")
    return [luck.uniform(0.5, 1.5) for _ in range(ITEMS)]


@dataclass(frozen=True)
class Item:
    """What goes through the channel: a square, and when it was generated (seconds of the programs' time)."""

    value: int
    generated_s: float


@dataclass
class Stage:
    """Gives one program its durations, says what it does, and remembers how long its items waited.

    At speed 10 a second of the programs' time lasts 0.1 s. All that is said and returned is in the programs' time,
    so whatever the machine adds appears ten times as long as it was. `clock` returns real seconds.
    """

    console: Console
    seed: int = 1
    speed: float = 1.0
    clock: Callable[[], float] = time.perf_counter
    began: float = field(init=False)
    waits_s: list[float] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.began = self.clock()

    @property
    def now_s(self) -> float:
        """The programs' time since the stage was made."""
        return (self.clock() - self.began) * self.speed

    def generation(self, producer: int) -> Iterator[tuple[int, float]]:
        """Yield the index of each item, from 1, and the real seconds that it takes to generate."""
        for index, duration in enumerate(generation_s(self.seed, producer), start=1):
            yield index, duration / self.speed

    @property
    def processing(self) -> float:
        """The real seconds that it takes to process an item."""
        return PROCESSING_S / self.speed

    def generated(self, index: int, producer: int) -> Item:
        """Return the item of this index: its square, generated now."""
        item = Item(index * index, self.now_s)
        self.say(f"producer {producer}: generated {item.value}", PRODUCER)
        return item

    def taken(self, item: Item) -> float:
        """Return how long an item waited that is taken up now."""
        self.waits_s.append(self.now_s - item.generated_s)
        return self.waits_s[-1]

    def processed(self, item: Item, waited_s: float) -> None:
        """Say that an item is done, and how long it had waited."""
        self.say(f"consumer: processed {item.value}, which had waited {waited_s:.2f} s", CONSUMER)

    def say(self, line: str, colour: str = PROGRAM) -> None:
        """Print a line with the time it is said at; Rich flushes each."""
        self.console.print(f"{self.now_s:6.2f}  {line}", style=colour, highlight=False, markup=False, soft_wrap=True)

    def end(self) -> Figures:
        """Say how long the program took, and return its figures."""
        figures = Figures(self.now_s, tuple(self.waits_s))
        self.say(f"program: {len(figures.waits_s)} items in {figures.total_s:.2f} s")
        return figures
