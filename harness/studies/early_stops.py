"""Many simulated plans with declared looks, judged at once as the project judges one."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy  # its parts load when they are used

from harness.judge.looks import Looks, levels, sequential_ps
from harness.judge.rows import Flags, Floats
from harness.judge.statistics import CONFIDENCE, SIGNIFICANCE


@dataclass(frozen=True)
class Stopped:
    """Log of the ratio, its standard error and adjusted p by look, primary and plan; and the look each plan stops at.

    A plan stops at the first look at which all its primaries are significant, else at the last one.
    """

    looks: Looks
    log: Floats
    error: Floats
    p: Floats
    place: npt.NDArray[np.int_]

    @property
    def different(self) -> Flags:
        """Whether p is significant, by look, primary and plan."""
        return np.asarray(self.p <= SIGNIFICANCE)

    @property
    def pairs(self) -> npt.NDArray[np.int_]:
        """How many pairs each plan has used."""
        return np.array(self.looks.pairs)[self.place]

    def half_widths(self, confidence: float = CONFIDENCE) -> Floats:
        """Return the half width of the repeated interval on the log scale, by look, primary and plan."""
        found = zip(self.looks.pairs, levels(self.looks, 1 - confidence), strict=True)
        critical = np.array([scipy.stats.t.isf(level / 2, pairs - 1) for pairs, level in found])
        return np.asarray(critical[:, np.newaxis, np.newaxis] * self.error)

    def at_stop(self, flags: Flags) -> Flags:
        """Return of flags by look, primary and plan those of the look that the plan stops at."""
        return np.asarray(np.take_along_axis(flags, self.place[np.newaxis, np.newaxis], axis=0)[0])


def stopped(looks: Looks, logs: Floats) -> Stopped:
    """Judge plans at every look; `logs` are log ratios by primary, plan and pair."""
    seen = [logs[..., :pairs] for pairs in looks.pairs]
    log, error = (
        np.array([part.mean(axis=-1) for part in seen]),
        np.array([scipy.stats.sem(part, axis=-1) for part in seen]),
    )
    raw = [np.asarray(scipy.stats.ttest_1samp(part, 0.0, axis=-1).pvalue) for part in seen]
    p = np.array([holm(sequential_ps(looks, pairs, p)) for pairs, p in zip(looks.pairs, raw, strict=True)])
    settled = np.all(p <= SIGNIFICANCE, axis=1)
    settled[-1] = True
    return Stopped(looks, log, error, p, settled.argmax(axis=0))


def holm(p: Floats) -> Floats:
    """Return the adjusted p of many plans, a row for each primary, as harness.judge.statistics.holm does of one."""
    order = np.argsort(p, axis=0)
    steps = np.arange(len(p), 0, -1)[:, np.newaxis]
    rising = np.maximum.accumulate(np.minimum(1.0, steps * np.take_along_axis(p, order, axis=0)), axis=0)
    adjusted = np.empty_like(p)
    np.put_along_axis(adjusted, order, rising, axis=0)
    return adjusted
