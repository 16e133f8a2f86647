"""What a report shows of trials under faults: seen beside expected, every lane with its own timeline."""

from functools import cache
from typing import Any

import pytest
from show_runs import make_run

from harness.document.as_markdown import markdown
from harness.facts.faults import Ask, Damage, Expected, Fault, FaultSecond, Injected, UnderFault
from harness.facts.run import Run
from harness.report.charts.fault_timeline import A_ROW, all_under_faults
from harness.report.charts.goodput import all_goodput
from harness.report.document import report
from harness.report.faults import damage_table, goodput_sentences, sentences
from harness.report.style import FILE, PAGE

STALL = Fault(inject=(Injected(kind="hang"),))
OFFERED = Fault(shares=(0.5, 1.0, 2.0))


def under_fault(lane: str, *, out: tuple[int, int] = (0, 0), valid: bool = True, rate: float = 60.0) -> UnderFault:
    """A trial in which /health is not answered from one second to another, and nothing else is."""
    first, last = out
    dead = {second for second in range(-4, 16) if first <= second < last}
    return UnderFault(
        trial=f"b01-{lane}-r{rate:g}-stall",
        lane=lane,
        fault="stall",
        rate_rps=rate,
        valid=valid,
        fault_s=10.0,
        expected=Expected(dead_s=first, back_s=last, recovered_s=last, restarts=1) if dead else Expected(),
        damage=Damage(
            offered=1200,
            lost=60 * len(dead),
            other_offered=600,
            other_lost=30 * len(dead),
            asked=20,
            in_time=20 - len(dead),
            outage_s=float(len(dead)),
            longest_gap_s=1.0 + len(dead),
            restarts=int(bool(dead)),
            restarting=1.0,
            recovered_s=float(last),
        ),
        seconds=tuple(
            FaultSecond(
                at_s=second + 0.5,
                offered=60,
                in_flight=10,
                good=0 if second in dead else 60,
                other_good=0 if second in dead else 30,
                p50_ms=None if second in dead else 100.0,
                p95_ms=None if second in dead else 200.0,
            )
            for second in range(-4, 16)
        ),
        asks=tuple(
            Ask(at_s=float(second), took_s=0.01, status=None if second in dead else 200) for second in range(-4, 16)
        ),
    )


@cache
def plain_run() -> Run:
    return make_run()


def run_of(*trials: UnderFault) -> Run:
    run = plain_run()
    config = run.info.config.model_copy(update={"faults": {"stall": STALL, "offered": OFFERED}})
    return run.model_copy(update={"info": run.info.model_copy(update={"config": config}), "under_faults": trials})


BOTH = (under_fault("flask-threads-64", out=(2, 8)), under_fault("quart"))


def test_the_answer_says_who_would_have_been_restarted_and_who_always_answered() -> None:
    (sentence,) = sentences(run_of(*BOTH))

    assert sentence == (
        "Under stall: flask-threads-64 at 60/s did not answer /health for 6.00 s, and would have been restarted once; "
        "quart always answered in time."
    )


def test_the_table_says_seen_and_in_brackets_expected() -> None:
    table = damage_table(run_of(*BOTH))
    places = {column.heading: place for place, column in enumerate(table.columns)}
    threads, loop = table.rows

    assert threads.cells[places["/health out s"]] == "6.00 (6.00)"
    assert threads.cells[places["restarts"]] == "1 (1)"
    assert threads.cells[places["lost"]] == "360"
    assert loop.cells[places["/health out s"]] == "0 (0)"


def test_repeats_are_one_row_of_medians_and_an_invalid_trial_counts_only_where_there_is_no_other() -> None:
    repeats = [
        under_fault("quart", out=(0, seconds), valid=valid) for seconds, valid in ((2, True), (9, False), (4, True))
    ]
    table = damage_table(run_of(*repeats, under_fault("flask-threads-64", valid=False)))

    assert [row.cells[1] for row in table.rows] == ["flask-threads-64 *", "quart"]
    assert table.rows[1].cells[3] == "180"


def test_the_report_begins_with_the_damage_and_refers_to_its_picture() -> None:
    run = run_of(*BOTH)
    text = markdown(report(run, tuple(all_under_faults(run))))

    assert text.index("## When things go wrong") < text.index("## Without a fault")
    assert "charts/fault-stall-60-per-s.svg" in text


@pytest.mark.parametrize("look", [FILE, PAGE])
def test_the_picture_has_a_panel_for_each_lane_and_a_tick_for_each_question(look: Any) -> None:
    lanes = [*BOTH, under_fault("flask-threads-300"), under_fault("flask-sync-4"), under_fault("quart", rate=90)]
    (at_60, at_90) = all_under_faults(run_of(*lanes))
    spec = at_60.draw(look)
    panels = [panel for row in spec["vconcat"] for panel in row["hconcat"]]

    assert at_90.name == "fault-stall-90-per-s"
    assert len(panels) == 4 == A_ROW
    health = next(panel for panel in panels if str(panel).count("flask-threads-64"))["vconcat"][-1]
    ticks = spec["datasets"][health["layer"][1]["data"]["name"]]
    assert [tick["colour"] for tick in ticks].count("#D62728") == 6
    assert len(ticks) == 20
    assert at_60.still


def offered(lane: str, rate: float, good: int) -> UnderFault:
    """A trial of 20 s of steady load: so many arrivals a second have a good answer in time. Valid below 500."""
    plain = under_fault(lane, rate=rate, valid=rate < 500)
    lost = {"offered": int(20 * rate), "lost": int(20 * (rate - good))}
    seconds = tuple(second.model_copy(update={"offered": int(rate), "good": good}) for second in plain.seconds)
    damage = plain.damage.model_copy(update=lost)
    return plain.model_copy(update={"fault": "offered", "damage": damage, "seconds": seconds})


STEADY = (
    *(offered("flask-threads-64", rate, good) for rate, good in ((100, 100), (200, 190), (400, 20))),
    *(offered("quart", rate, good) for rate, good in ((150, 150), (300, 280), (600, 290))),
)


def test_a_steady_load_is_told_by_what_is_answered_in_time_of_it() -> None:
    assert list(goodput_sentences(run_of(*STEADY))) == [
        "Under offered: flask-threads-64 answers up to 190/s of 200 arrivals/s in time; "
        "of 400 arrivals/s it answers 20.0/s.",
        "Under offered: quart answers up to 290/s of 600 arrivals/s (no trial of it is valid) in time; "
        "of 600 arrivals/s it answers 290/s (no trial of it is valid).",
    ]


def test_a_steady_load_has_a_curve_of_its_valid_trials_and_what_changes_has_a_timeline() -> None:
    run = run_of(*STEADY, *BOTH)
    (timeline,), (curve,) = all_under_faults(run), all_goodput(run)

    assert (timeline.name, curve.name) == ("fault-stall-60-per-s", "goodput-offered")
    assert [row.cells[1:5] for row in curve.table.rows if row.cells[1].startswith("quart")] == [
        ("quart", "150", "150", "0"),
        ("quart", "300", "280", "6.67"),
        ("quart *", "600", "290", "51.7"),
    ]
    assert len(damage_table(run).rows) == 2
    rows = curve.draw(FILE)["datasets"]["rows"]
    assert {(row["load"], row["value"], row["limit"]) for row in rows if row["lane"] == "quart"} == {
        (150, 150, 150),
        (300, 280, 300),
    }


def test_a_run_of_steady_load_alone_has_no_table_of_damage() -> None:
    text = markdown(report(run_of(*STEADY), tuple(all_goodput(run_of(*STEADY)))))

    assert "goodput/s" in text
    assert "restarts" not in text.split("## Without a fault")[0]
