"""Single requests taken apart: what the client, the app and the stub say of one answer, on one clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Literal

import numpy as np

from harness.judge.counts import Anatomy, Span
from harness.judge.rows import Calls, Evidence, Flags, Requests
from harness.judge.server_timing import HANDLER, spans

PERCENTS = (50, 99)
Kind = Literal["late", "waiting", "own", "client", "upstream", "back", "untold"]


@dataclass(frozen=True)
class Phase:
    """A stretch of a request, in seconds from the moment that its latency counts from.

    late: due, not sent yet (open load). waiting: on its way to the app, and until the app takes it up. In the app: own
    is framework and own code; upstream is a wait that the stub caused, for the endpoints in `calls`; client is what the
    app waited for a call beyond that: connection, event loop, pool. back: from the app to the client. untold: in the
    server of an app that says nothing of its time.
    """

    kind: Kind
    start_s: float
    end_s: float
    calls: tuple[str, ...] = ()

    @property
    def duration_s(self) -> float:
        """How long it took."""
        return self.end_s - self.start_s


def anatomies(evidence: Evidence, good: Flags) -> tuple[Anatomy, ...]:
    """Return the median and the p99 request among the good answers, by nearest rank; nothing without an answer."""
    places = np.flatnonzero(good)
    if not len(places):
        return ()
    ranked = places[np.argsort(evidence.requests.latency_s[places], kind="stable")]
    ranks = {percent: -(-percent * len(ranked) // 100) for percent in PERCENTS}  # rounded up
    return tuple(
        dissect(evidence.requests, evidence.calls, int(ranked[rank - 1]), percent) for percent, rank in ranks.items()
    )


def dissect(requests: Requests, calls: Calls, place: int, percent: float) -> Anatomy:
    """Return what all three say of one request, in seconds from the moment that its latency counts from."""
    request_id, start_s = requests.id[place], float(requests.start_s[place])
    return Anatomy(
        percent=percent,
        request_id=request_id,
        route=requests.route[place],
        late_s=float(requests.late_s[place]),
        latency_s=float(requests.latency_s[place]),
        spans=tuple(
            Span(name=name, start_s=moment - start_s, duration_s=duration)
            for name, moment, duration in spans(requests.server_timing[place])
        ),
        calls=tuple(_calls(calls, request_id, start_s)),
    )


def _calls(calls: Calls, request_id: str, start_s: float) -> Iterator[Span]:
    for caller, endpoint, moment, took in zip(calls.id, calls.endpoint, calls.start_s, calls.delivered_s, strict=True):
        if caller == request_id and took is not None:
            yield Span(name=endpoint, start_s=moment - start_s, duration_s=took)


def phases(anatomy: Anatomy) -> tuple[Phase, ...]:
    """Cut a request into phases that follow one another and add up to its response time.

    Calls that were made together make one phase: the union of their times. Where the three contradict each other, the
    client is right about the request, and the app about what happened in it.
    """
    handler = _handler(anatomy)
    moments = {0.0, anatomy.late_s, anatomy.latency_s, *(edge for span in _told(anatomy) for edge in _ends(span))}
    edges = sorted({min(max(0.0, moment), anatomy.latency_s) for moment in moments})
    pieces = [_piece(anatomy, handler, begin, end) for begin, end in pairwise(edges)]
    return tuple(_joined(list(group)) for _, group in groupby(pieces, key=lambda piece: piece.kind))


def _piece(anatomy: Anatomy, handler: Span | None, begin_s: float, end_s: float) -> Phase:
    """Return a stretch in which nothing begins or ends."""
    middle_s = (begin_s + end_s) / 2
    if middle_s < anatomy.late_s:
        return Phase("late", begin_s, end_s)
    if handler is not None and middle_s < handler.start_s:
        return Phase("waiting", begin_s, end_s)
    if handler is not None and middle_s > _ends(handler)[1]:
        return Phase("back", begin_s, end_s)
    if names := tuple(call.name for call in anatomy.calls if _covers(call, middle_s)):
        return Phase("upstream", begin_s, end_s, names)
    if handler is None:
        return Phase("untold", begin_s, end_s)
    waits = any(_covers(span, middle_s) for span in anatomy.spans if span.name != HANDLER)
    return Phase("client" if waits else "own", begin_s, end_s)


def _joined(pieces: list[Phase]) -> Phase:
    names = dict.fromkeys(name for piece in pieces for name in piece.calls)
    return Phase(pieces[0].kind, pieces[0].start_s, pieces[-1].end_s, tuple(names))


def processing_s(anatomy: Anatomy) -> float | None:
    """Return how long the app worked on the request, its waits for the upstream included; None if it does not say."""
    handler = _handler(anatomy)
    return None if handler is None else handler.duration_s


def contradiction_s(anatomy: Anatomy) -> float:
    """Return by how much a span or a call reaches beyond what encloses it, at most: 0 where all three agree.

    The client's request encloses the app's handler, and that its spans and the stub's calls.
    """
    sent = Span(name="", start_s=anatomy.late_s, duration_s=anatomy.latency_s - anatomy.late_s)
    handler = _handler(anatomy)
    inner = [span for span in _told(anatomy) if span is not handler]
    pairs = [*([(sent, handler)] if handler else []), *((handler or sent, span) for span in inner)]
    return max((_overhang_s(outer, span) for outer, span in pairs), default=0.0)


def _overhang_s(outer: Span, inner: Span) -> float:
    (begin, end), (first, last) = _ends(outer), _ends(inner)
    return max(0.0, begin - first, last - end)


def _handler(anatomy: Anatomy) -> Span | None:
    return next((span for span in anatomy.spans if span.name == HANDLER), None)


def _told(anatomy: Anatomy) -> tuple[Span, ...]:
    return (*anatomy.spans, *anatomy.calls)


def _ends(span: Span) -> tuple[float, float]:
    return span.start_s, span.start_s + span.duration_s


def _covers(span: Span, moment_s: float) -> bool:
    begin, end = _ends(span)
    return begin <= moment_s <= end
