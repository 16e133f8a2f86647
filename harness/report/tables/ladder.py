"""What each step of the ladder buys, in every metric beside one another."""

from collections.abc import Iterator

from harness.document.numbers import count, figure
from harness.document.table import LANE, Column, Row, Table
from harness.facts.figures import BY_NAME
from harness.facts.ladder import Ladder, Rung
from harness.report.marks import between


def ladder_table(*ladders: Ladder) -> Table:
    """Return each step with its ratio and interval in each metric; branches come last."""
    columns = (
        Column("change", numeric=False),
        LANE,
        Column("against", numeric=False, wide=True, long=True),
        *(_column(ladder, wide=place > 0) for place, ladder in enumerate(ladders)),
        Column("blocks", wide=True),
    )
    return Table(columns, tuple(_rows(ladders)))


def _column(ladder: Ladder, *, wide: bool) -> Column:
    heading = f"{BY_NAME[ladder.metric].prose}, ratio (95 % CI)"
    return Column(heading, wide=wide, lines=f"{ladder.metric}, ratio\n(95 % CI)")


def _rows(ladders: tuple[Ladder, ...]) -> Iterator[Row]:
    for rungs in zip(*(_in_order(ladder) for ladder in ladders), strict=True):
        step = rungs[0].step
        change = f"{step.change} (branch)" if step.aside else step.change
        yield Row((change, step.lane, step.baseline, *map(_ratio, rungs), count(min(rung.pairs for rung in rungs))))


def _ratio(rung: Rung) -> str:
    return figure(rung.ratio) if rung.low is None else f"{figure(rung.ratio)} ({between(rung.low, rung.high)})"


def _in_order(ladder: Ladder) -> list[Rung]:
    return sorted([*ladder.rungs, *([ladder.whole] if ladder.whole else [])], key=lambda rung: rung.step.aside)
