"""Where time goes, the bounds of validity, and the verdicts' own figures."""

import pytest
from show_runs import CONTROLS, full_run, make_run, open_run

from harness.facts.config import Lane
from harness.facts.routes import Phases, Route, Scenario
from harness.facts.run import Run
from harness.report import tables


def bounds_of(run: Run) -> dict[str, tuple[str, str]]:
    return {row.cells[0]: (row.cells[1], row.cells[2]) for row in tables.bounds_table(run).rows}


def with_config(run: Run, **settings: object) -> Run:
    config = run.info.config.model_copy(update=settings)
    return run.model_copy(update={"info": run.info.model_copy(update={"config": config})})


def test_each_rule_shows_its_bound_and_how_near_valid_trials_came() -> None:
    bounds = bounds_of(open_run())

    assert bounds["steal: the hypervisor took"] == ("2 % of a core", "1.0 %")
    assert bounds["open load: lateness of a send, p99"] == ("1 ms or 5 % of the p50 latency", "0.31 ms")
    assert bounds["throughput, of the limit by users, slots or pool"][0] == "103 %"


def test_a_rule_that_is_newer_than_the_run_is_not_shown_as_kept() -> None:
    run = make_run()
    older = {name: bound for name, bound in run.info.config.validity.items() if name != "steal_share"}

    shown = bounds_of(with_config(run, validity=older))

    assert bounds_of(run).keys() - shown.keys() == {"steal: the hypervisor took"}


def test_the_worst_value_is_one_of_a_valid_trial() -> None:
    run = open_run()
    worst = run.trials[0].model_copy(update={"status": "invalid", "steal_share": 0.5})

    changed = run.model_copy(update={"trials": (worst, *run.trials[1:])})

    assert bounds_of(changed)["steal: the hypervisor took"][1] == "1.0 %"


def test_a_row_of_where_time_goes_adds_up() -> None:
    table = tables.time_spent_table(open_run(), "flask-threads-64")
    latency, *parts = (float(cell.replace(",", "")) for cell in table.rows[1].cells[1:])

    assert table.rows[1].cells[0] == "300 users"
    assert sum(parts) == pytest.approx(latency, rel=0.01)
    assert parts[0] > 700  # users wait for one of 64 threads


def test_the_rest_is_not_negative_where_it_is_positive_in_each_trial() -> None:
    run = open_run()
    places = [i for i, trial in enumerate(run.trials) if (trial.lane, trial.users) == ("quart", 300)][:3]
    figures = ((410, 100, 109), (500, 120, 179), (600, 300, 99))  # mean latency, queueing, client wait: 1 ms is left
    changed = {
        place: run.trials[place].model_copy(
            update={
                "latency_mean_ms": float(latency),
                "queueing_mean_ms": float(queueing),
                "client_wait_mean_ms": float(wait),
                "upstream_mean_ms": 200.0,
            }
        )
        for place, (latency, queueing, wait) in zip(places, figures, strict=True)
    }
    trials = tuple(changed[place] for place in places)

    (row,) = (
        row
        for row in tables.time_spent_table(run.model_copy(update={"trials": trials}), "quart").rows
        if row.cells[0] == "300 users"
    )

    assert float(row.cells[-1]) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("own", [None, (("location", "sun"),)])
def test_the_apps_own_code_is_not_shown_where_calls_run_together(own: Phases | None) -> None:
    route = Route(path="/", upstream=(("location",),) if own else (("location", "sun"),))
    lane = Lane(command="serve {port}", slots=4, path="/x" if own else None, upstream_calls=own)
    run = with_config(open_run(), scenarios={"sun": Scenario(routes=(route,))}, lanes={"quart": lane})

    assert {row.cells[-1] for row in tables.time_spent_table(run, "quart").rows} == {"–"}  # noqa: RUF001


def test_an_app_that_does_not_say_has_no_table_of_where_time_goes() -> None:
    run = open_run()
    silent = tuple(trial.model_copy(update={"queueing_mean_ms": None}) for trial in run.trials)

    assert tables.time_spent_table(run.model_copy(update={"trials": silent}), "quart").rows == ()


def test_controls_stand_below_the_verdicts_and_are_marked() -> None:
    rows = tables.verdicts_table(full_run()).rows

    assert [row.cells[4] for row in rows] == ["better", "better", *["A/A: no difference found"] * 2]
    assert rows[-1].cells[:2] == ("quart-again", "quart")


def test_a_control_that_differs_says_so_in_the_table() -> None:
    differs = CONTROLS[0].model_copy(update={"p": 0.01})
    rows = tables.verdicts_table(make_run().model_copy(update={"controls": (differs,)})).rows

    assert rows[-1].cells[4] == "A/A: differs from itself"


def test_a_verdict_that_was_withheld_is_called_so() -> None:
    run = make_run()
    first = run.verdicts[0].model_copy(update={"word": "inconclusive", "doubts": ("withheld",)})
    rows = tables.verdicts_table(run.model_copy(update={"verdicts": (first, *run.verdicts[1:])})).rows

    assert [row.cells[4] for row in rows] == ["withheld", "better"]
