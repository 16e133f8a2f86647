"""What a run says of its primaries, and what it can see."""

from typing import Literal

from harness.facts.point import Point
from harness.facts.record import Record

Word = Literal["better", "worse", "equivalent", "inconclusive"]
Doubt = Literal["incomplete", "withheld", "lacking", "failures", "few blocks"]


class Verdict(Record):
    """What the run says of one primary: `lane` against `baseline` in one metric at one point.

    `ratio` is lane / baseline with its 95 % interval `low`..`high`; `p` is adjusted by Holm over the primaries. Both
    allow for looks at fewer pairs than the `planned` ones. `raw` is ratio, low and high of the figure that the metric
    adjusts.
    Any doubt makes the word "inconclusive": the run is not complete, a lane differed from itself in this metric (A/A),
    valid trials are `lacking` the figure, too many requests of a lane failed, or the blocks are too few.
    """

    lane: str
    baseline: str
    metric: str
    point: Point
    pairs: int
    ratio: float | None
    low: float | None
    high: float | None
    p: float | None
    word: Word
    doubts: tuple[Doubt, ...] = ()
    lacking: int = 0
    failed_share: float = 0.0  # of the requests of that lane in which more failed or got no answer
    blocks_to_settle: int | None = None
    planned: int | None = None
    raw: tuple[float, float, float] | None = None


class Resolution(Record):
    """What a run can see in one metric: the least effect (ratio - 1) that its pairs find with 80 % power.

    `low`..`high` is the 95 % interval that comes from the deviation's own. `equality` is the chance that they show
    equal lanes to be equal.
    """

    metric: str
    pairs: int
    effect: float
    low: float
    high: float
    equality: float
