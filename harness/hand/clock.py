"""How far another machine's clock is ahead of ours: Cristian's algorithm, of many tries the one that took least."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

TRIES = 24
PACE = 5e-4  # by which two clocks may drift apart: the most that NTP slews, 500 ppm (adjtimex(2))


@dataclass(frozen=True)
class Offset:
    """A clock is `ahead_s` before ours, give or take `uncertainty_s`; `at_s` is when that was seen, by ours."""

    ahead_s: float
    uncertainty_s: float
    at_s: float


def offset(ask: Callable[[], float], now: Callable[[], float]) -> Offset:
    """Return another clock's offset; `ask` brings its time, in seconds.

    Its answer belongs to some moment between question and reply. The middle of these is off by at most half of what
    the exchange took, whatever share of it the way there had; so the quickest of many exchanges bounds it best (F.
    Cristian, Probabilistic clock synchronization, 1989).
    """

    def once() -> Offset:
        asked = now()
        there = ask()
        heard = now()
        return Offset(there - (asked + heard) / 2, (heard - asked) / 2, heard)

    return best(once() for _ in range(TRIES))


def best(offsets: Iterable[Offset]) -> Offset:
    """Return the surest of several."""
    return min(offsets, key=lambda one: one.uncertainty_s)


def between(before: Offset, after: Offset) -> tuple[Offset, float, float]:
    """Return the offset of the time between two looks, by how much it changed, and how much of that is explained.

    Explained is what each look may be off, and what clocks that run at their own pace may drift apart.
    """
    stepped_s = abs(after.ahead_s - before.ahead_s)
    allowed_s = before.uncertainty_s + after.uncertainty_s + PACE * (after.at_s - before.at_s)
    middle = Offset(
        (before.ahead_s + after.ahead_s) / 2,
        max(before.uncertainty_s, after.uncertainty_s) + stepped_s / 2,
        after.at_s,
    )
    return middle, stepped_s, allowed_s
