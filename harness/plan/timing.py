"""How long a trial warms up, measures and drains."""

from dataclasses import dataclass

LEAST_WARMUP_S = 1.0
DRAIN_SPARE_S = 5.0
SPARE = 1.2  # trials are planned for this multiple of the wait in theory, since the real one is always longer


@dataclass(frozen=True)
class Timing:
    """The parts of a trial in seconds: users start over `spread_s`, the window follows the warm-up, then the drain.

    A `cold` one has no warm-up and is not meant to be in steady state.
    """

    spread_s: float
    warmup_s: float
    window_s: float
    drain_s: float
    cold: bool = False

    @property
    def load_s(self) -> float:
        """Seconds under load: warm-up and window."""
        return self.warmup_s + self.window_s

    def suits(self, wait_s: float) -> bool:
        """Say whether a trial with this mean response time was steady for all of its window; a cold one need not be."""
        return self.cold or (self.warmup_s >= 1.5 * wait_s and self.window_s >= 3 * wait_s)


def timing(wait_s: float, longest_delay_s: float, window_s: float) -> Timing:
    """Return the timing for an expected response time, in seconds, with at least the profile's window.

    The warm-up is at least 1 s, and the wait over which users start with as long again as the last of them may take for
    the first answer: 1.5 waits, or the longest injected delay. The window is at least 3 waits: less, and the throughput
    depends on how they started.
    They start evenly spread over as many whole waits as leave that much of the warm-up: users who come too fast for a
    server that is still cold queue up, and then stay bunched in an event loop for as long as all delays are the same.
    """
    roomy_s = SPARE * wait_s
    settling_s = max(1.5 * roomy_s, SPARE * longest_delay_s)
    warmup_s = max(LEAST_WARMUP_S, wait_s + settling_s)
    return Timing(
        spread_s=wait_s * max(1, int((warmup_s - settling_s) / wait_s)),
        warmup_s=warmup_s,
        window_s=max(window_s, 3 * roomy_s),
        drain_s=_drain_s(wait_s, longest_delay_s),
    )


def cold_timing(wait_s: float, longest_delay_s: float, window_s: float) -> Timing:
    """Return the timing of a cold window, in seconds: it opens as all users start together, whatever they will wait."""
    return Timing(0.0, 0.0, window_s, _drain_s(wait_s, longest_delay_s), cold=True)


def _drain_s(wait_s: float, longest_delay_s: float) -> float:
    """Return how long the last answers are awaited."""
    return DRAIN_SPARE_S + 3 * SPARE * wait_s + longest_delay_s
