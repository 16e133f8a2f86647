"""What text and Markdown say of verdicts, in the same words."""

from collections.abc import Iterator

from harness.compare.comparison import Comparison
from harness.compare.show.words import quotient
from harness.compare.verdicts import FigureVerdict
from harness.document.numbers import ABSENT
from harness.facts.figures import BY_NAME
from harness.judge.power import detectable_effect
from harness.judge.statistics import Ratio
from harness.judge.verdict import LEAST_PAIRS


def exploratory(comparison: Comparison) -> Iterator[tuple[str, ...]]:
    """Yield the verdicts that are no primaries, as cells."""
    for verdict in comparison.verdicts:
        if not verdict.primary:
            blocks = f"{verdict.blocks_a}/{verdict.blocks_b}"
            row = verdict.label, verdict.metric, verdict.word, quotient(verdict.ratio.value if verdict.ratio else None)
            yield *row, _interval(verdict), blocks, _chance(verdict.p)


def primaries(comparison: Comparison) -> Iterator[tuple[bool, str]]:
    """Yield for each primary whether B is worse, and the verdict in words and numbers."""
    for verdict in comparison.verdicts:
        if verdict.primary:
            subject = f"{BY_NAME[verdict.metric].prose} of {verdict.label}"
            yield verdict.word == "worse", f"{verdict.word}: {subject}: {_why(verdict)}."


def _why(verdict: FigureVerdict) -> str:
    blocks = f"{verdict.blocks_a} blocks in A and {verdict.blocks_b} in B"
    if verdict.lacking:
        return (
            f"{verdict.lacking} valid trials have none: failures reach it, answers are few, or the server fell behind"
        )
    if "failures" in verdict.decision.doubts:
        return f"{100 * verdict.failed_share:.3g} % of a side's requests failed or got no answer"
    if verdict.withheld:
        return "withheld, since in one of the runs a lane differed significantly from itself (A/A)"
    if verdict.ratio is None:
        return f"{blocks}; {_remedy(verdict)}"
    ratio = f"B/A {quotient(verdict.ratio.value)}"
    figures = f"{ratio}, 95 % interval {_interval(verdict)}, p {_chance(verdict.p)}, {blocks}"
    return figures + (f"; {_remedy(verdict)}; {_resolved(verdict.ratio)}" if verdict.word == "inconclusive" else "")


def _resolved(ratio: Ratio) -> str:
    """Return the least difference that so many blocks find."""
    effect = detectable_effect(ratio.spread, ratio.pairs)
    return "" if effect is None else f"minimum detectable effect {100 * effect:.2g} % (80 % power)"


def _remedy(verdict: FigureVerdict) -> str:
    if min(verdict.blocks_a, verdict.blocks_b) < LEAST_PAIRS:
        return f"a verdict takes at least {LEAST_PAIRS} on each side"
    blocks = verdict.blocks_to_settle
    return f"about {blocks} on each side would settle it" if blocks else "more blocks would hardly settle it"


def _interval(verdict: FigureVerdict) -> str:
    if verdict.ratio is None:
        return ABSENT
    return f"{quotient(verdict.ratio.low)} to {quotient(verdict.ratio.high)}"


def _chance(p: float | None) -> str:
    if p is None:
        return ABSENT
    return "<0.001" if p < 0.001 else f"{p:.3f}"
