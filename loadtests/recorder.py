"""Keeps every request exactly, from the moment it is sent: nothing vanishes, nothing is rounded."""

import time
from dataclasses import dataclass, field
from typing import Any

COLUMNS = ("id", "route", "start_s", "late_s", "latency_s", "outcome", "error", "bytes", "server_timing")
GIVEN_UP = "given up: no connection was free in time"
KINDS = 5  # of errors of which the first body is kept
BODY_BYTES = 80
Row = tuple[str, str, float, float, float, str, str, int, str]
Begun = tuple[str, float, float | None]  # route, start_s, late_s (None: not sent yet)


@dataclass
class Recorder:
    """Rows of finished requests, and the requests that still wait for an answer.

    A row is (id, route, start on CLOCK_MONOTONIC in s, how late it was sent in s, latency in s, "ok" | "failed" |
    "censored", error, bytes of the body, Server-Timing). In open load the start is the intended one, and latency counts
    from it: what is left of it without the lateness is the service time. Locust's own statistics round to whole
    milliseconds and two digits; these do not.
    """

    rows: list[Row] = field(default_factory=list)
    waiting: dict[str, Begun] = field(default_factory=dict)
    started: int = 0
    bodies: dict[str, str] = field(default_factory=dict)  # by error: how the body of the first such answer begins

    def begin(self, request_id: str, route: str) -> None:
        """Note that a request of closed load goes out now."""
        self.started += 1
        self.waiting[request_id] = (route, time.monotonic(), 0.0)

    def due(self, request_id: str, route: str, start_s: float) -> None:
        """Note that an arrival of open load is due, and not sent yet."""
        self.started += 1
        self.waiting[request_id] = (route, start_s, None)

    def sent(self, request_id: str) -> None:
        """Note that an arrival that was due goes out now."""
        route, start_s, _ = self.waiting[request_id]
        self.waiting[request_id] = (route, start_s, time.monotonic() - start_s)

    def waits_s(self, request_id: str) -> float:
        """Return for how many seconds an arrival has waited by now."""
        return time.monotonic() - self.waiting[request_id][1]

    def give_up(self, request_id: str) -> str:
        """Note that the caller of an arrival has gone before it was sent; return what went wrong."""
        route, start_s, _ = self.waiting.pop(request_id)
        late_s = time.monotonic() - start_s
        self.rows.append((request_id, route, start_s, late_s, late_s, "failed", GIVEN_UP, 0, ""))
        return GIVEN_UP

    def on_request(
        self,
        response_time: float,
        response_length: int,
        exception: BaseException | None,
        response: Any,
        context: dict[str, Any],
        **_: Any,
    ) -> None:
        """Take an answer from Locust's `request` event; `response_time` is in ms, from its own perf_counter."""
        request_id = context.get("id")
        if request_id not in self.waiting:
            return
        route, start_s, late_s = self.waiting.pop(request_id)
        late_s = late_s or 0.0
        latency_s = late_s + response_time / 1000
        headers = getattr(response, "headers", None) or {}
        timing = headers.get("Server-Timing") or ""
        outcome, error = ("failed", str(exception)) if exception else ("ok", "")
        self.rows.append((request_id, route, start_s, late_s, latency_s, outcome, error, response_length, timing))
        if error:
            shown(self.bodies, error, response)

    def close(self) -> list[Row]:
        """Return all rows; a request without an answer is censored at the latency it has reached.

        One that was never sent is as late as that.
        """
        now = time.monotonic()
        left = [
            (
                request_id,
                route,
                start_s,
                now - start_s if late_s is None else late_s,
                now - start_s,
                "censored",
                "",
                0,
                "",
            )
            for request_id, (route, start_s, late_s) in self.waiting.items()
        ]
        return [*self.rows, *left]


def shown(bodies: dict[str, str], error: str, response: Any) -> None:
    """Keep how the body of the first answer with an error begins."""
    if error not in bodies and len(bodies) < KINDS:
        bodies[error] = _start_of(getattr(response, "content", None) or b"")


def _start_of(body: bytes) -> str:
    """Return how a body begins, as text that can be printed."""
    text = body[:BODY_BYTES].decode("utf-8", "replace")
    return "".join(sign if sign.isprintable() else " " for sign in text)
