"""What plans with declared looks come to where the truth is known: errors, coverage, pairs used, equality found."""

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import numpy as np

from harness.judge.looks import Looks, levels
from harness.judge.power import chance_of_equality, power_of, rate_interval
from harness.judge.rows import Flags
from harness.judge.statistics import EQUIVALENCE, SIGNIFICANCE
from harness.studies.early_stops import Stopped, stopped
from harness.studies.noises import NOISES, PROMISED_FOR
from harness.studies.study import Row, Study

LOOKS = Looks((4, 7, 10))
FAMILIES = (2, 3)  # primaries
REAL = 1.3  # the ratio of a primary that differs while the others do not
MEDIANS = {  # of the pairs that plans of one primary use, by its ratio and the deviation of the log ratio
    (1.0, 0.05): 10,
    (1.1, 0.05): 7,
    (1.3, 0.05): 4,
    (1.7, 0.05): 4,
    (1.0, 0.08): 10,
    (1.1, 0.08): 10,
    (1.3, 0.08): 7,
    (1.7, 0.08): 4,
}
HELD = (94.0, 96.0)  # percent of the plans whose intervals hold the truth at every look
MOST_LOST = 3.0  # percent of the plans that would find a difference or equality with one look at all pairs alone
ERRORS = (0.0, 100 * SIGNIFICANCE)
DEVIATIONS_OF_EQUAL = (0.035, 0.05, 0.08)
TOST = 0.9  # confidence of an interval that makes two one-sided tests at 5 % each


@dataclass(frozen=True)
class Case:
    """A row's circumstances; `promised` are the bounds of its figure, None for none."""

    noise: str = "normal"
    primaries: int = 1
    ratio: float = 1.0
    deviation: float = 0.05
    promised: tuple[float, float] | None = None

    @property
    def row(self) -> Row:
        """The circumstances as columns."""
        deviation = 100 * self.deviation
        return {"noise": self.noise, "primaries": self.primaries, "ratio": self.ratio, "deviation_percent": deviation}


Kept = tuple[Row, bool]


def looks(plans: int = 10_000, seed: int = 1, promised: Collection[str] = PROMISED_FOR) -> Study:
    """Simulate plans that look after 4, 7 and 10 pairs, so many for each row.

    `promised` are the noises under which at most 5 % of the families may have a wrong p.
    """
    luck = np.random.default_rng(seed)
    families = [Case(noise, primaries) for noise in NOISES for primaries in FAMILIES]
    bounded = [replace(case, promised=ERRORS) if case.noise in promised else case for case in families]
    rows = [row for case in bounded for row in _errors(case, plans, luck)]
    rows += [row for ratio, deviation in MEDIANS for row in _courses(ratio, deviation, plans, luck)]
    rows += [_equality(ratio, sd, plans, luck) for sd in DEVIATIONS_OF_EQUAL for ratio in (1.0, EQUIVALENCE)]
    return Study(
        title="{:,} simulated plans with looks after {}, {} and {} pairs".format(plans, *LOOKS.pairs),
        rows=tuple(row for row, _ in sorted(rows, key=lambda kept: str(kept[0]["figure"]))),
        notes=(
            "low and high: 95 % interval of the simulated share (Clopper-Pearson).",
            "A wrong p: that of a primary without a difference is at most 0.05, adjusted by Holm. The primary that "
            f"differs has a ratio of {REAL:g}.",
            "Where plans stop early, their intervals hold the truth more often than 95 %: they allow for all looks.",
            "Noise of one lane alone is not promised: the first pairs seldom meet its rare slow blocks.",
        ),
        promise="every figure is what it is to be, within the interval of its share",
        kept=all(kept for _, kept in rows),
    )


def _errors(case: Case, plans: int, luck: np.random.Generator) -> Iterator[Kept]:
    """Yield how often a p is wrong in plans of equal lanes, and in those with one primary that differs."""
    logs = case.deviation * NOISES[case.noise](luck, (case.primaries, plans, LOOKS.pairs[-1]))
    for family, real in (("equal lanes", 0), ("one of them differs", 1)):
        logs[:real] += math.log(REAL)
        seen = stopped(LOOKS, logs)
        wrong, at_stop = seen.different[:, real:], seen.at_stop(seen.different)[real:]
        yield _share(f"wrong p at any look, {family}", case, np.asarray(wrong.any(axis=(0, 1))))
        yield _share(f"wrong p at the stop, {family}", case, np.asarray(at_stop.any(axis=0)))


def _courses(ratio: float, deviation: float, plans: int, luck: np.random.Generator) -> Iterator[Kept]:
    """Yield how often intervals hold a ratio, how often a difference is found, and how many pairs that takes."""
    case = Case(ratio=ratio, deviation=deviation)
    logs = math.log(ratio) + deviation * luck.standard_normal((max(FAMILIES), plans, LOOKS.pairs[-1]))
    alone = stopped(LOOKS, logs[:1])
    hold = np.asarray(np.abs(alone.log - math.log(ratio)) <= alone.half_widths())
    yield _share("interval holds at every look", replace(case, promised=HELD), np.asarray(hold[:, 0].all(axis=0)))
    yield _share("interval holds at the stop", replace(case, promised=(HELD[0], 100.0)), alone.at_stop(hold)[0])
    if ratio > 1:
        least = 100 * power_of(ratio, deviation, LOOKS.pairs[-1]) - MOST_LOST
        yield _share("difference found", replace(case, promised=(least, 100.0)), alone.at_stop(alone.different)[0])
    yield _pairs_used(case, alone, MEDIANS[ratio, deviation])
    for primaries in FAMILIES:
        yield _pairs_used(replace(case, primaries=primaries), stopped(LOOKS, logs[:primaries]), None)


def _equality(ratio: float, deviation: float, plans: int, luck: np.random.Generator) -> Kept:
    """Return how often the repeated interval of 90 % says that lanes are equal, where they are or just are not."""
    seen = stopped(LOOKS, math.log(ratio) + deviation * luck.standard_normal((1, plans, LOOKS.pairs[-1])))
    within = np.asarray(np.abs(seen.log) + seen.half_widths(TOST) <= math.log(EQUIVALENCE))
    chance = chance_of_equality(deviation, LOOKS.pairs[-1], levels(LOOKS, 1 - TOST)[-1])
    promised = ERRORS if ratio > 1 else (100 * chance - MOST_LOST, 100.0)
    return _share(
        "called equivalent", Case(ratio=ratio, deviation=deviation, promised=promised), seen.at_stop(within)[0]
    )


def _share(figure: str, case: Case, hits: Flags) -> Kept:
    """Return a row with the share of hits in percent, and whether it may be what it is to be."""
    low, high = (100 * end for end in rate_interval(int(hits.sum()), len(hits)))
    least, most = case.promised or (0.0, 100.0)
    row: Row = {"percent": 100 * float(hits.mean()), "low_percent": low, "high_percent": high}
    return {"figure": figure, **case.row, **row, "pairs": None, "to_be": _told(case)}, high >= least and low <= most


def _told(case: Case) -> str:
    if case.promised is None:
        return "not promised"
    least, most = case.promised
    if least <= 0:
        return f"at most {most:.0f}"
    return f"at least {least:.0f}" if most >= 100 else f"{least:.0f} to {most:.0f}"


def _pairs_used(case: Case, seen: Stopped, promised: int | None) -> Kept:
    """Return a row with the median of the pairs used, and whether it is the promised one."""
    median = float(np.median(seen.pairs))
    none: Row = {"percent": None, "low_percent": None, "high_percent": None}
    told = "not promised" if promised is None else str(promised)
    row: Row = {"figure": "median pairs used", **case.row, **none, "pairs": median, "to_be": told}
    return row, promised in {None, median}
