"""The ladder on the first screen: a sentence, a chart and a table that say the same."""

from collections.abc import Callable
from functools import cache

import pytest
from show_runs import make_run

from harness.facts.config import Step
from harness.facts.ladder import Ladder, Rung
from harness.facts.run import Run
from harness.report import tables, words
from harness.report.charts import drawings
from harness.report.style import FILE

SLOTS = Rung(
    step=Step(change="slots", baseline="flask-sync-4", lane="flask-threads-64"), pairs=5, ratio=16, low=15, high=17
)
MORE = Rung(
    step=Step(change="slots", baseline="flask-threads-64", lane="flask-threads-300"), pairs=4, ratio=2, low=1, high=3
)
ASYNC = Rung(
    step=Step(change="async", baseline="flask-threads-300", lane="quart"), pairs=5, ratio=1.5, low=1.4, high=1.6
)
LOOP = Rung(step=Step(change="loop", baseline="quart", lane="uvloop", aside=True), pairs=5, ratio=1.05, low=1, high=1.1)
WHOLE = Rung(step=Step(change="everything", baseline="flask-sync-4", lane="quart"), pairs=5, ratio=48, low=46, high=50)


@cache
def with_ladder(whole: Rung | None = WHOLE, rungs: tuple[Rung, ...] = (SLOTS, MORE, LOOP, ASYNC)) -> Run:
    ladders = tuple(Ladder(metric=metric, rungs=rungs, whole=whole) for metric in ("throughput", "cpu"))
    return make_run().model_copy(update={"ladders": ladders})


def said(run: Run) -> list[str]:
    return [sentence.text for sentence in words.headline(run)]


def test_the_sentence_says_the_whole_and_what_each_change_has_of_it() -> None:
    assert said(with_ladder())[0] == (
        "From flask-sync-4 to quart: 48.0 times the requests per second (95 % CI 46.0 to 50.0, 5 paired blocks). "
        "Step by step: slots ×32.0, async ×1.50."  # noqa: RUF001
    )


def test_lanes_of_a_verdict_that_differ_in_several_things_are_called_two_stacks() -> None:
    def judged(baseline: str) -> list[str]:
        run = with_ladder()
        verdict = run.verdicts[0].model_copy(update={"lane": "quart", "baseline": baseline})
        return said(run.model_copy(update={"verdicts": (verdict,)}))

    assert "quart and flask-threads-64 are two stacks: slots, async differ." in judged("flask-threads-64")
    assert not any(
        "two stacks" in text for text in (*judged("flask-threads-300"), *judged("a stranger"), *said(make_run()))
    )


def test_steps_that_do_not_make_the_whole_are_a_warning() -> None:
    apart = WHOLE.model_copy(update={"ratio": 60.0, "low": 58.0, "high": 62.0})

    warning = next(sentence for sentence in words.headline(with_ladder(apart)) if sentence.tone == "warning")

    assert warning.text.startswith("The steps multiply to ×48.0, which lies outside that interval")  # noqa: RUF001


def test_lanes_that_are_not_saturated_are_named_beside_the_ladder() -> None:
    run = with_ladder()
    full = tuple(point.model_copy(update={"limit_share": 0.97, "limit_by": "cpu"}) for point in run.summaries)
    quart = max((point for point in full if point.lane == "quart" and point.limit_rps), key=lambda point: point.point)
    idle = quart.model_copy(update={"limit_share": 0.84, "limit_by": "users"})

    assert not any(text.startswith("Not saturated") for text in said(run.model_copy(update={"summaries": full})))
    (text,) = (
        text
        for text in said(run.model_copy(update={"summaries": tuple(idle if one == quart else one for one in full)}))
        if text.startswith("Not saturated")
    )
    assert "quart 84.0 % at 300 users" in text


@pytest.mark.parametrize(
    "made",
    [
        make_run,
        lambda: with_ladder(None),
        lambda: with_ladder(rungs=(SLOTS, ASYNC.model_copy(update={"ratio": None}))),
    ],
    ids=["no-ladder", "no-whole", "a-step-without-ratio"],
)
def test_without_a_whole_way_nothing_is_said_and_nothing_drawn(made: Callable[[], Run]) -> None:
    run = made()

    assert not any(sentence.startswith("From ") for sentence in said(run))
    assert "ladder" not in [drawing.name for drawing in drawings(run)]


def test_each_bar_starts_where_the_one_before_it_ends_and_the_last_is_the_whole() -> None:
    drawing = next(drawing for drawing in drawings(with_ladder()) if drawing.name == "ladder")
    (rows,) = drawing.draw(FILE)["datasets"].values()

    assert [(row["before"], row["value"], row["times"]) for row in rows] == [
        (1, 16, "×16.0"),  # noqa: RUF001
        (16, 32, "×2.00"),  # noqa: RUF001
        (32, 48, "×1.50"),  # noqa: RUF001
        (1, 48, "×48.0"),  # noqa: RUF001
    ]


def test_the_table_has_every_step_the_whole_and_branches_last() -> None:
    table = tables.ladder_table(*with_ladder().ladders)

    assert [row.cells[:3] for row in table.rows][-2:] == [
        ("everything", "quart", "flask-sync-4"),
        ("loop (branch)", "uvloop", "quart"),
    ]
    assert table.rows[1].cells[3:] == ("2.00 (1.00 to 3.00)", "2.00 (1.00 to 3.00)", "4")
    assert len({len(row.cells) for row in table.rows} | {len(table.columns)}) == 1


def test_a_step_without_a_ratio_has_no_interval() -> None:
    table = tables.ladder_table(Ladder(metric="cpu", rungs=(Rung(step=SLOTS.step, pairs=1),), whole=None))

    assert table.rows[0].cells[3:] == ("–", "1")  # noqa: RUF001
