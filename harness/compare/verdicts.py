"""What the trials of two runs say of B against A: a verdict for each lane, point and metric."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from harness.compare.metrics import KNOWN
from harness.compare.replicates import DECLARED
from harness.compare.sides import AGGREGATED, Key, Side, label
from harness.facts.config import judged_places
from harness.facts.figures import BY_NAME, JUDGED, Metric
from harness.facts.trial import Trial
from harness.facts.verdict import Word
from harness.judge.statistics import Ratio, unpaired_ratio
from harness.judge.verdict import (
    Case,
    Decision,
    decide,
    failed_share,
    fooled_by,
    measured,
    most_failed,
    of_whole_blocks,
)

EXPLORED = ("throughput", "p95")
USUAL = {"failed_share": 0.01}  # what a side without a configuration may fail
Question = tuple[Key, str]


@dataclass(frozen=True)
class FigureVerdict:
    """One metric at one lane and point, B against A.

    `ratio` is B / A over the blocks, unpaired. `p` is adjusted (Holm): that of a primary over the primaries, any other
    over all others. `lacking` are valid trials without the figure, on either side;
    `failed_share` is that of the side on which more of the requests failed or got no answer.
    """

    label: str
    metric: str
    primary: bool
    blocks_a: int
    blocks_b: int
    lacking: int
    failed_share: float
    ratio: Ratio | None
    decision: Decision

    @property
    def word(self) -> Word:
        """The verdict on B."""
        return self.decision.word

    @property
    def p(self) -> float | None:
        """The adjusted p."""
        return self.decision.p

    @property
    def withheld(self) -> bool:
        """Whether in one of the runs a lane differed from itself in this metric (A/A)."""
        return "withheld" in self.decision.doubts

    @property
    def blocks_to_settle(self) -> int | None:
        """How many blocks a side would settle an inconclusive verdict; None where it is settled, or 1,000 would not."""
        return self.decision.blocks_to_settle


@dataclass(frozen=True)
class _Blocks:
    """The values of one figure in a run, one for each block; how many valid trials have none; the failed share."""

    values: tuple[float, ...]
    lacking: int
    failed_share: float


def judge(a: Side, b: Side, keys: Iterable[Key]) -> dict[Key, dict[str, FigureVerdict]]:
    """Return the verdicts by row and metric: of every primary of both runs, and of what both runs measured.

    The blocks of a side that is several reports of Locust are these reports.
    """
    primaries = primaries_of(a) & primaries_of(b)
    found = {question: (_blocks(a, question), _blocks(b, question)) for question in _questions(keys, primaries)}
    judged = {question: sides for question, sides in found.items() if question in primaries or _both(sides)}
    cases = {question: _case(question, sides) for question, sides in judged.items()}
    decided = _decided(cases, primaries, a, b)
    verdicts: dict[Key, dict[str, FigureVerdict]] = {}
    for question, sides in judged.items():
        verdict = _verdict(question, question in primaries, sides, cases[question], decided[question])
        verdicts.setdefault(question[0], {})[question[1]] = verdict
    return verdicts


def _decided(cases: Mapping[Question, Case], primaries: set[Question], a: Side, b: Side) -> dict[Question, Decision]:
    """Decide each family on its own: the primaries, on which A/A may withhold a verdict, and everything else."""
    complete = _is_complete(a) and _is_complete(b)
    declared = {question: case for question, case in cases.items() if question in primaries}
    others = {question: case for question, case in cases.items() if question not in primaries}
    fooled = fooled_by((*a.controls, *b.controls))
    bounds = [side.info.config.validity if side.info else USUAL for side in (a, b)]
    most = min(map(most_failed, bounds))
    of_family = partial(decide, most_failed=most, complete=complete)
    return of_family(declared, fooled=fooled) | of_family(others)


def _is_complete(side: Side) -> bool:
    """Say whether a run was measured to its end; a bare trials.csv does not say that it was not."""
    return side.info is None or side.info.status == "complete"


def primaries_of(side: Side) -> set[Question]:
    """Return what a run declared: its primaries' metrics, for either lane of the pair, at its point.

    Of repeated Locust reports the throughput and the p95 of all requests together are judged.
    """
    if side.replicates:
        return {(AGGREGATED, metric) for metric in DECLARED}
    return {(place, primary.metric) for primary in side.primaries for place in primary.places}


def _questions(keys: Iterable[Key], primaries: set[Question]) -> Iterator[Question]:
    for key in keys:
        yield from ((key, metric) for metric in JUDGED if metric in EXPLORED or (key, metric) in primaries)


def _blocks(side: Side, question: Question) -> _Blocks:
    key, metric = question
    if side.replicates:
        return _repeated(side, key, BY_NAME[metric])
    trials = _trials(side, key)
    values = [value for trial in trials if (value := measured(trial, metric))]
    return _Blocks(tuple(values), len(trials) - len(values), failed_share(trials))


def _repeated(side: Side, key: Key, metric: Metric) -> _Blocks:
    """Return the values of a figure in repeated reports; a percentile about luck is none."""
    rows = [one.rows[key] for one in side.replicates if key in one.rows]
    values = [row.values[metric] for row in rows if row.values.get(metric) and row.marks.get(metric) != "few"]
    requests, failures = (sum(row.values.get(KNOWN[name], 0.0) for row in rows) for name in ("requests", "failures"))
    return _Blocks(tuple(values), len(rows) - len(values), failures / requests if requests else 0.0)


def _trials(side: Side, key: Key) -> list[Trial]:
    """Return the valid trials of a row; where it is judged those of whole blocks, as in the run itself."""
    judged = judged_places((*side.info.primaries, *side.info.controls)) if side.info else ()
    trials = of_whole_blocks(side.trials, judged) if key in judged else side.trials
    return [trial for trial in trials if (trial.place, trial.status) == (key, "valid")]


def _both(sides: tuple[_Blocks, _Blocks]) -> bool:
    return all(side.values for side in sides)


def _case(question: Question, sides: tuple[_Blocks, _Blocks]) -> Case:
    a, b = sides
    ratio = unpaired_ratio(b.values, a.values)
    return Case(question[1], ratio, a.lacking + b.lacking, max(a.failed_share, b.failed_share))


def _verdict(
    question: Question, primary: bool, sides: tuple[_Blocks, _Blocks], case: Case, decision: Decision
) -> FigureVerdict:
    (a, b), (key, metric) = sides, question
    return FigureVerdict(
        label=label(key),
        metric=metric,
        primary=primary,
        blocks_a=len(a.values),
        blocks_b=len(b.values),
        lacking=case.lacking,
        failed_share=case.failed_share,
        ratio=case.ratio,
        decision=decision,
    )
