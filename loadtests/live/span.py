"""What one app did in a span of time: a second, the last ten, a whole test."""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hdrh.histogram import HdrHistogram

LOWEST_US = 1
HIGHEST_US = 3_600_000_000  # an hour
DIGITS = 3  # a latency is known to one part in a thousand
LEAST_BEYOND = 10  # a percentile with fewer answers beyond it is a figure about luck


def _histogram() -> HdrHistogram:
    return HdrHistogram(LOWEST_US, HIGHEST_US, DIGITS)


@dataclass
class Span:
    """Seconds, right answers by their latency, failures, bytes of all bodies, CPU seconds (None: not known)."""

    seconds: float = 0.0
    failures: int = 0
    size: int = 0
    cpu_s: float | None = 0.0
    good: Any = field(default_factory=_histogram)

    def note(self, latency_ms: float, failed: bool, size: int) -> None:
        """Count one answer; only a right one has a latency, since failing fast must not look better."""
        self.size += size
        if failed:
            self.failures += 1
        else:  # record_value drops what is out of range without a word
            self.good.record_value(min(HIGHEST_US, max(LOWEST_US, round(latency_ms * 1000))))

    def add(self, other: "Span") -> None:
        """Add a span that follows; the CPU time of both is known only if each is."""
        self.seconds += other.seconds
        self.failures += other.failures
        self.size += other.size
        self.cpu_s = None if self.cpu_s is None or other.cpu_s is None else self.cpu_s + other.cpu_s
        self.good.add(other.good)

    @property
    def answers(self) -> int:
        """How many right answers there were."""
        return int(self.good.get_total_count())

    @property
    def requests(self) -> int:
        """How many requests ended, right or wrong."""
        return self.answers + self.failures

    def per_second(self, count: int) -> float | None:
        """Return a count as a rate; None for a span without length."""
        return count / self.seconds if self.seconds else None

    def percentile_ms(self, percent: float) -> float | None:
        """Return a percentile by nearest rank, in ms; None with fewer than ten requests beyond it.

        Failures rank behind all right answers: a percentile that reaches them does not exist. The library's own method
        visits every bucket in Python, which takes 10 ms.
        """
        rank = math.ceil(percent / 100 * self.requests)
        if rank > self.answers or self.requests - rank < LEAST_BEYOND:
            return None
        return self.ranked_ms(rank)

    def ranked_ms(self, rank: float) -> float:
        """Return the latency of the right answer with this rank, 1 for the fastest, in ms."""
        index = int(np.searchsorted(np.cumsum(np.ctypeslib.as_array(self.good.counts)), rank))
        return float(self.good.get_highest_equivalent_value(self.good.get_value_from_index(index))) / 1000

    def cpu_percent(self) -> float | None:
        """Return the CPU time in percent of a core; None where it is not known."""
        return 100 * self.cpu_s / self.seconds if self.cpu_s is not None and self.seconds else None

    def cpu_ms_per_answer(self) -> float | None:
        """Return the CPU time for each right answer, in ms; None where it is not known or nothing was answered."""
        return 1000 * self.cpu_s / self.answers if self.cpu_s is not None and self.answers else None
