"""Requests as a trace that opens in Perfetto (ui.perfetto.dev) and in chrome://tracing.

Chrome's Trace Event Format: complete events ("X") with `ts` and `dur` in µs, metadata events ("M") for the names.
Events of one thread must nest, and Perfetto drops those that do not (perfetto.dev/docs/faq); so calls that were made
together get threads of their own, and every moment is rounded to a whole µs before it becomes a duration.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from harness.judge.anatomy import phases
from harness.judge.counts import Span
from harness.timeline.tracks import Track, words

Event = dict[str, Any]
ORDER = ("M", "X")
THREADS = 1000  # for each process; no two threads have the same id and none has 0, which Perfetto would mix up


def trace(lanes: Mapping[str, Sequence[Track]]) -> str:
    """Return the trace as JSON: a process for each lane, a thread for each request, one more for what the stub says."""
    events = [event for number, lane in enumerate(lanes, 1) for event in _process(number, lane, lanes[lane])]
    # Where two begin together the longer one comes first: it encloses the other.
    events.sort(key=lambda event: (ORDER.index(event["ph"]), event["ts"], -event.get("dur", 0)))
    return json.dumps({"displayTimeUnit": "ms", "traceEvents": events}, indent=1, ensure_ascii=False) + "\n"


def _process(pid: int, lane: str, tracks: Sequence[Track]) -> Iterator[Event]:
    yield from _named("process", lane, pid=pid, tid=pid, order=pid)
    threads = count(THREADS * pid + 1)
    for track in tracks:
        name = track.name if track.group == lane else f"{track.group}, {track.name}"
        yield from _thread(name, _request(track), pid, next(threads))
        for row in _rows(track.anatomy.calls):
            yield from _thread(f"{name}, the stub", _calls(track, row), pid, next(threads))


def _thread(name: str, events: Iterable[Event], pid: int, tid: int) -> Iterator[Event]:
    yield from _named("thread", name, pid=pid, tid=tid, order=tid)
    yield from ({**event, "pid": pid, "tid": tid} for event in events)


def _named(what: str, name: str, *, pid: int, tid: int, order: int) -> Iterator[Event]:
    for fact, value in (("name", {"name": name}), ("sort_index", {"sort_index": order})):
        yield {"name": f"{what}_{fact}", "ph": "M", "ts": 0, "pid": pid, "tid": tid, "args": value}


def _request(track: Track) -> Iterator[Event]:
    """Yield the request, and its phases inside it."""
    anatomy = track.anatomy
    facts = {"request": anatomy.request_id, "route": anatomy.route}
    yield _event(f"request {anatomy.request_id}", "request", track, 0.0, anatomy.latency_s, facts)
    for phase in phases(anatomy):
        yield _event(words(phase), phase.kind, track, phase.start_s, phase.end_s, {"request": anatomy.request_id})


def _calls(track: Track, row: Sequence[Span]) -> Iterator[Event]:
    for call in row:
        facts = {"request": track.anatomy.request_id}
        yield _event(call.name, "stub", track, call.start_s, call.start_s + call.duration_s, facts)


def _rows(calls: Sequence[Span]) -> list[list[Span]]:
    """Return the calls in as few rows as they need in order not to overlap."""
    rows: list[list[Span]] = []
    for call in sorted(calls, key=lambda call: call.start_s):
        free = (row for row in rows if row[-1].start_s + row[-1].duration_s <= call.start_s)
        if (row := next(free, None)) is None:
            rows.append(row := [])
        row.append(call)
    return rows


def _event(name: str, category: str, track: Track, begin_s: float, end_s: float, facts: Mapping[str, Any]) -> Event:
    begin, end = (_microseconds(track.offset_s + moment) for moment in (begin_s, end_s))
    return {"name": name, "cat": category, "ph": "X", "ts": begin, "dur": end - begin, "args": dict(facts)}


def _microseconds(seconds: float) -> int:
    return round(seconds * 1_000_000)
