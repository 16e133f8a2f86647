"""A trial that failed before it recorded anything is a row like any other: invalid, with what happened."""

import pytest
from bounds import BOUNDS
from trials import LANE, ROUTE

from harness.facts.point import Point, users
from harness.judge.counting import count_trial
from harness.judge.rows import nothing_but
from harness.judge.trial_row import times, trial_row
from harness.plan.blocks import PlannedTrial
from harness.plan.timing import timing


@pytest.mark.parametrize("point", [users(4), Point("open", 20)])
def test_a_trial_that_recorded_nothing_is_invalid_for_the_reason_that_is_given(point: Point) -> None:
    planned = PlannedTrial(1, "flask-sync-4", point, timing(0.2, 0.2, 3.0), clients=4)
    nothing = nothing_but("the server did not start", planned)

    observed = count_trial(planned, [ROUTE], nothing)
    trial = trial_row(
        planned,
        LANE,
        [ROUTE],
        observed,
        times(nothing),
        BOUNDS,
        scenario="sun",
        started_utc="2026-01-01T00:00:00Z",
    )

    assert (nothing.window, nothing.load) == ((0.0, 3.0), point.load)
    assert (trial.status, trial.started, trial.ok, trial.failed, trial.censored) == ("invalid", 0, 0, 0, 0)
    assert trial.reasons.startswith("the server did not start")
