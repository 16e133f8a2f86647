"""How often the judge is right about simulated plans and trials whose truth is known."""

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
import scipy  # its parts load when they are used

from harness.judge.power import rate_interval
from harness.judge.rows import Flags, Floats
from harness.judge.statistics import CONFIDENCE, EQUIVALENCE, SIGNIFICANCE
from harness.judge.validity import rule_named
from harness.judge.verdict import EQUALITY_LEVEL
from harness.studies.bounds import bounds
from harness.studies.healthy import Healthy, healthy_case
from harness.studies.noises import NOISES, PROMISED_FOR
from harness.studies.study import Row, Study

BLOCKS = 10
TRUTH = 1.1  # the ratio that intervals are to hold; equal lanes have 1
DEVIATIONS = (0.02, 0.05, 0.1)  # of the log ratio
CORRELATION = 0.9  # of the two primaries, where they depend on each other
PROMISED = (94.0, 96.0)  # percent of the intervals that hold the truth
COVERAGE = "interval holds the truth"
HEALTHY = (  # the hardest last: of many users with long, scattered waits some have no answer when the window opens
    Healthy(1, 0.2, 0.3),
    Healthy(16, 0.2, 0.3),
    Healthy(100, 0.2, 0.3),
    Healthy(300, 1.0, 0.1),
    Healthy(300, 1.0, 0.3),
)
RULES = {name: rule_named(name).reason for name in ("idle users", "Little's law", "steady state")}


@dataclass(frozen=True)
class Judged:
    """What paired_ratio says of each plan: the ends of the interval as log ratios, and p."""

    low: Floats
    high: Floats
    equal: Flags
    p: Floats


def judged(logs: Floats) -> Judged:
    """Judge plans at once, one for each row of log ratios, as harness.judge.statistics.paired_ratio does one."""
    test = scipy.stats.ttest_1samp(logs, 0.0, axis=-1)
    interval = test.confidence_interval(CONFIDENCE)
    narrow, room = test.confidence_interval(1 - EQUALITY_LEVEL), math.log(EQUIVALENCE)
    equal = np.asarray((narrow.low >= -room) & (narrow.high <= room))
    return Judged(np.asarray(interval.low), np.asarray(interval.high), equal, np.asarray(test.pvalue))


def adjusted(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """Return Holm's adjusted p of two primaries for each plan: the smaller doubled, the larger never below that."""
    least = np.minimum(1.0, 2 * np.minimum(first, second))
    return np.maximum(first, least), np.maximum(second, least)


def called_different(seen: Judged, p: Floats) -> Flags:
    """Say for each plan whether the verdict is "better" or "worse", as harness.judge.verdict.word_for does."""
    return np.asarray((p <= SIGNIFICANCE) & ~seen.equal)


def coverage_and_errors(plans: int = 10_000, seed: int = 1, promised: Collection[str] = PROMISED_FOR) -> Study:
    """Simulate plans of ten blocks: how often the interval holds the truth, how often equal lanes are told apart.

    The errors are family-wise, of one primary or both, with p adjusted by Holm. `promised` are the noises under which
    the figures must be what they are to be; the others show the limits of the t interval.
    """
    luck = np.random.default_rng(seed)
    settings = [(noise, deviation) for noise in NOISES for deviation in DEVIATIONS]
    rows = [row for noise, deviation in settings for row in _rows(noise, deviation, plans, luck)]
    return Study(
        title=f"{plans:,} simulated plans of {BLOCKS} blocks for each noise",
        rows=tuple(_named(row, promised) for row in sorted(rows, key=lambda row: str(row["figure"]))),
        notes=(*_broken_promises(rows, plans), *NOTES),
        promise="noise {}: the interval holds the truth in {:.0f} to {:.0f} %, errors in at most 5 %, both "
        "within the interval of their share".format(" or ".join(promised), *PROMISED),
        kept=all(_keeps(rows, noise, plans) for noise in promised),
    )


def _named(row: Row, promised: Collection[str]) -> Row:
    return row if row["noise"] in promised else {**row, "to_be": "not promised"}


def _keeps(rows: list[Row], noise: str, plans: int) -> bool:
    """Say whether the figures of a noise may be what they are to be."""
    errors = {str(row["figure"]) for row in rows} - {COVERAGE}
    few = all(_pooled(rows, noise, figure, plans)[0] <= SIGNIFICANCE for figure in errors)
    return few and _covers(rows, noise, plans)


def _covers(rows: list[Row], noise: str, plans: int) -> bool:
    low, high = _pooled(rows, noise, COVERAGE, plans)
    return 100 * low <= PROMISED[1] and 100 * high >= PROMISED[0]


def _pooled(rows: list[Row], noise: str, figure: str, plans: int) -> tuple[float, float]:
    """Return the interval of a share over all deviations of a noise: only wrong verdicts depend on it, downwards."""
    shares = _percents(rows, noise, figure)
    return rate_interval(round(plans * sum(shares) / 100), plans * len(shares))


READ = "low and high: 95 % interval of the simulated share (Clopper-Pearson); one in twenty misses its truth."
NOTES = (
    READ,
    "Neither interval nor p depends on the size of the noise: rows that differ in it alone show the simulation's luck.",
    "Skewed noise is exponential: in both lanes alike, or in one of the two alone, which is the harder case.",
    "Two speeds: one lane alone meets a slow core in 15 % of the blocks; many plans see no such block, and miss it.",
    'A wrong verdict is "better" or "worse": a wrong p, and a 90 % interval beyond the bounds of equivalence.',
)


def _rows(noise: str, deviation: float, plans: int, luck: np.random.Generator) -> Iterator[Row]:
    """Yield the figures of one noise: two independent primaries, and a third that depends on the first."""
    first, second = deviation * NOISES[noise](luck, (2, plans, BLOCKS))
    alike = CORRELATION * first + math.sqrt(1 - CORRELATION**2) * second
    seen = judged(first + math.log(TRUTH))
    hold = (seen.low <= math.log(TRUTH)) & (math.log(TRUTH) <= seen.high)
    figures = {COVERAGE: (hold, "{:.0f} to {:.0f}".format(*PROMISED))}
    for relation, other in (("independent", second), (f"correlated {CORRELATION}", alike)):
        wrong_p, wrong_word = _errors(judged(first), judged(other))
        figures[f"wrong p, two primaries {relation}"] = (wrong_p, "at most 5")
        figures[f"wrong verdict, two primaries {relation}"] = (wrong_word, "at most 5")
    for figure, (hits, to_be) in figures.items():
        yield {"figure": figure, "noise": noise, "deviation_percent": 100 * deviation, **_share(hits), "to_be": to_be}


def _errors(first: Judged, second: Judged) -> tuple[Flags, Flags]:
    """Say for each plan of equal lanes whether any p is wrong, and whether any verdict is."""
    p = adjusted(first.p, second.p)
    words = called_different(first, p[0]) | called_different(second, p[1])
    return np.asarray(np.minimum(*p) <= SIGNIFICANCE), words


def _share(hits: Flags) -> Row:
    """Return the share of hits in percent, with its interval."""
    low, high = rate_interval(int(hits.sum()), len(hits))
    return {"percent": 100 * float(hits.mean()), "low_percent": 100 * low, "high_percent": 100 * high}


def _broken_promises(rows: list[Row], plans: int) -> Iterator[str]:
    """Say of each noise whether its intervals hold the truth less or more often than promised, and what p is worth."""
    for noise in NOISES:
        if not _covers(rows, noise, plans):
            shares = _percents(rows, noise, COVERAGE)
            wrong = max(_percents(rows, noise, "wrong p"))
            yield (
                f"Noise {noise} leaves the promise: the interval holds the truth in {min(shares):.1f} to "
                f"{max(shares):.1f} % of the plans, and up to {wrong:.1f} % have a wrong p."
            )


def _percents(rows: list[Row], noise: str, figure: str) -> list[float]:
    """Return the shares of the figures of one noise whose names begin like this."""
    mine = [row["percent"] for row in rows if row["noise"] == noise and str(row["figure"]).startswith(figure)]
    return [share for share in mine if isinstance(share, float)]


def false_rejections(trials: int = 2_000, seed: int = 1) -> Study:
    """Simulate healthy trials of closed load, equally many of each kind: how often a rule of validity rejects one."""
    luck = np.random.default_rng(seed)
    rows = [row for kind in HEALTHY for row in _rejections(kind, max(1, trials // len(HEALTHY)), luck)]
    shares = [(row["rule"], share) for row in rows if isinstance(share := row["percent"], float)]
    worst = {str(rule): max(share for name, share in shares if name == rule) for rule in RULES}
    return Study(
        title=f"{trials:,} simulated healthy trials, and how many the rules reject",
        rows=tuple(rows),
        notes=(
            *(f"{rule}: rejects up to {share:.1f} %, not below 1 %." for rule, share in worst.items() if share >= 1),
            READ,
            "Waits are log-normal: sigma is the deviation of their logarithm. Trials are timed as a plan times them.",
        ),
    )


def _rejections(kind: Healthy, trials: int, luck: np.random.Generator) -> Iterator[Row]:
    allowed = bounds()
    cases = [healthy_case(kind, allowed, luck) for _ in range(trials)]
    known: Row = {"users": kind.users, "mean_wait_ms": 1000 * kind.wait_s, "sigma": kind.sigma}
    for name, rule in RULES.items():
        hits = np.array([rule(case) is not None for case in cases])
        yield {"rule": name, **known, **_share(hits), "to_be": "below 1"}
