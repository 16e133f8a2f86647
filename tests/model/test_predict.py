"""Predictions of points that a calibration has not seen, and what a miss is put down to."""

import numpy as np
import pytest
from modelled import LOOP, measured, run_of

from harness.facts.point import Point, users
from harness.facts.prediction import Predictions, Range
from harness.facts.run import Run
from harness.facts.summary import Percentile, PointSummary
from harness.model.calibrate import calibrate
from harness.model.closed import closed
from harness.model.predict import Planned, Shape, of_plan, of_run, predict, shape_of
from harness.model.residuals import residuals, score

CALLS_S = np.full((4, 2), 0.1)


def summarised(*places: tuple[int, float, float]) -> Run:
    """Return a run of the lane `loop` at 64 and 300 users, and at those given as users, req/s and p95 in ms."""
    run = run_of(*(measured("loop", LOOP, at) for at in (64, 300, *(at for at, _, _ in places))))
    summaries = tuple(
        PointSummary(
            lane="loop",
            point=users(at),
            blocks=1,
            throughput_rps=rps,
            percentiles={"p95": Percentile(ms, None, None, at_least=False, thin=False)},
        )
        for at, rps, ms in places
    )
    return run.model_copy(update={"summaries": summaries})


@pytest.fixture(scope="module")
def predictions() -> Predictions:
    return of_run(summarised((16, 78.0, 206.0)), CALLS_S)


def test_all_points_but_those_of_the_calibration_are_predicted(predictions: Predictions) -> None:
    assert [(one.lane, one.point) for one in predictions.points] == [("loop", users(16))]
    assert predictions.calibrated == {"loop": (users(300), users(64))}


def test_a_prediction_is_what_the_model_makes_of_it(predictions: Predictions) -> None:
    (one,) = predictions.points

    assert one.throughput_rps.value == pytest.approx(measured("loop", LOOP, 16).throughput_rps, rel=0.01)
    assert one.upstream_ms["p95"] == pytest.approx(200)
    assert 201 < one.percentiles_ms["p95"].value < 210
    assert one.percentiles_ms["p50"].value < one.percentiles_ms["p95"].value < one.percentiles_ms["p99"].high


def test_the_same_seed_predicts_the_same(predictions: Predictions) -> None:
    assert of_run(summarised((16, 78.0, 206.0)), CALLS_S) == predictions


def test_a_spread_between_blocks_widens_a_busy_core_s_interval_and_blocks_narrow_it() -> None:
    factors = (0.9, 1.0, 1.1)
    blocks = [measured("loop", LOOP, 300, n, throughput_rps=900 * f) for n, f in enumerate(factors, 1)]
    one = calibrate(run_of(*blocks, measured("loop", LOOP, 1)))["loop"]

    def width(blocks: int) -> float:
        found = predict(one, Planned(users(250), blocks, 0.3), CALLS_S, Shape(1.0, 1.0), "1").throughput_rps
        return found.high / found.low

    assert width(1) > 1.2
    assert width(10) < width(1)


def test_a_core_that_was_slower_at_a_point_than_at_the_calibration_serves_less_there() -> None:
    trials = [measured("loop", LOOP, at, speed=speed) for at, speed in ((64, 100.0), (300, 100.0), (290, 80.0))]
    run = summarised((290, 800.0, 400.0))
    run = run.model_copy(update={"trials": tuple(trials)})

    (found,) = of_run(run, CALLS_S).points

    assert found.throughput_rps.value == pytest.approx(0.8 * closed(LOOP, 290).throughput_rps, rel=0.03)


def test_a_rate_beyond_the_capacity_has_no_percentile() -> None:
    one = calibrate(run_of(*(measured("loop", LOOP, at) for at in (64, 300))))["loop"]

    found = predict(one, Planned(Point("open", 2000), 3, 1.0), CALLS_S, Shape(1.0, 1.0), "1")

    assert found.percentiles_ms == {}
    assert found.throughput_rps.value == pytest.approx(1000, rel=0.01)


def test_the_shape_is_read_from_the_two_points() -> None:
    one = calibrate(run_of(*(measured("loop", LOOP, at) for at in (64, 300))))["loop"]

    narrow, wide = (shape_of(one, [p95, None], CALLS_S, 0.5).order for p95 in (320.0, 520.0))
    assert narrow < wide
    assert shape_of(one, [None, 214.0], CALLS_S, 0.5).stretch == pytest.approx(2.5, abs=1)
    assert shape_of(one, [None, None], CALLS_S, 0.5) == Shape(1.0, 1.0)


def test_a_residual_is_predicted_beside_measured_and_near_ones_count(predictions: Predictions) -> None:
    expected = predictions.points[0]
    near = summarised((16, expected.throughput_rps.value * 1.001, expected.percentiles_ms["p95"].value + 0.1))

    (found,) = residuals(predictions, near)

    assert found.off == pytest.approx(-0.001, abs=1e-6)
    assert (found.held, found.excess_held, found.suspect) == (True, True, "")
    counted = score([found])
    assert (counted.near, counted.excess_near, counted.within, counted.intervals) == (1, 1, 2, 2)


def test_a_miss_is_named_and_put_down_to_what_its_own_figures_show(predictions: Predictions) -> None:
    slow = summarised((16, 60.0, 260.0))

    def at_cpu_ms(cpu_ms: float) -> Run:
        trials = (
            trial.model_copy(update={"cpu_ms_per_request": cpu_ms}) if trial.users == 16 else trial
            for trial in slow.trials
        )
        return slow.model_copy(update={"trials": tuple(trials)})

    (found,) = residuals(predictions, at_cpu_ms(predictions.points[0].cpu_ms))

    assert (found.held, found.excess_held) == (False, False)
    assert found.suspect == "requests in a bunch: users who wait equally long stay together"
    assert residuals(predictions, at_cpu_ms(9.0))[0].suspect.startswith("CPU of a request: 9.00 ms")
    assert score([found]).near == 0


def test_points_that_were_not_measured_are_left_out(predictions: Predictions) -> None:
    assert residuals(predictions, summarised((17, 80.0, 206.0))) == ()


def test_nothing_is_predicted_without_the_calls_that_were_delivered() -> None:
    run = summarised((16, 78.0, 206.0))

    assert of_run(run, np.zeros((0, 1))).points == ()
    assert of_plan(run, CALLS_S, {"stranger": [Planned(users(4), 1, 1.0)]}).points == ()


def test_a_range_holds_its_ends() -> None:
    assert [Range(1, 2, 3).holds(value) for value in (0.9, 1, 3, 3.1)] == [False, True, True, False]
