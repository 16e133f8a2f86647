"""How a probe is judged: by the number of requests beyond each bound, which is binomial, in blocks that must agree."""

import math
from collections.abc import Sequence

import scipy  # its parts load when they are used

from harness.facts.capacity import Exceeded, Probe, Word
from harness.facts.slo import CONFIDENCE, Slo
from harness.facts.trial import Trial
from harness.judge.overload import overload
from harness.judge.rows import Evidence
from harness.judge.window import parts

MOST_LOST = 0.5  # of the blocks, in which the backlog grew: from here on the rate is missed whatever the latency


def exceeded(evidence: Evidence, slo: Slo) -> Exceeded:
    """Return how many requests of a window there are, and how many are beyond each clause."""
    requests = evidence.requests
    window = parts(requests, evidence.window, evidence.load)["window"]
    lost = window & ~requests.are("ok")
    late = (
        lost if clause.within_ms is None else lost | (window & (requests.latency_s * 1000 > clause.within_ms))
        for clause in slo.clauses
    )
    return Exceeded(requests=int(window.sum()), late=tuple(int(which.sum()) for which in late))


def word_of(seen: Exceeded, slo: Slo) -> Word:
    """Return what so many requests prove of the SLO, each at 95 %: one-sided bounds of Clopper and Pearson (1934).

    Held: of each clause the upper bound of the share beyond it is at most what it allows. Missed: of one clause the
    lower bound is more. 0 late of 299 hold p99, as 0 of 459 do at 99 % in MLPerf's rule of early stopping.
    """
    if not seen.requests:
        return "unresolved"
    bounds = [
        (*_share_between(late, seen.requests), clause.allowed)
        for late, clause in zip(seen.late, slo.clauses, strict=True)
    ]
    if any(low > allowed for low, _, allowed in bounds):
        return "missed"
    return "held" if all(high <= allowed for _, high, allowed in bounds) else "unresolved"


def _share_between(late: int, requests: int) -> tuple[float, float]:
    """Return the lower and the upper bound of a share, each of which errs in 5 % of cases at most."""
    error, beta = 1 - CONFIDENCE, scipy.stats.beta
    low = float(beta.ppf(error, late, requests - late + 1)) if late else 0.0
    high = float(beta.ppf(CONFIDENCE, late + 1, requests - late)) if late < requests else 1.0
    return low, high


def probe_of(rate: float, blocks: Sequence[tuple[Trial, Exceeded]], slo: Slo) -> Probe:
    """Return what the blocks of a lane at a rate say together.

    Requests of one window share its queue, so their number alone promises too much: the blocks have to agree, and most
    of them have to be valid. A probe is held if all requests together prove it, no block alone is missed, valid or not,
    and the backlog does not grow. It is missed if they prove that and no block alone is held, or if the backlog grows.
    An invalid block counts for nothing else: failed answers make one invalid, and they are what an SLO is about.
    """
    valid = [(trial, seen) for trial, seen in blocks if trial.status == "valid"]
    whole = Exceeded(
        requests=sum(seen.requests for _, seen in valid),
        late=tuple(map(sum, zip(*(seen.late for _, seen in valid), strict=True))) or (0,) * len(slo.clauses),
    )
    lost = sum(trial.sustained is False for trial, _ in valid)
    word = _together(valid, whole, lost, slo) if 2 * len(valid) > len(blocks) else "unresolved"
    if word == "held" and any(word_of(seen, slo) == "missed" for _, seen in blocks):
        word = "unresolved"
    return Probe(
        rate_rps=rate,
        word=word,
        measured=len(blocks),
        valid=len(valid),
        requests=whole.requests,
        late=whole.late,
        not_sustained=lost,
    )


def _together(valid: Sequence[tuple[Trial, Exceeded]], whole: Exceeded, lost: int, slo: Slo) -> Word:
    if lost >= MOST_LOST * len(valid) > 0 or backlog_grows([trial for trial, _ in valid]):
        return "missed"
    each = {"missed" if trial.sustained is False else word_of(seen, slo) for trial, seen in valid}
    proven = word_of(whole, slo)
    contrary: dict[Word, Word] = {"held": "missed", "missed": "held"}
    return "unresolved" if contrary.get(proven) in each else proven


def backlog_grows(trials: Sequence[Trial]) -> bool:
    """Say whether the backlog of some blocks has gained more than luck gives a saturated queue in 5 % of cases.

    Then latency depends on how long the windows are, and says nothing of the rate. The variance is that of
    harness/judge/overload.py: 2.5 / arrivals, of the gain as a share of the arrivals.
    """
    arrivals = sum((trial.rate_rps or 0.0) * trial.window_s for trial in trials)
    gained = overload(trials)
    return gained is not None and gained.gained > float(scipy.stats.norm.isf(1 - CONFIDENCE)) * math.sqrt(
        2.5 / arrivals
    )
