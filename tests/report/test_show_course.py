"""The course's own figures beside ours: with what was behind them, and only where a run repeats that benchmark."""

import io
import math
from collections.abc import Mapping

import pytest
from made_up_figures import Lane
from made_up_trials import Recipe, answers_of
from rich.console import Console
from show_runs import make_run

from harness.facts.run import Run
from harness.judge.summary import summaries
from harness.report import course, documents, tables, terminal_report, words
from upstream.delays import Course

RATES = {"flask-sync-5": 4.9, "flask-threads-20": 20.5, "flask-threads-4x5": 12.0, "quart": 20.6}
LANES = {
    name: Lane(slots=slots, cpu_ms=1, rss_mib=50)
    for name, slots in zip(RATES, (5.0, 20.0, 20.0, math.inf), strict=True)
}


def cold_run(rates: Mapping[str, float] = RATES, *, delay: str = "course", status: str = "valid") -> Run:
    """Return a run of 20 users in cold windows of 15 s, each lane with this rate."""
    made = make_run(Recipe(lanes=LANES, points=(20,), verdict_blocks=3, spoiled=()))
    trials = tuple(
        trial.model_copy(
            update={
                "status": status,
                "steady": False,
                "throughput_rps": rates[trial.lane],
                "completed_rps": rates[trial.lane],
                "limit_rps": min(20, LANES[trial.lane].slots) / course.PATH_S,
                "window_ok": round(15 * rates[trial.lane]),
                "latency_mean_ms": 3500.0,
                "slow_ok": 65 if trial.lane == "flask-sync-5" else 0,
                "quick_mean_ms": 1390.0,
            }
        )
        for trial in made.trials
    )
    return made.model_copy(
        update={
            "info": made.info.model_copy(update={"delay": delay}),
            "trials": trials,
            "summaries": summaries(trials, (), {trial.trial: answers_of(trial) for trial in trials}),
            "verdicts": (),
        }
    )


def printed(run: Run, width: int = 120) -> str:
    out = io.StringIO()
    Console(file=out, width=width, no_color=True).print(terminal_report(run))
    return out.getvalue()


def test_a_request_of_the_course_holds_its_slot_for_the_stubs_mean_delays() -> None:
    delays = Course()

    assert round(delays.mean_s("location") + delays.mean_s("sun"), 3) == course.PATH_S


def test_the_lectures_figures_stand_beside_ours() -> None:
    rows = {row.cells[0]: row.cells[1:] for row in course.course_table(cold_run()).rows}

    assert list(rows) == ["lecture: Flask", "lecture: Quart", *RATES]
    assert rows["lecture: Flask"] == (
        *("4 to 5", "71", "4.72", "21.2", "22.3", "users", "4,240", "91.5", "1,340", "65"),
    )
    assert rows["lecture: Quart"] == ("unbounded", "311", "20.7", "21.2", "97.8", "users", "944", "0", "944", "0")
    assert rows["flask-sync-5"] == ("5", "74", "4.90", "5.29", "92.6", "slots", "3,500", "87.8", "1,390", "65")


def test_the_text_says_what_wrk_called_timeouts() -> None:
    said = course.explanation(cold_run())[0]

    assert (
        "65 of the lecture's 71 Flask answers, 91.5 %, were slow, and its average of 1.34 s is that of the other 6"
        in said
    )
    assert "flask-sync-5, whose rate is nearest here, wrk would have said 65 timeouts and an average of 1.39 s" in said
    assert "the mean of all answers is 3.50 s" in said


def test_the_text_says_how_many_slots_flask_had() -> None:
    said = course.explanation(cold_run())[1]

    assert "20 / 4.72 = 4.2 s" in said
    assert "4.72 x 0.945 = 4.5, that is, 4 to 5 slots" in said
    assert "flask-sync-5, with 5 slots, reaches 4.90 req/s here" in said


def test_the_text_says_that_quart_met_the_limit_of_the_connections() -> None:
    said = course.explanation(cold_run())[2]

    assert "20 / 0.945 = 21.2 answers a second, and 20.7 are 97.8 % of that" in said
    assert "here: flask-threads-20 20.5, flask-threads-4x5 12.0, quart 20.6 req/s" in said
    assert "What stays below it (flask-threads-4x5) leaves slots idle" in said


def test_lanes_that_fill_their_slots_are_not_said_to_leave_them_idle() -> None:
    assert "idle" not in course.explanation(cold_run(RATES | {"flask-threads-4x5": 20.1}))[2]


def test_every_document_has_the_table_the_text_and_the_mark() -> None:
    run = cold_run()

    for text in (*(documents(run)[name] for name in ("report.md", "report.html")), printed(run)):
        words = " ".join(text.split())
        for claim in (course.TITLE.partition(",")[0], "lecture: Quart", "Little's law", course.COLD, "20 users, cold"):
            assert claim in words.replace("&#39;", "'"), claim


@pytest.mark.parametrize("width", [80, 120])
def test_the_table_fits_the_terminal(width: int) -> None:
    text = printed(cold_run(), width)

    assert max(len(line) for line in text.splitlines()) <= width
    assert "…" not in text


def test_a_steady_run_has_neither_section_nor_mark() -> None:
    run = make_run()

    assert (course.course_table(run).rows, course.explanation(run)) == ((), ())
    shown = "".join((*documents(run).values(), printed(run))).partition("<script")[0]
    assert "cold" not in shown.replace("profiles.quick.cold", "")  # the setting has a name


def test_a_cold_run_with_other_delays_is_marked_and_has_no_section() -> None:
    run = cold_run(delay="fixed:0.1")

    assert course.course_table(run).rows == ()
    assert words.headline(run)[0] == words.Sentence(course.COLD, "warning")
    assert "lecture" not in printed(run)


def test_a_run_without_a_valid_trial_still_tells_the_lectures_story() -> None:
    run = cold_run(status="invalid")

    assert "4.5, that is, 4 to 5 slots." in course.explanation(run)[1]
    assert {cell for row in course.course_table(run).rows[2:] for cell in row.cells[2:]} == {"–"}  # noqa: RUF001
    assert all("nearest here" not in said for said in course.explanation(run))


def test_every_trial_and_every_point_of_a_cold_run_is_marked() -> None:
    run = cold_run()

    assert {row.cells[1] for row in tables.points_table(run).rows} == {"20 users, cold"}
    assert {row.cells[2] for row in tables.trials_table(run).rows} == {"20 users, cold"}
