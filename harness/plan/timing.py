"""How long a trial warms up, measures and drains."""

from dataclasses import dataclass

LEAST_WARMUP_S = 1.0
WARMUP_WAITS = 5  # planned: the first waits are of a server that is still cold, and of users who came one by one
LEAST_WARMUP_WAITS = WARMUP_WAITS / 2  # that a steady trial has after all
LEAST_WAITS = 3  # of the window
DRAIN_SPARE_S = 5.0
SPARE = 1.2  # trials are planned for this multiple of the wait in theory, since the real one is always longer


@dataclass(frozen=True)
class Timing:
    """The parts of a trial in seconds: users start over `spread_s`, the window follows the warm-up, then the drain.

    Sending goes on for `after_s` beyond the window, so that a request which its edge cuts in two meets the same load in
    both parts. A `cold` one has no warm-up and is not meant to be in steady state.
    """

    spread_s: float
    warmup_s: float
    window_s: float
    drain_s: float
    after_s: float = 0.0
    cold: bool = False
    think_s: float = 0.0  # of a user of closed load between an answer and the next request, on average

    @property
    def load_s(self) -> float:
        """Seconds under load: warm-up, window and what is sent after it."""
        return self.warmup_s + self.window_s + self.after_s

    def suits(self, wait_s: float) -> bool:
        """Say whether a trial with this mean response time was steady for all of its window; a cold one need not be."""
        cycle_s = wait_s + self.think_s
        return self.cold or (self.warmup_s >= LEAST_WARMUP_WAITS * cycle_s and self.window_s >= LEAST_WAITS * cycle_s)


def timing(wait_s: float, longest_delay_s: float, window_s: float, think_s: float = 0.0) -> Timing:
    """Return the timing for an expected response time, in seconds, with at least the profile's window.

    A wait is here a user's whole cycle: the response, and the time for which the user thinks.

    The warm-up is at least 1 s, five waits, and the wait over which users start with as long again as the last of them
    may take for the first answer: 1.5 waits, or the longest injected delay. The window is at least 3 waits: less, and
    the throughput depends on how they started. Sending goes on for one wait after it.
    Users start evenly spread over one wait, or over more where the first second has room: users who come too fast for a
    server that is still cold queue up, and then stay bunched in an event loop for as long as all delays are the same.
    """
    cycle_s = wait_s + think_s
    roomy_s = SPARE * cycle_s
    settling_s = max(1.5 * roomy_s, SPARE * longest_delay_s)
    settled_s = max(LEAST_WARMUP_S, cycle_s + settling_s)
    return Timing(
        spread_s=cycle_s * max(1, int((settled_s - settling_s) / cycle_s)),
        warmup_s=max(settled_s, WARMUP_WAITS * cycle_s),
        window_s=max(window_s, LEAST_WAITS * roomy_s),
        drain_s=_drain_s(wait_s, longest_delay_s),
        after_s=cycle_s,
        think_s=think_s,
    )


def cold_timing(wait_s: float, longest_delay_s: float, window_s: float) -> Timing:
    """Return the timing of a cold window, in seconds: it opens as all users start together, whatever they will wait."""
    return Timing(0.0, 0.0, window_s, _drain_s(wait_s, longest_delay_s), cold=True)


def _drain_s(wait_s: float, longest_delay_s: float) -> float:
    """Return how long the last answers are awaited."""
    return DRAIN_SPARE_S + 3 * SPARE * wait_s + longest_delay_s
