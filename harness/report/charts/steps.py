"""The ladder as a waterfall: each change multiplies the throughput that the one before it has reached."""

from collections.abc import Iterator
from textwrap import wrap

from harness.document.numbers import figure
from harness.facts.ladder import Ladder, Rung
from harness.facts.run import Run
from harness.report.charts.drawing import Drawing
from harness.report.charts.specs import Datum, Frame, waterfall
from harness.report.tables.ladder import ladder_table

LABEL = 14  # characters that have room below a bar
_CAPTION = (
    "What each change buys: requests per second as multiples of the first lane's, each lane at its highest number of "
    "users. A bar starts where the one before it ends; its number is the ratio of its step. The last bar is the whole "
    "way, measured by itself."
)


def all_steps(run: Run) -> Iterator[Drawing]:
    """Yield the chart of the ladder, where every step of the way has a ratio."""
    for ladder in run.ladders:
        if ladder.metric == "throughput" and ladder.product is not None and ladder.whole and ladder.whole.ratio:
            yield _steps(ladder, ladder.whole, run.lanes)


def _steps(ladder: Ladder, whole: Rung, lanes: tuple[str, ...]) -> Drawing:
    title = f"From {whole.step.baseline} to {whole.step.lane}"
    frame = Frame(title, "what each change multiplies the throughput by", "multiples of the first lane", lanes, "log")
    rows = list(_rows(ladder, whole))
    return Drawing(
        name="ladder",
        part="ladder",
        title=title,
        caption=_CAPTION,
        table=ladder_table(ladder),
        draw=lambda look: waterfall(rows, frame, look),
        scale="log",
    )


def _rows(ladder: Ladder, whole: Rung) -> Iterator[Datum]:
    reached = 1.0
    for rung in ladder.way:
        before, reached = reached, reached * (rung.ratio or 1.0)
        yield _row(rung.step.lane, rung.step.change, before, reached)
    yield _row("the whole way", "measured", 1.0, whole.ratio or 1.0)


def _row(lane: str, change: str, before: float, value: float) -> Datum:
    times = f"×{figure(value / before)}"  # noqa: RUF001 - the sign for "times"
    return {
        "step": [change, *wrap(lane, LABEL)],
        "before": before,
        "value": value,
        "high": max(before, value),
        "times": times,
    }
