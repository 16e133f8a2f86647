"""A place that was measured before is given the time that it needs."""

from collections.abc import Iterable
from dataclasses import replace

from harness.facts.trial import Trial
from harness.plan.blocks import PlannedTrial
from harness.plan.repeats import is_repeat
from harness.plan.timing import timing


def as_measured(planned: PlannedTrial, done: Iterable[Trial], longest_delay_s: float, window_s: float) -> PlannedTrial:
    """Return a trial of closed load with the time that its slowest answers so far ask for: less, or more if it must.

    The first block is planned for a guess of the CPU that a request costs. A trial that is a repeat had too little time
    once, and keeps what it was given. All times are in seconds.
    """
    waits_s = [one.latency_mean_ms / 1000 for one in done if one.place == planned.place and one.latency_mean_ms]
    if not waits_s or planned.point.load == "open" or planned.timing.cold or is_repeat(planned):
        return planned
    needed = timing(max(waits_s), longest_delay_s, window_s, planned.timing.think_s)
    fits = needed.load_s < planned.timing.load_s or not planned.timing.suits(max(waits_s))
    return replace(planned, timing=needed) if fits else planned
