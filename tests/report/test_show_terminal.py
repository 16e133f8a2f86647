import io
from collections.abc import Callable

import pytest
from made_up_trials import FULL
from rich.console import Console
from show_runs import all_invalid_run, empty_run, full_run, hostile_run, make_run, open_run, single_trial_run

from harness.facts.run import Run
from harness.report import terminal_report

RUNS = (make_run, full_run, open_run, hostile_run, all_invalid_run, empty_run, single_trial_run)


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

    assert "flask-threads-300 1 user 4.95 99.0 users ~200 – – 1.68" in lines  # noqa: RUF001
    assert "300 users 1,480 98.4 users 201 254 305 0.601" in lines
    assert "1,400/s 1,400 83.3 cpu 301 367 430 0.601" in lines


def test_120_columns_show_the_limit_memory_and_threads_too() -> None:
    lines = [" ".join(line.split()) for line in printed(make_run(), 120).splitlines()]

    assert "300 users 796 885 89.9 cpu 373 716 1,060 1.14 104 302 10 0 0" in lines


@pytest.mark.parametrize(("width", "longest"), [(80, "flask-threads-300"), (132, "flask-threads-300-unpinned")])
def test_no_lane_name_is_broken_that_has_room(width: int, longest: str) -> None:
    text = printed(full_run(), width)

    assert longest in FULL
    assert all(f" {lane} " in text for lane in FULL if len(lane) <= len(longest))


def test_headings_read_well_side_by_side() -> None:
    heads = next(line for line in printed(make_run(), 80).splitlines() if line.strip().startswith("lane"))

    assert " ".join(heads.split()) == "lane load req/s % by ms ms ms ms/req"


def test_a_rate_that_was_not_sustained_has_no_percentile_and_a_line_that_says_so() -> None:
    text = printed(open_run(), 80)
    lines = [" ".join(line.split()) for line in text.splitlines()]

    assert "400/s 310 97.0 slots – – – 1.06" in lines  # noqa: RUF001
    assert "Not sustained, so without percentiles - flask-threads-64: 400/s in 3 of 3 blocks" in " ".join(lines)


def test_what_this_machine_can_see_stands_between_the_verdicts_and_the_table() -> None:
    text = " ".join(printed(full_run(), 80).split())
    order = ["quart served 1.88 times", "Minimum detectable effect", "A/A: quart against itself", "lane load"]

    assert sorted(order, key=text.index) == order


def test_the_verdicts_come_first_and_what_has_no_figures_last() -> None:
    text = printed(make_run(), 120)
    order = ["quart served 1.88 times", "flask-sync-4", "would wait 3.2 s", "Invalid trials", "wrong upstream calls"]

    assert sorted(order, key=text.index) == order


def test_without_colour_there_is_no_escape_sequence_even_in_hostile_text() -> None:
    assert "\x1b" not in printed(hostile_run(), 80)


def test_a_verdict_is_a_word_and_not_only_a_colour() -> None:
    assert "better" in printed(make_run(), 80)
    assert "\x1b[" in printed(make_run(), 80, colour=True)


def test_markup_in_a_name_is_printed_as_it_is() -> None:
    run = make_run()
    names = [verdict.model_copy(update={"lane": "[red]not markup[/red]"}) for verdict in run.verdicts]

    assert "[red]not markup[/red]" in printed(run.model_copy(update={"verdicts": tuple(names)}), 80)


def test_many_invalid_trials_are_counted_and_not_all_listed() -> None:
    assert "and 11 more, all in report.md" in printed(all_invalid_run(), 80)
