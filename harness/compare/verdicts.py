"""What the trials of two runs say of B against A: a verdict for each lane, point and metric."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from harness.compare.sides import Key, Side, label
from harness.facts.config import Metric
from harness.facts.records import users
from harness.judge.statistics import Ratio, blocks_to_settle, holm, unpaired_ratio
from harness.judge.verdict import FIELDS, LEAST_PAIRS, Word, is_significant, measured, word_for

EXPLORED: tuple[Metric, ...] = ("throughput", "p95")
Question = tuple[Key, Metric]


@dataclass(frozen=True)
class FigureVerdict:
    """One metric at one lane and point, B against A.

    `ratio` is B / A over the blocks, unpaired. `p` is adjusted (Holm): that of a primary over the primaries, any other
    over all others. `lacking` are valid trials without the figure, on either side: to drop them would judge a lane by
    the blocks in which it did well. `withheld`: in one of the runs a lane differed from itself in this metric (A/A), so
    a primary decides nothing.
    """

    label: str
    metric: Metric
    primary: bool
    blocks_a: int
    blocks_b: int
    lacking: int
    ratio: Ratio | None
    p: float | None
    word: Word
    withheld: bool = False

    @property
    def blocks_to_settle(self) -> int | None:
        """How many blocks a side would settle an inconclusive verdict; None where it is settled, or 1,000 would not."""
        if self.word != "inconclusive" or self.ratio is None or self.lacking or self.withheld:
            return None
        blocks = blocks_to_settle(self.ratio)
        return blocks and max(blocks, LEAST_PAIRS)


@dataclass(frozen=True)
class _Blocks:
    """The values of one figure in a run, one for each block, and how many valid trials have none."""

    values: tuple[float, ...]
    lacking: int


def judge(a: Side, b: Side, keys: Iterable[Key]) -> dict[Key, dict[str, FigureVerdict]]:
    """Return the verdicts by row and metric: of every primary of both runs, and of what both runs measured.

    There is none on Locust's reports.
    """
    if a.kind != "run":
        return {}
    primaries = primaries_of(a) & primaries_of(b)
    found = {question: (_blocks(a, question), _blocks(b, question)) for question in _questions(keys, primaries)}
    judged = {question: sides for question, sides in found.items() if question in primaries or _both(sides)}
    ratios = {question: unpaired_ratio(ours.values, theirs.values) for question, (theirs, ours) in judged.items()}
    adjusted = _adjusted(ratios, primaries)
    fooled = {control.metric for control in (*a.controls, *b.controls) if is_significant(control)}
    verdicts: dict[Key, dict[str, FigureVerdict]] = {}
    for question, sides in judged.items():
        verdict = _verdict(question, question in primaries, sides, ratios[question], adjusted.get(question))
        if verdict.primary and verdict.metric in fooled:
            verdict = replace(verdict, word="inconclusive", withheld=True)
        elif not (_is_complete(a) and _is_complete(b)):
            verdict = replace(verdict, word="inconclusive")  # to stop at will would choose the result
        verdicts.setdefault(question[0], {})[question[1]] = verdict
    return verdicts


def _is_complete(side: Side) -> bool:
    """Say whether a run was measured to its end; a bare trials.csv does not say that it was not."""
    return side.info is None or side.info.status == "complete"


def primaries_of(side: Side) -> set[Question]:
    """Return what a run declared: its primaries' metrics, for either lane of the pair, at the verdict point."""
    point = users(side.info.verdict_users if side.info else 0)
    return {((lane, point), primary.metric) for primary in side.primaries for lane in (primary.lane, primary.baseline)}


def _questions(keys: Iterable[Key], primaries: set[Question]) -> Iterator[Question]:
    for key in keys:
        yield from ((key, metric) for metric in FIELDS if metric in EXPLORED or (key, metric) in primaries)


def _blocks(side: Side, question: Question) -> _Blocks:
    (lane, point), metric = question
    trials = [trial for trial in side.trials if (trial.lane, trial.point, trial.status) == (lane, point, "valid")]
    values = [value for trial in trials if (value := measured(trial, metric))]
    return _Blocks(tuple(values), len(trials) - len(values))


def _both(sides: tuple[_Blocks, _Blocks]) -> bool:
    return all(side.values for side in sides)


def _adjusted(ratios: Mapping[Question, Ratio | None], primaries: set[Question]) -> dict[Question, float]:
    """Return each p adjusted over its own family: the primaries, or everything else."""
    adjusted: dict[Question, float] = {}
    for family in (ratios.keys() & primaries, ratios.keys() - primaries):
        named = {str(question): question for question in family}
        # one without a ratio counts as one that was tested: the family is what was declared
        holms = holm({name: ratio.p if (ratio := ratios[asked]) else 1.0 for name, asked in named.items()})
        adjusted |= {asked: holms[name] for name, asked in named.items() if ratios[asked]}
    return adjusted


def _verdict(
    question: Question, primary: bool, sides: tuple[_Blocks, _Blocks], ratio: Ratio | None, p: float | None
) -> FigureVerdict:
    (a, b), (key, metric) = sides, question
    lacking = a.lacking + b.lacking
    return FigureVerdict(
        label=label(key),
        metric=metric,
        primary=primary,
        blocks_a=len(a.values),
        blocks_b=len(b.values),
        lacking=lacking,
        ratio=ratio,
        p=p,
        word="inconclusive" if lacking else word_for(metric, ratio, p),
    )
