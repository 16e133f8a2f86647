from made_up_trials import QUICK, Recipe
from show_runs import all_invalid_run, full_run, make_run

from harness.document.table import Row, Table
from harness.facts.run import Run
from harness.report import tables


def cells_by_heading(table: Table, row: Row) -> dict[str, str]:
    return {column.heading: cell for column, cell in zip(table.columns, row.cells, strict=False)}


def row_of(run: Run, lane: str, users: str) -> dict[str, str]:
    table = tables.lane_table(run, lane)
    return next(found for row in table.rows if (found := cells_by_heading(table, row))["load"] == f"{users} users")


def test_a_point_shows_its_figures_with_what_binds_them() -> None:
    row = row_of(make_run(), "flask-threads-300", "300")

    assert row["req/s"] == "796"
    assert row["limit req/s"] == "885"
    assert row["% of limit"] == "89.9"
    assert row["bound by"] == "cpu"
    assert row["threads"] == "302"
    assert row["blocks"] == "10"


def test_a_percentile_with_few_answers_beyond_it_is_marked_as_thin() -> None:
    row = row_of(make_run(), "quart", "64")

    assert (row["p50 ms"], row["p99 ms"]) == ("200", "~224")


def test_a_point_beyond_its_limit_says_how_long_the_wait_would_be() -> None:
    rows = tables.lane_table(make_run(), "flask-sync-4").rows

    assert [row.note for row in rows] == [
        *[""] * 3,
        *(f"beyond its limit: would wait {wait} s" for wait in ("3.2", "5.0", "15")),
    ]


def test_a_point_without_a_valid_trial_has_a_note_and_no_figure() -> None:
    row = tables.lane_table(all_invalid_run(), "quart").rows[0]

    assert (row.cells, row.note) == (("1 user",), "no valid trial (3 invalid)")


def test_the_answer_is_each_lane_at_its_highest_measured_point() -> None:
    rows = tables.answer_table(make_run()).rows

    assert [row.cells[:2] for row in rows] == [
        ("flask-sync-4", "16 users"),
        ("flask-sync-4", "300 users"),
        ("flask-threads-64", "300 users"),
        ("flask-threads-300", "300 users"),
        ("quart", "300 users"),
    ]
    assert rows[1].note == "beyond its limit: would wait 15 s"


def test_lanes_stand_in_the_order_of_the_configuration() -> None:
    run = full_run()
    shuffled = run.model_copy(update={"summaries": tuple(sorted(run.summaries, key=lambda point: point.lane))})

    assert shuffled.lanes[: len(QUICK)] == tuple(QUICK)


def test_failed_and_censored_requests_of_valid_trials_are_counted() -> None:
    run = make_run(Recipe(points=(300,), spoiled=(0,)))
    trials = tuple(trial.model_copy(update={"failed": 2, "censored": 1}) for trial in run.trials)
    changed = run.model_copy(update={"trials": trials})

    assert row_of(changed, "flask-threads-64", "300")["failed"] == "27"  # one of ten trials is invalid
    assert row_of(changed, "quart", "300")["failed"] == "30"


def test_invalid_trials_are_listed_with_their_reason_and_struck_through_among_all() -> None:
    run = make_run()

    assert [row.cells[0] for row in tables.trials_table(run).rows if row.struck] == [
        row.cells[0] for row in tables.invalid_table(run).rows
    ]
    assert all("wrong upstream calls" in row.cells[-1] for row in tables.invalid_table(run).rows)


def test_a_tiny_p_is_not_written_out() -> None:
    table = tables.verdicts_table(make_run())

    assert cells_by_heading(table, table.rows[0])["adjusted p"] == "< 0.001"
