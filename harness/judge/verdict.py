"""The four verdicts: better, worse, equivalent, inconclusive."""

import math
from collections.abc import Iterable, Sequence
from typing import Literal

from harness.facts.config import Metric, Primary
from harness.facts.records import Resolution, Trial, Verdict
from harness.judge.histograms import LEAST_BEYOND
from harness.judge.power import resolution
from harness.judge.statistics import SIGNIFICANCE, Ratio, blocks_to_settle, holm, is_equivalent, paired_ratio

LEAST_PAIRS = 8
Word = Literal["better", "worse", "equivalent", "inconclusive"]
FIELDS: dict[Metric, str] = {
    "throughput": "throughput_rps",
    "p50": "latency_p50_ms",
    "p95": "latency_p95_ms",
    "p99": "latency_p99_ms",
    "cpu": "cpu_ms_per_request",
}
NAMES: dict[Metric, str] = {
    "throughput": "throughput",
    "p50": "p50 latency",
    "p95": "p95 latency",
    "p99": "p99 latency",
    "cpu": "CPU per request",
}


def verdicts(primaries: Sequence[Primary], trials: Sequence[Trial], users: int) -> tuple[Verdict, ...]:
    """Judge every primary at one point, from the pairs of valid trials; p is adjusted by Holm over all of them."""
    ratios = {
        primary: ratio for primary in primaries if (ratio := paired_ratio(_pairs(primary, trials, users))) is not None
    }
    # one without a ratio counts as one that was tested: the family is what was declared
    adjusted = holm({_key(primary): ratios[primary].p if primary in ratios else 1.0 for primary in primaries})
    return tuple(
        _verdict(
            primary,
            users,
            ratios.get(primary),
            adjusted[_key(primary)] if primary in ratios else None,
            _lacking(primary, trials, users),
        )
        for primary in primaries
    )


def of_whole_blocks(trials: Iterable[Trial], pairs: Sequence[Primary], users: int) -> list[Trial]:
    """Return the trials at the verdict point but for those of a block in which a judged one is invalid.

    Such a block has been replaced by another one, for all pairs; to keep what is left of it would give some of them
    more pairs than were declared.
    """
    lanes = {lane for pair in pairs for lane in (pair.lane, pair.baseline)}
    judged = [trial for trial in trials if trial.users == users and trial.lane in lanes]
    lost = {trial.block for trial in judged if trial.status == "invalid"}
    return [trial for trial in judged if trial.block not in lost]


def undecided(verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """Return the verdicts of a run that is not complete: none, since to stop at will would choose the result."""
    return tuple(
        verdict.model_copy(
            update={
                "verdict": "inconclusive",
                "sentence": f"inconclusive, as the run is not complete: {verdict.sentence.partition(': ')[2]}",
            }
        )
        for verdict in verdicts
    )


def withheld(verdicts: Sequence[Verdict], controls: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """Return the verdicts; where a lane differs significantly from itself in a metric, that metric has none."""
    fooled = {control.metric: control for control in controls if is_significant(control)}
    return tuple(
        _withheld(verdict, fooled[verdict.metric]) if verdict.metric in fooled else verdict for verdict in verdicts
    )


def is_significant(verdict: Verdict) -> bool:
    """Say whether the adjusted p is at most 0.05, whatever the verdict's word."""
    return verdict.p is not None and verdict.p <= SIGNIFICANCE


def _withheld(verdict: Verdict, control: Verdict) -> Verdict:
    sentence = (
        f"withheld: {verdict.sentence.partition(': ')[2]} A/A: {control.baseline} differed from itself "
        f"(ratio {control.ratio:.3f}, p {control.p:.3f}), so this run decides nothing here."
    )
    return verdict.model_copy(update={"verdict": "inconclusive", "withheld": True, "sentence": sentence})


def resolutions(
    primaries: Sequence[Primary], controls: Sequence[Primary], trials: Sequence[Trial], users: int
) -> tuple[Resolution, ...]:
    """Return what the run can see in each metric, from the deviation pooled over its pairs, A/A included."""
    found: list[Resolution] = []
    for metric in dict.fromkeys(primary.metric for primary in primaries):
        pairs = [_pairs(pair, trials, users) for pair in (*primaries, *controls) if pair.metric == metric]
        groups = [[math.log(first / second) for first, second in group] for group in pairs]
        seen = resolution(groups, max(map(len, groups), default=0), SIGNIFICANCE / len(primaries))
        if seen is not None:
            found.append(
                Resolution(
                    metric=metric, pairs=seen.pairs, effect=seen.effect, low=seen.effect_low, high=seen.effect_high
                )
            )
    return tuple(found)


def measured(trial: Trial, metric: Metric) -> float | None:
    """Return a trial's value of a metric; None where it has none, or a percentile without ten answers beyond it."""
    value: float | None = getattr(trial, FIELDS[metric])
    if metric.startswith("p") and trial.window_ok * (1 - int(metric[1:]) / 100) < LEAST_BEYOND:
        return None
    return value


def _pairs(primary: Primary, trials: Iterable[Trial], users: int) -> list[tuple[float, float]]:
    """Return the two lanes' values, block by block, where both have a valid one."""
    values = {
        (trial.lane, trial.block): value
        for trial in trials
        if trial.status == "valid" and trial.users == users and (value := measured(trial, primary.metric))
    }
    blocks = sorted({block for _, block in values})
    return [
        (values[primary.lane, block], values[primary.baseline, block])
        for block in blocks
        if {(primary.lane, block), (primary.baseline, block)} <= values.keys()
    ]


def _lacking(primary: Primary, trials: Iterable[Trial], users: int) -> int:
    """Return how many valid trials have no value of the metric: failed requests reach it, or answers are too few.

    To drop them would judge a lane by the blocks in which it did well.
    """
    lanes = {primary.lane, primary.baseline}
    valid = [trial for trial in trials if trial.status == "valid" and trial.users == users and trial.lane in lanes]
    return sum(measured(trial, primary.metric) is None for trial in valid)


def _key(primary: Primary) -> str:
    return f"{primary.lane} / {primary.baseline}: {primary.metric}"


def _verdict(primary: Primary, users: int, ratio: Ratio | None, p: float | None, lacking: int) -> Verdict:
    word: Word = "inconclusive" if lacking else word_for(primary.metric, ratio, p)
    return Verdict(
        lane=primary.lane,
        baseline=primary.baseline,
        metric=primary.metric,
        users=users,
        pairs=ratio.pairs if ratio else 0,
        ratio=ratio.value if ratio else None,
        low=ratio.low if ratio else None,
        high=ratio.high if ratio else None,
        p=p,
        verdict=word,
        sentence=_sentence(primary, users, ratio, word, lacking),
    )


def word_for(metric: Metric, ratio: Ratio | None, p: float | None) -> Word:
    """Return the verdict on a ratio with its adjusted p; fewer than eight pairs of blocks are always inconclusive."""
    if ratio is None or p is None or ratio.pairs < LEAST_PAIRS:
        return "inconclusive"
    if is_equivalent(ratio):
        return "equivalent"
    if p > SIGNIFICANCE:
        return "inconclusive"
    return "better" if (ratio.value > 1) == (metric == "throughput") else "worse"


def _sentence(primary: Primary, users: int, ratio: Ratio | None, word: Word, lacking: int) -> str:
    """Say the verdict in words and numbers; an inconclusive one with what would settle it."""
    subject = f"{NAMES[primary.metric]} of {primary.lane} against {primary.baseline} at {users} users"
    if lacking:
        return f"{word}: {subject}: {lacking} valid trials have none: failed requests reach it, or answers are few."
    if ratio is None:
        return f"{word}: {subject}: fewer than two blocks are valid for both."
    figures = f"ratio {ratio.value:.2f}, 95 % interval {ratio.low:.2f} to {ratio.high:.2f}, {ratio.pairs} pairs"
    if word != "inconclusive":
        return f"{word}: {subject}: {figures}."
    if ratio.pairs < LEAST_PAIRS:
        return f"{word}: {subject}: {figures}; a verdict takes at least {LEAST_PAIRS}."
    blocks = blocks_to_settle(ratio)
    remedy = f"about {blocks} blocks would settle it" if blocks else "more blocks would hardly settle it"
    return f"{word}: {subject}: {figures}; {remedy}."
