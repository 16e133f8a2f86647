import asyncio
import io
import re
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

import pytest
from rich.console import Console

from producer_consumer import async_program, sync_program, two_producers_program
from producer_consumer.figures import Figures
from producer_consumer.programs import PROGRAMS
from producer_consumer.stage import Stage

SEED, SPEED = 1, 20.0
SLACK_S = 8.0  # of the programs' time, 0.4 real seconds: what a busy machine may add to a whole program
SQUARES = [index * index for index in range(1, 21)]
BEAT_S = 0.002
LATE_S = 0.010  # real; an item takes 0.025 to process and more to generate


@dataclass(frozen=True)
class Shown:
    """What a program took and said."""

    name: str
    figures: Figures
    lines: list[str]

    def values(self, verb: str) -> list[int]:
        return [int(found[1]) for line in self.lines if (found := re.search(rf"{verb} (\d+)", line))]


@pytest.fixture(scope="module", params=PROGRAMS)
def shown(request: pytest.FixtureRequest) -> Shown:
    text = io.StringIO()
    figures = PROGRAMS[request.param].perform(Console(file=text), SEED, SPEED)
    return Shown(request.param, figures, text.getvalue().splitlines())


def test_every_item_is_generated_and_processed_once_and_in_the_same_order(shown: Shown) -> None:
    generated = shown.values("generated")

    assert shown.values("processed") == generated
    assert sorted(generated) == sorted(SQUARES * PROGRAMS[shown.name].producers)


def test_every_processed_item_is_shown_with_the_seconds_that_it_waited(shown: Shown) -> None:
    waited = [found[1] for line in shown.lines if (found := re.search(r"had waited (\d+\.\d\d) s$", line))]

    assert waited == [f"{wait:.2f}" for wait in shown.figures.waits_s]


def test_the_total_is_said_at_the_end(shown: Shown) -> None:
    items = 20 * PROGRAMS[shown.name].producers

    assert shown.lines[-1].endswith(f"program: {items} items in {shown.figures.total_s:.2f} s")


def test_a_program_takes_what_theory_says_and_little_more(shown: Shown) -> None:
    theory = PROGRAMS[shown.name].theory(SEED).figures

    assert theory.total_s - 0.1 <= shown.figures.total_s <= theory.total_s + SLACK_S
    assert theory.mean_s - 0.1 <= shown.figures.mean_s <= theory.mean_s + SLACK_S


def test_only_the_synchronous_program_generates_everything_before_it_processes_anything(shown: Shown) -> None:
    sides = [side for line in shown.lines if (side := line.split()[1:2]) in (["producer"], ["consumer:"])]

    assert (sides == sorted(sides, reverse=True)) == (shown.name == "sync")


async def share_blocked(program: Coroutine[None, None, None]) -> float:
    """Return the share of a program's time in which the loop ran nothing else."""
    began = beat = time.perf_counter()
    blocked_s = 0.0
    running = asyncio.create_task(program)
    while not running.done():
        await asyncio.sleep(BEAT_S)
        late_s = time.perf_counter() - beat - BEAT_S
        blocked_s += late_s if late_s > LATE_S else 0.0
        beat = time.perf_counter()
    return blocked_s / (beat - began)


async def blocking(stage: Stage) -> None:
    sync_program.main(stage)


@pytest.mark.parametrize(
    ("program", "blocks"),
    [(async_program.main, False), (two_producers_program.main, False), (blocking, True)],
    ids=["async", "two-producers", "a program that blocks"],
)
def test_no_asynchronous_program_blocks_its_event_loop(
    program: Callable[[Stage], Coroutine[None, None, None]], blocks: bool
) -> None:
    stage = Stage(Console(file=io.StringIO()), SEED, SPEED)

    share = asyncio.run(share_blocked(program(stage)))

    assert (share > 0.3) == blocks, f"blocked for {share:.0%} of the time"
