"""The four verdicts, better, worse, equivalent and inconclusive, with every doubt as a value: paired and unpaired."""

import math
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from harness.facts.config import Bounds, Primary
from harness.facts.figures import BY_NAME, too_few_beyond
from harness.facts.point import Place
from harness.facts.trial import Trial
from harness.facts.verdict import Doubt, Resolution, Verdict, Word
from harness.judge.power import resolution
from harness.judge.statistics import SIGNIFICANCE, Ratio, blocks_to_settle, holm, is_equivalent, paired_ratio

LEAST_PAIRS = 8
Question = TypeVar("Question", bound=Hashable)


@dataclass(frozen=True)
class Case:
    """What is known of one question: the ratio over blocks, paired or not, and what casts doubt on it.

    `lacking` are valid trials without the figure: to drop them would judge a lane by the blocks in which it did well.
    `failed_share` is that of the lane in which more of the requests failed or got no answer.
    """

    metric: str
    ratio: Ratio | None
    lacking: int = 0
    failed_share: float = 0.0


@dataclass(frozen=True)
class Decision:
    """The answer: a word, the p that is adjusted for all questions of the family, and every doubt."""

    word: Word
    p: float | None
    doubts: tuple[Doubt, ...]
    blocks_to_settle: int | None


def decide(
    cases: Mapping[Question, Case], *, most_failed: float, fooled: Collection[str] = (), complete: bool = True
) -> dict[Question, Decision]:
    """Decide a family of questions; `fooled` are the metrics in which a lane differed from itself.

    Beyond a share of `most_failed` requests a lane did other work than the one that it is compared with.
    One without a ratio counts as one that was tested: the family is what was declared. A run that is not complete
    decides nothing, since to stop at will would choose the result.
    """
    named = {str(place): question for place, question in enumerate(cases)}
    raw = {name: ratio.p if (ratio := cases[question].ratio) else 1.0 for name, question in named.items()}
    adjusted = {named[name]: p for name, p in holm(raw).items()}
    return {
        question: _decision(
            case,
            adjusted[question],
            failing=case.failed_share > most_failed,
            withheld=case.metric in fooled,
            complete=complete,
        )
        for question, case in cases.items()
    }


def _decision(case: Case, p: float, *, failing: bool, withheld: bool, complete: bool) -> Decision:
    found: dict[Doubt, bool] = {
        "incomplete": not complete,
        "withheld": withheld,
        "lacking": case.lacking > 0,
        "failures": failing,
        "few blocks": case.ratio is None or case.ratio.pairs < LEAST_PAIRS,
    }
    doubts = tuple(doubt for doubt, holds in found.items() if holds)
    word: Word = "inconclusive" if doubts else word_for(case.metric, case.ratio, p)
    blocks = None
    if case.ratio is not None and word == "inconclusive" and set(doubts) <= {"few blocks"}:
        blocks = blocks_to_settle(case.ratio)
    return Decision(word, p if case.ratio else None, doubts, blocks and max(blocks, LEAST_PAIRS))


def word_for(metric: str, ratio: Ratio | None, p: float | None) -> Word:
    """Return the verdict on a ratio with its adjusted p; fewer than eight pairs of blocks are always inconclusive."""
    if ratio is None or p is None or ratio.pairs < LEAST_PAIRS:
        return "inconclusive"
    if is_equivalent(ratio):
        return "equivalent"
    if p > SIGNIFICANCE:
        return "inconclusive"
    return "better" if (ratio.value > 1) == (BY_NAME[metric].better == "higher") else "worse"


def verdicts(
    primaries: Sequence[Primary],
    trials: Sequence[Trial],
    *,
    most_failed: float,
    fooled: Collection[str] = (),
    complete: bool = True,
) -> tuple[Verdict, ...]:
    """Judge every primary, from the pairs of valid trials; p is adjusted by Holm over all of them."""
    cases = {primary: _case(primary, trials) for primary in primaries}
    decided = decide(cases, most_failed=most_failed, fooled=fooled, complete=complete)
    return tuple(_verdict(primary, cases[primary], decided[primary]) for primary in primaries)


def of_whole_blocks(trials: Iterable[Trial], places: Collection[Place]) -> list[Trial]:
    """Return the trials of the judged places, without a block in which one of those at the same point is invalid.

    Such a block has been replaced by another one, for all pairs; to keep what is left of it would give some of them
    more pairs than were declared.
    """
    judged = [trial for trial in trials if trial.place in places]
    lost = {(trial.block, trial.point) for trial in judged if trial.status == "invalid"}
    return [trial for trial in judged if (trial.block, trial.point) not in lost]


def fooled_by(controls: Iterable[Verdict]) -> frozenset[str]:
    """Return the metrics in which a lane differs significantly from itself: the run gives no verdict on these."""
    return frozenset(control.metric for control in controls if is_significant(control))


def is_significant(verdict: Verdict) -> bool:
    """Say whether the adjusted p is at most 0.05, whatever the verdict's word."""
    return verdict.p is not None and verdict.p <= SIGNIFICANCE


def resolutions(
    primaries: Sequence[Primary], controls: Sequence[Primary], trials: Sequence[Trial]
) -> tuple[Resolution, ...]:
    """Return what the run can see in each metric, from the deviation pooled over its pairs, A/A included.

    At the level of the strictest of Holm's steps, since any primary may have to pass that one.
    """
    found: list[Resolution] = []
    for metric in dict.fromkeys(primary.metric for primary in primaries):
        pairs = [_pairs(pair, trials) for pair in (*primaries, *controls) if pair.metric == metric]
        groups = [[math.log(first / second) for first, second in group] for group in pairs]
        seen = resolution(groups, max(map(len, groups), default=0), SIGNIFICANCE / len(primaries))
        if seen is not None:
            found.append(
                Resolution(
                    metric=metric, pairs=seen.pairs, effect=seen.effect, low=seen.effect_low, high=seen.effect_high
                )
            )
    return tuple(found)


def measured(trial: Trial, metric: str) -> float | None:
    """Return a trial's value of a metric; None where it has none, or a percentile with too few requests beyond it."""
    figure = BY_NAME[metric]
    value: float | None = getattr(trial, figure.field)
    if figure.percent is not None and too_few_beyond(figure.percent, trial.window_requests):
        return None
    return value


def most_failed(bounds: Bounds) -> float:
    """Return the share of a lane's requests that may fail or get no answer: what a valid trial may fail, if declared.

    A valid trial keeps it for failed answers; requests without an answer come on top of these.
    """
    return bounds.get("failed_share", 0.0)


def failed_share(trials: Iterable[Trial]) -> float:
    """Return the share of all requests of these trials' windows that failed or got no answer; 0 without any."""
    counted = [(trial.window_failed + trial.window_censored, trial.window_requests) for trial in trials]
    return sum(lost for lost, _ in counted) / max(1, sum(every for _, every in counted))


def _case(primary: Primary, trials: Iterable[Trial]) -> Case:
    valid = [trial for trial in trials if trial.status == "valid" and trial.place in primary.places]
    return Case(
        primary.metric,
        paired_ratio(_pairs(primary, valid)),
        lacking=sum(not measured(trial, primary.metric) for trial in valid),
        failed_share=max(failed_share(trial for trial in valid if trial.lane == lane) for lane in primary.lanes),
    )


def _pairs(primary: Primary, trials: Iterable[Trial]) -> list[tuple[float, float]]:
    """Return the two lanes' values, block by block, where both have a valid one."""
    values = {
        (trial.lane, trial.block): value
        for trial in trials
        if trial.status == "valid" and trial.place in primary.places and (value := measured(trial, primary.metric))
    }
    blocks = sorted({block for _, block in values})
    return [
        (values[primary.lane, block], values[primary.baseline, block])
        for block in blocks
        if {(primary.lane, block), (primary.baseline, block)} <= values.keys()
    ]


def _verdict(primary: Primary, case: Case, decision: Decision) -> Verdict:
    ratio = case.ratio
    return Verdict(
        lane=primary.lane,
        baseline=primary.baseline,
        metric=primary.metric,
        point=primary.point,
        pairs=ratio.pairs if ratio else 0,
        ratio=ratio.value if ratio else None,
        low=ratio.low if ratio else None,
        high=ratio.high if ratio else None,
        p=decision.p,
        word=decision.word,
        doubts=decision.doubts,
        lacking=case.lacking,
        failed_share=case.failed_share,
        blocks_to_settle=decision.blocks_to_settle,
    )
