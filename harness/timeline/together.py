"""Requests that are sent together, each on a connection of its own, with the moments at which they were answered."""

import select
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any

from harness.judge.rows import Requests
from harness.measure.child import until
from harness.measure.server import Server

OK = 200


@dataclass(frozen=True)
class Asked:
    """A request: its id and its path."""

    request_id: str
    path: str


@dataclass(frozen=True)
class _Sent:
    asked: Asked
    connection: HTTPConnection
    start_s: float


def send_together(server: Server, asked: Sequence[Asked], patience_s: float) -> Requests:
    """Send all without a pause, in this order, and return them when all have a good answer.

    MeasurementError where one has none after `patience_s`.
    """
    try:
        with ExitStack() as opened:
            sent = [_send(server, one, opened, patience_s) for one in asked]
            answered = dict(_answers(server, sent, time.monotonic() + patience_s))
    except (OSError, HTTPException) as error:
        raise server.child.failure(f"broke off: {error!r}") from None
    rows = [answered[one.request_id] for one in asked]
    return Requests.of({name: [row[name] for row in rows] for name in rows[0]})


def _send(server: Server, asked: Asked, opened: ExitStack, patience_s: float) -> _Sent:
    connection = opened.enter_context(closing(HTTPConnection("127.0.0.1", server.port, timeout=patience_s)))
    start_s = time.monotonic()
    connection.request("GET", asked.path, headers={"X-Request-Id": asked.request_id})
    return _Sent(asked, connection, start_s)


def _answers(server: Server, sent: Sequence[_Sent], deadline: float) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each request's row as soon as its answer is there."""
    waiting = {one.connection.sock: one for one in sent}
    while waiting:
        ready, _, _ = select.select(list(waiting), [], [], until(deadline))
        if not ready:
            raise server.child.failure(f"left {len(waiting)} of {len(sent)} requests without an answer")
        for socket in ready:
            one = waiting.pop(socket)
            yield one.asked.request_id, _row(server, one)


def _row(server: Server, sent: _Sent) -> dict[str, Any]:
    answer = sent.connection.getresponse()
    body = answer.read()
    latency_s = time.monotonic() - sent.start_s
    if answer.status != OK:
        raise server.child.failure(f"answers {sent.asked.path} with status {answer.status}")
    return {
        "id": sent.asked.request_id,
        "route": sent.asked.path,
        "start_s": sent.start_s,
        "late_s": 0.0,
        "latency_s": latency_s,
        "outcome": "ok",
        "error": "",
        "bytes": len(body),
        "server_timing": answer.headers.get("Server-Timing", ""),
    }
