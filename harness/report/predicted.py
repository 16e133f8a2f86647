"""Predictions in words: how many were near, and what each miss is put down to."""

from collections.abc import Iterator, Sequence

from harness.document.blocks import Block, Paragraph, listing
from harness.document.numbers import count, figure, signed
from harness.facts.prediction import Residual
from harness.model.interval import COVERAGE
from harness.model.residuals import CLOSE, EXCESS_CLOSE, score
from harness.report.marks import load
from harness.report.tables.predictions import predictions_table

NEAR, LEAST = 0.9, 0.85  # shares of the predictions that are to be near, and within their interval

FINDINGS = "Findings: what lies beyond its interval"


def summary(found: Sequence[Residual]) -> str:
    """Return in a sentence how the predictions did."""
    kept = score(found)
    parts = [
        _of(kept.near, kept.throughput, f"throughput within {CLOSE:.0%}"),
        _of(kept.excess_near, kept.excess, f"p95 beyond upstream time within {EXCESS_CLOSE:.0%}"),
        _of(kept.within, kept.intervals, f"figures in their {COVERAGE:.0%} interval"),
    ]
    told = "; ".join(part for part in parts if part).replace("%", " %")
    return f"Points that the calibration did not see: {told}."


def score_blocks(found: Sequence[Residual]) -> tuple[tuple[Block, ...], bool]:
    """Return the score of predictions as a document has it, and whether it is what was promised."""
    kept = score(found)
    is_kept = kept.near >= NEAR * kept.throughput and kept.within / max(1, kept.intervals) >= LEAST
    promise = f"throughput within {CLOSE:.0%} at {NEAR:.0%} of the points, {LEAST:.0%} of the figures in their interval"
    word = "kept" if is_kept else "MISSED"
    return (
        predictions_table(found),
        Paragraph(summary(found)),
        *listing(FINDINGS, findings(found)),
        Paragraph(f"{word}: {promise}".replace("%", " %"), "better" if is_kept else "worse"),
    ), is_kept


def findings(found: Sequence[Residual]) -> Iterator[str]:
    """Yield every figure beyond its interval, with its suspect."""
    for one in found:
        place = f"{one.prediction.lane}, {load(one.prediction.point)}"
        if not one.held and one.prediction.point.load == "closed":
            said = f"predicted {figure(one.prediction.throughput_rps.value)} ({signed(one.off)} %)"
            yield f"{place}: {figure(one.throughput_rps)} req/s, {said}. Suspect: {one.suspect}."
        expected = one.prediction.excess_ms
        if one.excess_held is False and expected:
            said = f"p95 {figure(one.excess_ms)} ms beyond upstream time, predicted {figure(expected.value)} ms"
            yield f"{place}: {said}. Suspect: {one.suspect}."


def _of(kept: int, all_of_them: int, what: str) -> str:
    return f"{count(kept)} of {count(all_of_them)} {what}" if all_of_them else ""
