"""The two clocks: durations are read from CLOCK_MONOTONIC, dates from the wall clock."""

import time
from datetime import UTC, datetime


def utc_now() -> str:
    """Return the date and time in UTC, ISO 8601 to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def wall_clock(monotonic_s: float) -> float:
    """Return the wall clock, in seconds since the epoch, at a moment of CLOCK_MONOTONIC."""
    return time.time() - time.monotonic() + monotonic_s
