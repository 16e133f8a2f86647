"""A run answers what was measured where."""

from show_runs import make_run, open_run

from harness.facts.point import users
from harness.facts.run import Run

AT_16, AT_300 = users(16), users(300)


def with_first_changed(run: Run, **changes: object) -> Run:
    """Return a run in which the first valid trial of Quart at 16 users is another."""
    first = run.valid_at("quart", AT_16)[0]
    trials = tuple(trial.model_copy(update=changes) if trial is first else trial for trial in run.trials)
    return run.model_copy(update={"trials": trials})


def test_a_lane_that_bench_toml_does_not_have_stands_last() -> None:
    run = with_first_changed(open_run(), lane="another")

    assert run.lanes == ("flask-threads-64", "quart", "another")


def test_points_are_in_order_with_closed_load_first() -> None:
    labels = [point.point.label for point in open_run().points_of("quart")]

    assert labels == ["16", "300", "100/s", "300/s", "400/s"]


def test_valid_trials_and_invalid_ones_are_kept_apart() -> None:
    run = with_first_changed(make_run(), status="invalid")

    assert len(run.valid_at("quart", AT_16)) == len(make_run().valid_at("quart", AT_16)) - 1
    assert len(run.invalid) == len(make_run().invalid) + 1
    assert {trial.point for trial in run.valid_at("quart", AT_300)} == {AT_300}


def test_a_median_is_of_the_valid_trials_that_have_the_figure() -> None:
    run = open_run()
    figures = sorted(trial.window_ok for trial in run.valid_at("quart", AT_16))

    assert run.median_at("quart", AT_16, lambda trial: trial.window_ok) == figures[1]
    assert run.median_at("quart", AT_16, lambda trial: trial.slow_ok) is None
    without = with_first_changed(run, latency_mean_ms=None)
    known = [trial.latency_mean_ms for trial in without.valid_at("quart", AT_16) if trial.latency_mean_ms is not None]
    assert without.median_at("quart", AT_16, lambda trial: trial.latency_mean_ms) == sum(known) / 2
