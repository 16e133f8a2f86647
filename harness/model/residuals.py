"""Predictions beside what was measured: how far off, within the interval or not, and what a miss is put down to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from harness.facts.prediction import Prediction, Predictions, Residual
from harness.facts.run import Run
from harness.facts.summary import PointSummary
from harness.facts.trial import Trial

CLOSE, EXCESS_CLOSE = 0.05, 0.25  # how near throughput, and the excess of p95, are to be
OTHER_CPU = 0.1  # from which on the CPU of a request differs from the interpolated one
OTHER_SPEED = 0.04  # ... and the core's speed from that of the calibration
DRIVER_BUSY = 0.5  # of the core that generator and stub share
STAYS = 0.95  # how busy a core is at most for a bunch of users to stay one: a busier one draws it apart


@dataclass(frozen=True)
class Score:
    """How many of the predictions were near, and how many within their interval."""

    throughput: int
    near: int
    excess: int
    excess_near: int
    intervals: int
    within: int


def residuals(predictions: Predictions, run: Run) -> tuple[Residual, ...]:
    """Return every prediction that the run has measured, in its order; calibration points are none of them."""
    summaries = {(one.lane, one.point): one for one in run.summaries if one.blocks and one.throughput_rps}
    return tuple(
        _residual(one, summary, predictions, run)
        for one in predictions.points
        if (summary := summaries.get((one.lane, one.point)))
    )


def score(found: Sequence[Residual]) -> Score:
    """Count the predictions that were near: throughput of closed load, excess of p95 of both loads, and intervals."""
    closed = [one for one in found if one.prediction.point.load == "closed"]
    excess = [one for one in found if one.excess_off is not None]
    intervals = [*(one.held for one in closed), *(one.excess_held for one in excess)]
    return Score(
        len(closed),
        sum(abs(one.off) <= CLOSE for one in closed),
        len(excess),
        sum(abs(one.excess_off or 0.0) <= EXCESS_CLOSE for one in excess),
        len(intervals),
        sum(bool(held) for held in intervals),
    )


def _residual(one: Prediction, summary: PointSummary, predictions: Predictions, run: Run) -> Residual:
    measured_rps, p95 = summary.throughput_rps or 0.0, summary.percentiles.get("p95")
    found = Residual(
        prediction=one,
        throughput_rps=measured_rps,
        off=one.throughput_rps.value / measured_rps - 1,
        held=one.throughput_rps.holds(measured_rps),
    )
    if p95 and not p95.at_least and (expected := one.excess_ms):
        found = found.model_copy(update={"p95_ms": p95.ms})
        excess_ms = found.excess_ms or 0.0
        off = expected.value / excess_ms - 1 if excess_ms > 0 else None
        found = found.model_copy(update={"excess_off": off, "excess_held": expected.holds(excess_ms)})
    missed = not found.held or found.excess_held is False
    return found.model_copy(update={"suspect": _suspect(found, predictions, run)}) if missed else found


def _suspect(found: Residual, predictions: Predictions, run: Run) -> str:
    """Return the first of the known causes that the point's own figures support."""
    return next(_suspects(found, predictions, run), "not known")


def _suspects(found: Residual, predictions: Predictions, run: Run) -> Iterator[str]:
    one = found.prediction
    trials = run.valid_at(one.lane, one.point)
    if (cpu := _mean(trials, "cpu_ms_per_request")) and abs(cpu / one.cpu_ms - 1) > OTHER_CPU:
        yield f"CPU of a request: {cpu:.2f} ms, not {one.cpu_ms:.2f} as between the calibration's points"
    calibrated = [
        trial for point in predictions.calibrated.get(one.lane, ())[:1] for trial in run.valid_at(one.lane, point)
    ]
    speed, usual = _mean(trials, "speed"), _mean(calibrated, "speed")
    foretold = predictions.run != run.info.name  # what a run says of itself knows its core's speed
    if foretold and speed and usual and abs(speed / usual - 1) > OTHER_SPEED and (speed > usual) == (found.off < 0):
        yield f"the core's speed: {speed / usual:.2f} times that of the calibration"
    if (driver := _mean(trials, "driver_cpu_share")) and driver > DRIVER_BUSY:
        yield f"generator and stub: {100 * driver:.0f} % of their core busy, so answers wait there, too"
    slower = found.excess_off is not None and found.excess_off < 0
    alike = predictions.delay.startswith("fixed") and one.point.load == "closed"
    if slower and alike and one.busy < STAYS:
        yield "requests in a bunch: users who wait equally long stay together"


def _mean(trials: Sequence[Trial], figure: str) -> float | None:
    known = [value for trial in trials if (value := getattr(trial, figure)) is not None]
    return fmean(known) if known else None
