"""The four verdicts, better, worse, equivalent and inconclusive, with every doubt as a value: paired and unpaired."""

import math
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from harness.facts.config import Bounds, Primary, judged_places
from harness.facts.figures import BY_NAME, too_few_beyond
from harness.facts.point import Place
from harness.facts.trial import Trial
from harness.facts.verdict import Doubt, Resolution, Verdict, Word
from harness.judge.looks import Looks, declared, repeated_interval, sequential_p
from harness.judge.power import chance_of_equality, pairs_to_settle, resolution
from harness.judge.statistics import SIGNIFICANCE, Ratio, holm, is_equivalent, paired_ratio

LEAST_PAIRS = 8
EQUALITY_LEVEL = 2 * SIGNIFICANCE  # of the interval: two one-sided tests at 5 % each
Question = TypeVar("Question", bound=Hashable)


@dataclass(frozen=True)
class Case:
    """What is known of one question: the ratio over blocks, paired or not, and what casts doubt on it.

    `lacking` are valid trials without the figure: to drop them would judge a lane by the blocks in which it did well.
    `failed_share` is that of the lane in which more of the requests failed or got no answer. `planned` is how many
    pairs were planned, with looks before the last; None: the pairs are simply those that there are.
    """

    metric: str
    ratio: Ratio | None
    lacking: int = 0
    failed_share: float = 0.0
    planned: int | None = None

    @property
    def looks(self) -> Looks | None:
        """The looks of the plan, the last of them at the pairs that there are after all."""
        if self.ratio is None or self.planned is None:
            return None
        looks = declared(self.planned)
        return looks if self.ratio.pairs in looks.pairs else looks.ending_at(self.ratio.pairs)

    @property
    def p(self) -> float:
        """The two-sided p, with the looks allowed for; 1 without a ratio, since the question was asked."""
        if self.ratio is None:
            return 1.0
        return sequential_p(self.looks, self.ratio.pairs, self.ratio.p) if self.looks else self.ratio.p

    def with_interval(self, level: float = SIGNIFICANCE) -> Ratio | None:
        """Return the ratio with its interval of confidence 1 - `level`, with the looks allowed for."""
        if self.ratio is None:
            return None
        return repeated_interval(self.looks, self.ratio, 1 - level) if self.looks else self.ratio.at_level(level)

    @property
    def is_short(self) -> bool:
        """Whether there are fewer pairs than a verdict takes: but for a look that was declared before."""
        if self.ratio is None:
            return True
        is_look = (self.planned or 0) >= LEAST_PAIRS and self.ratio.pairs in declared(self.planned or 0).pairs
        return self.ratio.pairs < LEAST_PAIRS and not is_look


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
    raw = {name: cases[question].p for name, question in named.items()}
    adjusted = {named[name]: p for name, p in holm(raw).items()}
    return {
        question: _decision(
            case,
            adjusted[question],
            failing=case.failed_share > most_failed,
            withheld=case.metric in fooled,
            complete=complete,
            family=len(cases),
        )
        for question, case in cases.items()
    }


def _decision(case: Case, p: float, *, failing: bool, withheld: bool, complete: bool, family: int) -> Decision:
    found: dict[Doubt, bool] = {
        "incomplete": not complete,
        "withheld": withheld,
        "lacking": case.lacking > 0,
        "failures": failing,
        "few blocks": case.is_short,
    }
    doubts = tuple(doubt for doubt, holds in found.items() if holds)
    word: Word = "inconclusive" if doubts else word_for(case, p)
    blocks = None
    if case.ratio is not None and word == "inconclusive" and set(doubts) <= {"few blocks"}:
        settling = pairs_to_settle(case.ratio, SIGNIFICANCE / family, EQUALITY_LEVEL)
        blocks = max(settling.pairs, LEAST_PAIRS) if settling else None
    return Decision(word, p if case.ratio else None, doubts, blocks)


def word_for(case: Case, p: float) -> Word:
    """Return the verdict on a case without doubts, with its adjusted p."""
    equal = case.with_interval(EQUALITY_LEVEL)
    if equal is None or case.ratio is None:
        return "inconclusive"
    if is_equivalent(equal):
        return "equivalent"
    if p > SIGNIFICANCE:
        return "inconclusive"
    return "better" if (case.ratio.value > 1) == (BY_NAME[case.metric].better == "higher") else "worse"


def verdicts(
    primaries: Sequence[Primary],
    trials: Sequence[Trial],
    *,
    most_failed: float,
    planned: int | None = None,
    fooled: Collection[str] = (),
    complete: bool = True,
) -> tuple[Verdict, ...]:
    """Judge every primary, from the pairs of valid trials; p is adjusted by Holm over all of them.

    `planned` is how many pairs were planned, with looks before the last.
    """
    cases = {primary: _case(primary, trials, planned) for primary in primaries}
    decided = decide(cases, most_failed=most_failed, fooled=fooled, complete=complete)
    return tuple(_verdict(primary, cases[primary], decided[primary], trials) for primary in primaries)


def is_settled(primaries: Sequence[Primary], trials: Sequence[Trial], planned: int, family: int) -> bool:
    """Say whether a look shows every primary to differ, whatever becomes of the others of a family of so many.

    No p that Holm adjusts is more than its number times p. A look takes all the pairs that were due by then.
    """
    whole = of_whole_blocks(trials, judged_places(primaries))
    cases = [_case(primary, whole, planned) for primary in primaries]
    return all(
        case.ratio is not None
        and case.ratio.pairs in declared(planned).pairs
        and not case.lacking
        and family * case.p <= SIGNIFICANCE
        for case in cases
    )


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
    primaries: Sequence[Primary], controls: Sequence[Primary], trials: Sequence[Trial], planned: int
) -> tuple[Resolution, ...]:
    """Return what the run can see in each metric with all of its pairs, from their pooled deviation, A/A included.

    At the level of the strictest of Holm's steps, since any primary may have to pass that one.
    """
    found: list[Resolution] = []
    for metric in dict.fromkeys(primary.metric for primary in primaries):
        pairs = [_pairs(pair, trials) for pair in (*primaries, *controls) if pair.metric == metric]
        groups = [[math.log(first / second) for first, second in group] for group in pairs]
        seen = resolution(groups, max(planned, *map(len, groups)), SIGNIFICANCE / len(primaries))
        if seen is not None:
            found.append(
                Resolution(
                    metric=metric,
                    pairs=seen.pairs,
                    effect=seen.effect,
                    low=seen.effect_low,
                    high=seen.effect_high,
                    equality=chance_of_equality(seen.sd, seen.pairs, EQUALITY_LEVEL),
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


def _case(primary: Primary, trials: Iterable[Trial], planned: int | None) -> Case:
    valid = [trial for trial in trials if trial.status == "valid" and trial.place in primary.places]
    return Case(
        primary.metric,
        paired_ratio(_pairs(primary, valid)),
        lacking=sum(not measured(trial, primary.metric) for trial in valid),
        failed_share=max(failed_share(trial for trial in valid if trial.lane == lane) for lane in primary.lanes),
        planned=planned,
    )


def _pairs(primary: Primary, trials: Iterable[Trial], metric: str = "") -> list[tuple[float, float]]:
    """Return the two lanes' values of the primary's metric, or another, block by block, where both have a valid one."""
    values = {
        (trial.lane, trial.block): value
        for trial in trials
        if trial.status == "valid"
        and trial.place in primary.places
        and (value := measured(trial, metric or primary.metric))
    }
    blocks = sorted({block for _, block in values})
    return [
        (values[primary.lane, block], values[primary.baseline, block])
        for block in blocks
        if {(primary.lane, block), (primary.baseline, block)} <= values.keys()
    ]


def _verdict(primary: Primary, case: Case, decision: Decision, trials: Iterable[Trial]) -> Verdict:
    ratio = case.with_interval()
    figure = BY_NAME[primary.metric].raw
    raw = replace(case, ratio=paired_ratio(_pairs(primary, trials, figure))).with_interval() if figure else None
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
        planned=case.planned,
        raw=(raw.value, raw.low, raw.high) if raw else None,
    )
