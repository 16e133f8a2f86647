"""What an app says of its own time, in the standard Server-Timing header of its answers."""

import re

SPAN = re.compile(r"([\w-]+);start=([0-9.]+);dur=([0-9.]+)")
HANDLER = "handler"


def spans(header: str) -> list[tuple[str, float, float]]:
    """Return name, start (CLOCK_MONOTONIC) and duration of each span, in seconds; none where the app says nothing."""
    return [(name, float(start) / 1000, float(duration) / 1000) for name, start, duration in SPAN.findall(header)]
