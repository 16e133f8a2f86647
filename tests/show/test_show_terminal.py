import io
from collections.abc import Callable

import pytest
from rich.console import Console
from show_runs import all_invalid_run, empty_run, full_run, hostile_run, make_run, single_trial_run

from harness.records import Run
from harness.show import terminal_report

RUNS = (make_run, full_run, hostile_run, all_invalid_run, empty_run, single_trial_run)


def printed(run: Run, width: int, *, colour: bool = False) -> str:
    out = io.StringIO()
    Console(file=out, width=width, force_terminal=colour, no_color=not colour).print(terminal_report(run))
    return out.getvalue()


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("make", RUNS)
def test_the_report_fits_the_terminal(make: Callable[[], Run], width: int) -> None:
    text = printed(make(), width)

    assert max(len(line) for line in text.splitlines()) <= width
    assert "…" not in text


def test_80_columns_show_a_lane_and_its_figures_on_one_line() -> None:
    lines = [" ".join(line.split()) for line in printed(full_run(), 80).splitlines()]

    assert "flask-threads-300 1 4.96 99.2 users ~200 ~202 – 1.61 3" in lines  # noqa: RUF001
    assert "300 1,470 98.3 users 200 253 303 0.595 10" in lines


def test_120_columns_show_the_limit_memory_and_threads_too() -> None:
    lines = [" ".join(line.split()) for line in printed(make_run(), 120).splitlines()]

    assert "300 795 885 89.8 cpu 371 712 1,050 1.13 104 302 10 0 0" in lines


def test_the_verdicts_come_first_and_what_has_no_figures_last() -> None:
    text = printed(make_run(), 120)
    order = ["quart answers 1.88 times", "flask-sync-4", "would wait 3.2 s", "Invalid trials", "wrong upstream calls"]

    assert sorted(order, key=text.index) == order


def test_without_colour_there_is_no_escape_sequence_even_in_hostile_text() -> None:
    assert "\x1b" not in printed(hostile_run(), 80)


def test_a_verdict_is_a_word_and_not_only_a_colour() -> None:
    assert "better" in printed(make_run(), 80)
    assert "\x1b[" in printed(make_run(), 80, colour=True)


def test_markup_in_a_name_is_printed_as_it_is() -> None:
    run = make_run()
    names = [verdict.model_copy(update={"sentence": "[red]not markup[/red]"}) for verdict in run.verdicts]

    assert "[red]not markup[/red]" in printed(run.model_copy(update={"verdicts": tuple(names)}), 80)


def test_many_invalid_trials_are_counted_and_not_all_listed() -> None:
    assert "and 11 more, all in report.md" in printed(all_invalid_run(), 80)
