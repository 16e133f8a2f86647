"""Points that a calibration has not seen: throughput and percentiles, with the interval of a trial's own length."""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from harness.facts.figures import PERCENTILES
from harness.facts.point import Point
from harness.facts.prediction import Prediction, Predictions, Range
from harness.facts.run import Run
from harness.model.calibrate import CORE_BOUND, Calibrated, calibrate, calibration_points
from harness.model.closed import Floats, closed
from harness.model.interval import COVERAGE, DEVIATIONS, EXCESS_ERROR, LOAD_ERROR, deviations, factor
from harness.model.open_load import capacity, steady
from harness.model.simulate import Observed, Simulated, closed_window, open_window, poisson

WINDOWS = 50  # that are simulated of a point
PICKS = 400  # of as many windows as a point has blocks
VARIATION = 0.3  # coefficient of variation of a request's CPU time: one user's answers scatter by about a quarter
SHARED, IN_ORDER = 1.0, 0.0
ORDERS = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
FIT_WINDOWS = 4
MOST_STRETCH = 3.0  # more is a bunch of users or a busy machine at that point, and not the lane's


@dataclass(frozen=True)
class Planned:
    """A point that is to be predicted: how many blocks it has, and how long each window lasts, in seconds.

    `slower`: how much slower its core is than that of the calibration, where the probe has measured both.
    """

    point: Point
    blocks: int
    window_s: float
    slower: float = 1.0


@dataclass(frozen=True)
class Shape:
    """What two points show of a lane's percentiles.

    `order` is that of its core, as in simulate.py, from the higher one. `stretch` is how many times the simulated
    excess over upstream time the p95 of the lower one had: pauses of a process, and the bunches that equal delays keep,
    are not simulated.
    """

    order: float
    stretch: float


def predict(one: Calibrated, planned: Planned, calls_s: Floats, shape: Shape, seed: str) -> Prediction:
    """Return what a lane is expected to do at a point.

    `calls_s`: delays that were delivered, a row a request; their mean is made the lane's own. The interval holds what
    differs between windows of this length, between blocks (a core's speed), and what the model leaves out.
    """
    one = one.slower(planned.slower)
    server, luck = one.server(), random.Random(f"predict {seed} {one.lane} {planned.point.slug}")
    demand_s, rate = _demand_s(one, planned.point)
    own_calls_s = _scaled(calls_s, one.upstream_s)
    if planned.point.load == "open" and rate >= capacity(server):
        return _overloaded(one, planned, demand_s, capacity(server))
    further = math.sqrt(1 + planned.blocks / max(1, one.blocks))
    windows = [
        _window(
            one,
            planned,
            own_calls_s,
            demand_s * math.exp(further * deviation),
            shape.order,
            f"{seed} {number}",
        )
        for number, deviation in enumerate(deviations(one.spread, one.blocks, WINDOWS, luck))
    ]
    upstream = {
        metric.name: 1000 * float(np.percentile(own_calls_s.sum(axis=1), metric.percent or 0.0))
        for metric in PERCENTILES
    }
    stretch = shape.stretch if rate * demand_s < CORE_BOUND else 1.0  # of a busy core the order decides
    return Prediction(
        lane=one.lane,
        point=planned.point,
        blocks=planned.blocks,
        window_s=planned.window_s,
        throughput_rps=_range([window.throughput_rps for window in windows], 0.0, LOAD_ERROR, planned.blocks, luck),
        percentiles_ms={
            metric.name: _range(
                [
                    _stretched(1000 * window.percentile_s(metric.percent or 0.0), upstream[metric.name], stretch)
                    for window in windows
                ],
                upstream[metric.name],
                EXCESS_ERROR,
                planned.blocks,
                luck,
            )
            for metric in PERCENTILES
        },
        upstream_ms=upstream,
        cpu_ms=1000 * demand_s,
        busy=rate * demand_s,
    )


def shape_of(one: Calibrated, p95_ms: Sequence[float | None], calls_s: Floats, window_s: float) -> Shape:
    """Return the shape of a lane's percentiles from p95 in ms at its calibration points, as far as it is known.

    Only a busy core shows its order: otherwise an event loop is taken to share, and all else to serve in order.
    """
    high, low = (*p95_ms, None, None)[:2]
    order = SHARED if math.isinf(one.slots) else IN_ORDER
    own = _scaled(calls_s, one.upstream_s)
    if one.core_bound and high is not None:
        order = min(ORDERS, key=lambda order: abs(_p95_ms(one, one.points[0], own, order, window_s) - high))
    if low is None:
        return Shape(order, 1.0)
    upstream_ms = 1000 * float(np.percentile(own.sum(axis=1), 95))
    simulated_ms = _p95_ms(one, one.points[1], own, order, window_s) - upstream_ms
    stretch = (low - upstream_ms) / simulated_ms if simulated_ms > 0 else 1.0
    return Shape(order, min(max(1.0, stretch), MOST_STRETCH))


def _p95_ms(one: Calibrated, point: Point, calls_s: Floats, order: float, window_s: float) -> float:
    planned = Planned(point, FIT_WINDOWS, window_s)
    demand_s, _ = _demand_s(one, point)
    windows = [_window(one, planned, calls_s, demand_s, order, f"fit {number}") for number in range(FIT_WINDOWS)]
    return float(np.mean([1000 * window.percentile_s(95) for window in windows]))


def _stretched(ms: float, base_ms: float, times: float) -> float:
    """Return a figure whose part above a base is so many times as long."""
    return base_ms + max(0.0, ms - base_ms) * times + min(0.0, ms - base_ms)


def _demand_s(one: Calibrated, point: Point) -> tuple[float, float]:
    """Return the CPU of a request at a point, in seconds, and the requests/s there."""
    server = one.server()
    if point.load == "closed":
        held = min(point.level, one.slots)
        return server.demand.at(held), closed(server, int(point.level)).throughput_rps
    state = steady(server, point.level)
    return server.demand.at(max(1.0, state.in_service if state else one.slots)), point.level


def _window(one: Calibrated, planned: Planned, calls_s: Floats, demand_s: float, order: float, seed: str) -> Observed:
    simulated = Simulated(demand_s, calls_s + one.overhead_s / calls_s.shape[1], one.slots, VARIATION, order)
    cycle_s = one.upstream_s + demand_s
    if planned.point.load == "closed":
        users = int(planned.point.level)
        wait_s = max(cycle_s, users * demand_s, users / one.slots * cycle_s)
        return closed_window(simulated, users, warmup_s=3 * wait_s, window_s=planned.window_s, seed=seed)
    warmup_s, rate = 3 * cycle_s + 1, planned.point.level
    due_s = poisson(rate, warmup_s + planned.window_s, seed)
    return open_window(simulated, due_s, warmup_s=warmup_s, window_s=planned.window_s, seed=seed)


def _scaled(calls_s: Floats, upstream_s: float) -> Floats:
    usual_s = float(calls_s.sum(axis=1).mean())
    return calls_s * (upstream_s / usual_s) if usual_s else calls_s


def _range(values: Sequence[float], base: float, error: float, blocks: int, luck: random.Random) -> Range:
    """Return where the geometric mean of so many blocks is expected: its median, and its interval.

    What lies above `base` may be off by `error`, a share, in all blocks alike.
    """
    logs = [math.log(value) for value in values if value > 0 and math.isfinite(value)]
    picks = sorted(
        base + (math.exp(sum(luck.choices(logs, k=blocks)) / blocks) - base) * math.exp(error * luck.gauss(0, 1))
        for _ in range(PICKS)
    )
    beyond = round((1 - COVERAGE) / 2 * PICKS)
    return Range(picks[beyond], picks[PICKS // 2], picks[-1 - beyond])


def _overloaded(one: Calibrated, planned: Planned, demand_s: float, most: float) -> Prediction:
    off = factor(one.spread, one.blocks) * math.exp(DEVIATIONS * LOAD_ERROR)
    found = Range(most / off, most, most * off)
    return Prediction(
        lane=one.lane,
        point=planned.point,
        blocks=planned.blocks,
        window_s=planned.window_s,
        throughput_rps=found,
        cpu_ms=1000 * demand_s,
        busy=1.0,
    )


def of_run(run: Run, calls_s: Floats) -> Predictions:
    """Return what a run's calibration says of all its other points that were measured, at the speed of their core."""
    plan: dict[str, list[Planned]] = {}
    for one in run.summaries:
        if one.blocks and one.throughput_rps and not one.point.fault:
            window_s = median(trial.window_s for trial in run.valid_at(one.lane, one.point))
            slower = _slower(run, one.lane, one.point)
            plan.setdefault(one.lane, []).append(Planned(one.point, one.blocks, window_s, slower))
    return of_plan(run, calls_s, plan)


def of_plan(run: Run, calls_s: Floats, plan: Mapping[str, Sequence[Planned]]) -> Predictions:
    """Return what a run's calibration says of these points.

    Nothing of a lane that it does not know, nor of the points that it rests on.
    """
    known = {lane: one for lane, one in calibrate(run).items() if set(plan.get(lane, ())) and calls_s.size}
    wanted = {
        lane: [planned for planned in plan[lane] if planned.point not in one.points] for lane, one in known.items()
    }
    found = [
        predict(known[lane], planned, calls_s, shape, str(run.info.seed))
        for lane, points in wanted.items()
        if points
        for shape in [_shape(run, known[lane], calls_s)]
        for planned in points
    ]
    return Predictions(
        run=run.info.name,
        scenario=run.info.scenario,
        delay=run.info.delay,
        calibrated={lane: one.points for lane, one in known.items()},
        points=tuple(found),
    )


def _slower(run: Run, lane: str, point: Point) -> float:
    """Return how much slower the core was at a point than at the lane's highest; 1 where no probe told."""
    highest = calibration_points(run, lane)[:1]
    speeds = [run.median_at(lane, where, lambda trial: trial.speed) for where in (*highest, point)]
    return speeds[0] / speeds[1] if len(speeds) > 1 and speeds[0] and speeds[1] else 1.0


def _shape(run: Run, one: Calibrated, calls_s: Floats) -> Shape:
    summaries = {point.point: point for point in run.points_of(one.lane)}
    found = [summaries[point].percentiles.get("p95") for point in one.points if point in summaries]
    window_s = median(trial.window_s for trial in run.valid_at(one.lane, one.points[0]))
    return shape_of(one, [p95.ms if p95 and not p95.at_least else None for p95 in found], calls_s, window_s)
