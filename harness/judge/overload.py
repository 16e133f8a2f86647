"""Whether a rate is kept up with over all blocks: what the backlog gained, and what overload would have shown in it.

One block cannot tell 5 % of overload from luck: in 2 s at 400/s the arrivals alone vary by that much. The blocks of a
place together can.
"""

import math
from collections.abc import Sequence

import numpy as np
import scipy  # its parts load when they are used

from harness.facts.summary import Overload
from harness.facts.trial import Trial
from harness.judge.statistics import CONFIDENCE, LEAST_FOR_AN_INTERVAL, POWER

APART = 2 / 3  # of the window lies between the middles of its first and its last third


def overload(trials: Sequence[Trial]) -> Overload | None:
    """Return what the backlog of a rate gained over the blocks; None without a backlog.

    Of each block: (mean of the last third - mean of the first) / two thirds of the window, as a share of the arrivals;
    over the blocks their mean with Student's t interval.
    """
    gained = [share for trial in trials if (share := _gained(trial)) is not None]
    if not gained:
        return None
    mean, low, high = float(np.mean(gained)), None, None
    if len(gained) >= LEAST_FOR_AN_INTERVAL:
        error = float(np.std(gained, ddof=1)) / math.sqrt(len(gained))
        room = float(scipy.stats.t.isf((1 - CONFIDENCE) / 2, len(gained) - 1)) * error
        low, high = mean - room, mean + room
    arrivals = sum((trial.rate_rps or 0.0) * trial.window_s for trial in trials)
    return Overload(mean, low, high, detectable(arrivals))


def detectable(arrivals: float) -> float:
    """Return the share of overload that so many arrivals, over all blocks, show with 80 % power.

    A saturated queue is a random walk: Poisson arrivals and exponential service each add a variance of one a request,
    so two an arrival (less where the service is steadier). The means of the first and the last third of a walk over a
    time T differ with the variance 5/9 of its own over T; divided by two thirds of T, the slope has 5/4 of it over T.
    """
    deviates = scipy.stats.norm.isf((1 - CONFIDENCE) / 2) + scipy.stats.norm.isf(1 - POWER)
    return float(deviates * math.sqrt(2 * 5 / 4 / arrivals))


def _gained(trial: Trial) -> float | None:
    if trial.backlog_first is None or trial.backlog_last is None or not trial.rate_rps:
        return None
    return (trial.backlog_last - trial.backlog_first) / (APART * trial.window_s) / trial.rate_rps
