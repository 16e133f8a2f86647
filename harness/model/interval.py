"""A figure that is predicted, and the interval in which a measurement of it is expected."""

import math
import random
from typing import NamedTuple

import scipy  # its parts load when they are used

COVERAGE = 0.9  # of the predictions that are within their interval
DEVIATIONS = 1.645  # of a normal law that hold that share, where a deviation is known
USUAL_SPREAD = 0.06  # deviation of a log figure between blocks where one block cannot show it: the sample's median
MODEL_ERROR = 0.02  # deviation of the model's own throughput from what was measured (`make score` shows it)


class Interval(NamedTuple):
    """Low end, best value and high end; inf where there is no end."""

    low: float
    value: float
    high: float


def factor(spread: float | None, blocks: int) -> float:
    """Return by which factor a demand may be off either way, for one more block beside the `blocks` that gave it.

    `spread` is the deviation of its logarithm between blocks, so the factor is Student's; one block has the usual one.
    """
    freedom, deviation = (blocks - 1, spread) if spread is not None and blocks > 1 else (math.inf, USUAL_SPREAD)
    quantile = float(scipy.special.stdtrit(freedom, (1 + COVERAGE) / 2))
    return math.exp(quantile * deviation * math.sqrt(1 + 1 / max(1, blocks)))


def deviations(spread: float | None, blocks: int, count: int, luck: random.Random) -> list[float]:
    """Return how far, in logs, the demand of other blocks may be from that of `blocks`, which has this spread.

    So many values, spread evenly over Student's law, in an order of chance.
    """
    freedom, deviation = (blocks - 1, spread) if spread is not None and blocks > 1 else (math.inf, USUAL_SPREAD)
    shares = [(number + 0.5) / count for number in range(count)]
    found = [deviation * float(scipy.special.stdtrit(freedom, share)) for share in shares]
    luck.shuffle(found)
    return found
