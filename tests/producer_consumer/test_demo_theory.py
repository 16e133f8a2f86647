import asyncio
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from virtual_time import VirtualLoop

from producer_consumer import async_program, two_producers_program
from producer_consumer.figures import Figures, one_after_the_other, together
from producer_consumer.programs import PROGRAMS
from producer_consumer.stage import Stage, generation_s

SEEDS = st.integers(min_value=-(2**40), max_value=2**40)


def without_waiting(program: str, seed: int) -> Figures:
    """Run an asynchronous program on a clock that jumps."""
    main = {"async": async_program.main, "two-producers": two_producers_program.main}[program]
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        stage = Stage(Console(file=io.StringIO()), seed, clock=runner.get_loop().time)
        runner.run(main(stage))
        return stage.end()


@given(seed=SEEDS, producer=st.integers(1, 2))
def test_the_same_seed_gives_the_same_20_durations_from_half_a_second_to_one_and_a_half(
    seed: int, producer: int
) -> None:
    durations = generation_s(seed, producer)

    assert durations == generation_s(seed, producer)
    assert len(set(durations)) == 20
    assert all(0.5 <= duration <= 1.5 for duration in durations)


def test_another_seed_or_producer_has_other_durations() -> None:
    assert len({tuple(generation_s(seed, producer)) for seed in (1, 2) for producer in (1, 2)}) == 4


def test_one_after_the_other_takes_the_sum_and_the_first_item_waits_for_the_last_to_be_generated() -> None:
    theory = one_after_the_other([1.0, 1.0, 1.0])

    assert theory.figures == Figures(total_s=4.5, waits_s=(2.0, 1.5, 1.0))
    assert theory.law == "3.0 + 1.5"


def test_together_takes_what_the_producer_takes_and_the_last_item() -> None:
    theory = together([1.0, 1.0, 1.0])

    assert theory.figures == Figures(total_s=3.5, waits_s=(0.0, 0.0, 0.0))
    assert theory.law == "max(3.0, 1.5) + 0.5"


def test_items_that_come_together_wait_for_each_other() -> None:
    theory = together([1.0, 0.25], [1.0, 0.25])

    assert theory.figures == Figures(total_s=3.0, waits_s=(0.0, 0.5, 0.75, 1.25))
    assert (theory.figures.first_s, theory.figures.mean_s, theory.figures.worst_s) == (0.0, 0.625, 1.25)
    assert theory.law == "max(1.2, 1.2, 2.0) + 1.0"


@pytest.mark.parametrize("name", ["async", "two-producers"])
@given(seed=SEEDS)
def test_an_asynchronous_program_takes_exactly_what_theory_says_when_the_machine_takes_nothing(
    name: str, seed: int
) -> None:
    measured = without_waiting(name, seed)

    theory = PROGRAMS[name].theory(seed).figures
    assert measured.total_s == pytest.approx(theory.total_s)
    assert measured.waits_s == pytest.approx(theory.waits_s, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "course_s"), [("sync", 30.0), ("async", 20.0), ("threads", 20.0), ("two-producers", 22.0)]
)
def test_the_seed_that_is_the_default_gives_the_totals_of_the_course(name: str, course_s: float) -> None:
    assert PROGRAMS[name].theory(1).figures.total_s == pytest.approx(course_s, rel=0.1)
