"""Which rates are probed next: around the one that the model names, until what is held and what is missed are near."""

import math
from collections.abc import Sequence

from harness.facts.capacity import Probe

APART = 0.05  # of the first three probes
STEP = 1.1  # further where all of them are held, or none is
NEAR = 1.03  # the highest held and the lowest missed rate within this ratio are an answer
MOST_PROBES = 8  # of a lane
PATIENCE = 2  # times the usual blocks for a probe that is not resolved


def next_rates(named: float, probes: Sequence[Probe], blocks: int) -> list[float]:
    """Return the rates that are measured next, each in `blocks` blocks; none where the search is at its end.

    First the named rate, 5 % below and 5 % above. What is not resolved is measured again once. Then further down where
    the lowest is missed, further up where the highest is held, and else half-way between held and missed, until they
    are near. An unresolved probe is never passed over, for a search that trusts it walks off at random.
    """
    if not probes:
        return [rounded(named * factor) for factor in (1 - APART, 1.0, 1 + APART)]
    known = sorted(probes, key=lambda probe: probe.rate_rps)
    missed = min((probe.rate_rps for probe in known if probe.word == "missed"), default=math.inf)
    held = max((probe.rate_rps for probe in known if probe.word == "held" and probe.rate_rps < missed), default=0.0)
    open_ones = [probe for probe in known if probe.word == "unresolved" and held < probe.rate_rps < missed]
    if again := [probe.rate_rps for probe in open_ones if probe.measured < PATIENCE * blocks]:
        return again
    if len(known) >= MOST_PROBES:
        return []
    if not held:
        return _new(known[0].rate_rps / STEP, known) if known[0].word == "missed" else []
    if math.isinf(missed):
        return _new(known[-1].rate_rps * STEP, known) if known[-1].word == "held" else []
    if open_ones or missed / held <= NEAR:
        return []
    return _new(math.sqrt(held * missed), known)


def _new(rate: float, known: Sequence[Probe]) -> list[float]:
    asked = rounded(rate)
    return [] if asked in [probe.rate_rps for probe in known] else [asked]


def rounded(rate: float) -> float:
    """Return a rate with three significant digits: it is a name, too."""
    return float(f"{rate:.3g}")
