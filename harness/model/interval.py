"""A figure that is predicted, and the interval in which a measurement of it is expected."""

import math
from typing import NamedTuple

COVERAGE = 0.9  # of the predictions that are within their interval
DEVIATIONS = 1.645  # of a normal law that hold that share
MODEL_ERROR = 0.02  # deviation of the model's own throughput from what was measured (`make score` shows it)


class Interval(NamedTuple):
    """Low end, best value and high end; inf where there is no end."""

    low: float
    value: float
    high: float


def factor(spread: float | None, blocks: int) -> float:
    """Return by which factor a demand may be off either way, for one more block beside the `blocks` that gave it.

    `spread` is the deviation of its logarithm between blocks; without one the factor is 1.
    """
    return math.exp(DEVIATIONS * spread * math.sqrt(1 + 1 / blocks)) if spread and blocks else 1.0
