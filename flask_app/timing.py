"""What a request knows of its own time, told to the client in the standard Server-Timing header."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

REQUEST_ID = re.compile("[!-~]{1,128}")


class Trace:
    """The id and the spans of one request, handed to each upstream call it makes, in whatever thread or task."""

    def __init__(self, request_id: str) -> None:
        self._start_s = monotonic()
        self._spans: list[str] = []
        # An id that no header may carry is dropped: a label must not fail the request it labels.
        self.headers = {"X-Request-Id": request_id} if REQUEST_ID.fullmatch(request_id) else {}

    @contextmanager
    def span(self, name: str) -> Iterator[None]:
        """Note how long the block takes, however it ends."""
        start_s = monotonic()
        try:
            yield
        finally:
            self._spans.append(_entry(name, start_s))

    def server_timing(self) -> str:
        """Return the header's value: each span so far and the handler's, `start` (CLOCK_MONOTONIC) and `dur` in ms."""
        return ", ".join([*self._spans, _entry("handler", self._start_s)])


def _entry(name: str, start_s: float) -> str:
    duration_s = monotonic() - start_s
    return f"{name};start={start_s * 1000:.6f};dur={duration_s * 1000:.3f}"
