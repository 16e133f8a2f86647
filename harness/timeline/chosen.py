"""Which requests of a run are shown: the median and the p99 one of each lane, at its lowest and its highest load."""

from collections.abc import Mapping, Sequence

from harness.facts.point import Point
from harness.facts.run import Run
from harness.facts.trial import Trial
from harness.judge.counts import Anatomy, Observed
from harness.report.marks import load
from harness.timeline.tracks import Track

NAMES = {50.0: "median", 99.0: "p99"}


def chosen(run: Run, counts: Mapping[str, Observed]) -> dict[str, tuple[Track, ...]]:
    """Return the requests by lane, given the raw counts by trial; a lane without any is absent.

    Closed and open load have a lowest and a highest point each. Of the blocks that were measured there, the one whose
    request is the median one is taken. A server that did not keep up has no request that stands for the others.
    """
    found = {lane: tuple(_of_a_lane(_usable(run, lane), counts)) for lane in run.lanes}
    return {lane: tracks for lane, tracks in found.items() if tracks}


def _usable(run: Run, lane: str) -> list[Trial]:
    valid = (trial for trial in run.trials if (trial.lane, trial.status) == (lane, "valid"))
    return [trial for trial in valid if trial.sustained is not False]


def _of_a_lane(trials: Sequence[Trial], counts: Mapping[str, Observed]) -> list[Track]:
    return [
        Track(load(point), name, _middle(of_it))
        for point in _lowest_and_highest({trial.point for trial in trials})
        for percent, name in NAMES.items()
        if (of_it := [one for trial in trials if trial.point == point for one in _at(percent, counts[trial.trial])])
    ]


def _lowest_and_highest(points: set[Point]) -> list[Point]:
    of_a_kind = [[point for point in points if point.load == kind] for kind in ("closed", "open")]
    return list(dict.fromkeys(end for found in of_a_kind if found for end in (min(found), max(found))))


def _at(percent: float, observed: Observed) -> list[Anatomy]:
    return [anatomy for anatomy in observed.anatomies if anatomy.percent == percent]


def _middle(anatomies: Sequence[Anatomy]) -> Anatomy:
    """Return the one with the median latency; of an even number the lower one, since it has to be a real request."""
    return sorted(anatomies, key=lambda anatomy: anatomy.latency_s)[(len(anatomies) - 1) // 2]
