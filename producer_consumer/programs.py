"""The table of the programs: how each runs, and what theory says about it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from rich.console import Console

from producer_consumer import async_program, sync_program, threaded_program, two_producers_program
from producer_consumer.figures import Figures, Theory, one_after_the_other, together
from producer_consumer.stage import Stage, generation_s


@dataclass(frozen=True)
class Program:
    """One way to bring items from producers to a consumer."""

    title: str
    run: Callable[[Stage], None]
    law: Callable[..., Theory]
    producers: int = 1

    def theory(self, seed: int) -> Theory:
        """Return what the program takes with the durations of this seed."""
        return self.law(*(generation_s(seed, producer) for producer in range(1, self.producers + 1)))

    def perform(self, console: Console, seed: int, speed: float) -> Figures:
        """Run the program once, and return what it took."""
        console.print(f"\n{self.title}", style="bold white", highlight=False, soft_wrap=True)
        stage = Stage(console, seed, speed)
        self.run(stage)
        return stage.end()


PROGRAMS = {
    "sync": Program("sync: a list, one after the other", sync_program.main, one_after_the_other),
    "async": Program("async: asyncio.Queue, two tasks", lambda stage: asyncio.run(async_program.main(stage)), together),
    "threads": Program("threads: queue.Queue, two threads", threaded_program.main, together),
    "two-producers": Program(
        "two producers: asyncio.Queue, three tasks",
        lambda stage: asyncio.run(two_producers_program.main(stage)),
        together,
        producers=2,
    ),
}
