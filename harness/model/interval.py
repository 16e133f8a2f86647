"""How far a prediction may be off: what blocks differ by, and what the model itself leaves out."""

import math
import random

import scipy  # its parts load when they are used

COVERAGE = 0.9  # of the predictions that are within their interval
DEVIATIONS = 1.645  # of a normal law that hold that share, where a deviation is known
USUAL_SPREAD = 0.06  # deviation of a log figure between blocks where one block cannot show it: the sample's median

# Deviations, as shares, of the model's own figures from what was measured (`make score` shows them).
LOAD_ERROR = 0.01  # of throughput at the upstream time of the calibration
QUESTION_ERROR = 0.02  # of the rate that a lane carries at the upstream time of a question
EXCESS_ERROR = 0.2  # of a percentile's excess over upstream time


def factor(spread: float | None, blocks: int) -> float:
    """Return by which factor a demand may be off either way, for one more block beside the `blocks` that gave it.

    `spread` is the deviation of its logarithm between blocks, so the factor is Student's; one block has the usual one.
    """
    (off,) = _quantiles(spread, blocks, [(1 + COVERAGE) / 2])
    return math.exp(off * math.sqrt(1 + 1 / max(1, blocks)))


def deviations(spread: float | None, blocks: int, count: int, luck: random.Random) -> list[float]:
    """Return how far, in logs, the demand of other blocks may be from that of `blocks`, which has this spread.

    So many values, spread evenly over Student's law, in an order of chance.
    """
    found = _quantiles(spread, blocks, [(number + 0.5) / count for number in range(count)])
    luck.shuffle(found)
    return found


def _quantiles(spread: float | None, blocks: int, shares: list[float]) -> list[float]:
    freedom, deviation = (blocks - 1, spread) if spread is not None and blocks > 1 else (math.inf, USUAL_SPREAD)
    return [deviation * float(scipy.special.stdtrit(freedom, share)) for share in shares]
