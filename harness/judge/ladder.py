"""What each change from one lane to the next buys, and what all of them buy together."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from harness.facts.config import Step
from harness.facts.ladder import Ladder, Rung
from harness.facts.summary import PointSummary
from harness.facts.trial import Trial
from harness.judge.statistics import paired_ratio
from harness.judge.verdict import measured

METRICS = ("throughput", "cpu")
WHOLE = "everything"  # the change from the first lane to the last
SATURATED = 0.9  # of the limit by slots or CPU, from which on more users would not get more
ByLane = Mapping[str, Mapping[int, float]]  # a figure by lane and block


def ladders(steps: Sequence[Step], trials: Sequence[Trial]) -> tuple[Ladder, ...]:
    """Return the ladder in each metric; none where no step has a ratio, as in a run of one block.

    A lane stands for itself at the highest closed load that it was measured at: where it is saturated, or as near to
    that as the run went.
    """
    found = tuple(_ladder(metric, steps, trials) for metric in METRICS)
    return found if any(rung.ratio for ladder in found for rung in ladder.rungs) else ()


def unsaturated(steps: Sequence[Step], summaries: Sequence[PointSummary]) -> tuple[PointSummary, ...]:
    """Return the lanes of the ladder that more users would get more from, each at its highest closed load."""
    lanes = dict.fromkeys(lane for step in steps for lane in (step.baseline, step.lane))
    closed = [point for point in summaries if point.point.load == "closed" and point.limit_share is not None]
    highest = {point.lane: point for point in sorted(closed, key=lambda point: point.point)}
    found = (highest[lane] for lane in lanes if lane in highest)
    return tuple(point for point in found if point.limit_by == "users" or (point.limit_share or 0.0) < SATURATED)


def _ladder(metric: str, steps: Sequence[Step], trials: Sequence[Trial]) -> Ladder:
    values = _at_the_highest(metric, trials)
    whole = _whole(steps)
    return Ladder(
        metric=metric,
        rungs=tuple(_rung(step, values) for step in steps),
        whole=_rung(whole, values) if whole else None,
    )


def _whole(steps: Iterable[Step]) -> Step | None:
    """Return the step from the first lane to the last; None where the rungs do not follow one another."""
    way = [step for step in steps if not step.aside]
    if not way or any(after.baseline != before.lane for before, after in pairwise(way)):
        return None
    return Step(change=WHOLE, lane=way[-1].lane, baseline=way[0].baseline)


def _at_the_highest(metric: str, trials: Sequence[Trial]) -> ByLane:
    closed = [trial for trial in trials if trial.load == "closed"]
    highest = dict(sorted({trial.place for trial in closed}))
    values: dict[str, dict[int, float]] = {lane: {} for lane in highest}
    for trial in closed:
        if trial.status == "valid" and trial.point == highest[trial.lane] and (value := measured(trial, metric)):
            values[trial.lane][trial.block] = value
    return values


def _rung(step: Step, values: ByLane) -> Rung:
    ours, theirs = values.get(step.lane, {}), values.get(step.baseline, {})
    pairs = [(ours[block], theirs[block]) for block in sorted(ours.keys() & theirs.keys())]
    ratio = paired_ratio(pairs)
    if ratio is None:
        return Rung(step=step, pairs=len(pairs))
    return Rung(step=step, pairs=ratio.pairs, ratio=ratio.value, low=ratio.low, high=ratio.high)
