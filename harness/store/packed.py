"""The rows of one trial as whole numbers: what is stored, and the evidence that every figure is made of.

A request and all that app and stub say of it are moments on one clock. Sorted by time, each is the step from the one
before, so what is stored is small: requests in order of their start; of each the intervals that are told of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.facts.point import Load
from harness.facts.record import Record
from harness.judge.counts import Sent, Watched
from harness.judge.rows import Calls, Evidence, Requests
from harness.judge.server_timing import spans
from harness.judge.window import SECOND_US, micros
from harness.plan.timing import Timing

COLUMNS = ("start_step", "late", "latency", "outcome", "error", "route", "bytes", "layout")
OUTCOMES = ("ok", "failed", "censored")
CLIENT_US = 10  # what the client's moments are counted in: a tenth of a histogram's own step at 100 ms
STEP_US = 100  # what those that app and stub tell are counted in
SPAN, CALL, LOST = "span", "call", "unanswered"
Table = npt.NDArray[np.signedinteger[Any]]
Told = tuple[str, int, int]  # what, from and to in steps since the request's start


class Layout(Record):
    """What is told of a request, and in which order it began (2k) and ended (2k + 1)."""

    intervals: tuple[str, ...]  # "span sun", "call sun", "unanswered sun"
    order: tuple[int, ...]


class Meta(Record):
    """What is known of a trial besides its rows, and the words that the rows' numbers stand for."""

    load: Load
    timing: Timing
    opens_us: int  # CLOCK_MONOTONIC; the first request's step counts from here
    closes_us: int
    opened_at: float  # the wall clock as the window opens, in s
    sent: Sent
    watched: Watched
    ids: str  # one a line: the requests, then ids of calls that are none of a request's
    requests: int
    outcomes: tuple[str, ...] = OUTCOMES
    errors: tuple[str, ...]
    routes: tuple[str, ...]
    layouts: tuple[Layout, ...]
    columns: tuple[str, ...] = COLUMNS
    client_us: int = 1  # a step of the columns; older files do not say it
    step_us: int = STEP_US  # a step of the moments


@dataclass(frozen=True)
class Packed:
    """A trial's rows: `requests` has a row for each of COLUMNS.

    `moments` are steps from one moment to the next, for one layout after another the first of all its requests, then
    the second. `injected_us` is the delay of each call, request by request.
    """

    meta: Meta
    requests: Table
    moments: Table
    injected_us: Table


def pack(evidence: Evidence, timing: Timing, opened_at: float) -> Packed:
    """Return the rows of a trial; `opened_at` is the wall clock at the window's opening, in seconds."""
    requests, calls = evidence.requests, evidence.calls
    opens_us, closes_us = micros(np.asarray(evidence.window)).tolist()
    order = np.argsort(requests.start_s, kind="stable").tolist()
    known = set(requests.id)
    strangers = list(dict.fromkeys(name for name in calls.id if name not in known))
    ids = [*(requests.id[place] for place in order), *strangers]
    start_us = micros(requests.start_s[order]) - opens_us
    start = np.rint(start_us / CLIENT_US).astype(np.int64)
    began_us = [*(start * CLIENT_US).tolist(), *(0 for _ in strangers)]
    told, injected_us = _told(evidence, order, ids, began_us)
    layouts: dict[Layout, list[list[int]]] = defaultdict(list)
    found = [_layout(intervals) for intervals in told]
    for layout, steps in found:
        layouts[layout].append(steps)
    codes = {layout: code for code, layout in enumerate(layouts)}
    errors, error = _coded(requests.error[place] for place in order)
    routes, route = _coded(requests.route[place] for place in order)
    columns: Sequence[npt.ArrayLike] = (
        np.diff(start, prepend=0),
        np.rint(micros(requests.late_s[order]) / CLIENT_US),
        np.maximum(1, np.rint(micros(requests.latency_s[order]) / CLIENT_US)),
        [OUTCOMES.index(str(outcome)) for outcome in requests.outcome[order]],
        error,
        route,
        np.rint(requests.bytes[order]),
    )
    none = np.zeros(len(strangers), dtype=np.int64)
    layout_codes = np.asarray([codes[layout] for layout, _ in found], dtype=np.int64)
    return Packed(
        Meta(
            load=evidence.load,
            timing=timing,
            opens_us=opens_us,
            closes_us=closes_us,
            opened_at=opened_at,
            sent=evidence.sent,
            watched=evidence.watched,
            ids="\n".join(ids),
            client_us=CLIENT_US,
            requests=len(order),
            errors=errors or ("",),
            routes=routes or ("",),
            layouts=tuple(layouts),
        ),
        _small(np.stack([*(np.append(np.asarray(column, dtype=np.int64), none) for column in columns), layout_codes])),
        _small(
            np.concatenate([np.zeros(0, dtype=np.int64), *(np.asarray(steps).T.ravel() for steps in layouts.values())])
        ),
        _small([delay for delays in injected_us for delay in delays]),
    )


def _told(
    evidence: Evidence, order: Sequence[int], ids: Sequence[str], began_us: Sequence[int]
) -> tuple[list[list[Told]], list[list[int]]]:
    """Return what app and stub tell of each id, and the delays that its calls were to have."""
    opens_s = int(micros(evidence.window[0])) / SECOND_US
    steps = SECOND_US / STEP_US
    told: list[list[Told]] = [[] for _ in ids]
    delays: list[list[int]] = [[] for _ in ids]

    def tell(place: int, what: str, start_s: float, duration_s: float) -> None:
        since_s = start_s - opens_s - began_us[place] / SECOND_US
        told[place].append((what, round(since_s * steps), round((since_s + duration_s) * steps)))

    for place, request in enumerate(order):
        for name, start_s, duration_s in spans(evidence.requests.server_timing[request]):
            tell(place, f"{SPAN} {name}", start_s, duration_s)
    places = {name: place for place, name in reversed(list(enumerate(ids)))}
    calls = evidence.calls
    for name, endpoint, start_s, injected_s, took_s in zip(
        calls.id, calls.endpoint, calls.start_s, calls.injected_s, calls.delivered_s, strict=True
    ):
        place = places[name]
        tell(place, f"{LOST if took_s is None else CALL} {endpoint}", start_s, took_s or 0.0)
        delays[place].append(round(injected_s * SECOND_US))
    return told, delays


def _layout(told: Sequence[Told]) -> tuple[Layout, list[int]]:
    moments = [moment for _, begin, end in told for moment in (begin, end)]
    order = sorted(range(len(moments)), key=lambda place: (moments[place], place))
    steps = [moment - before for before, moment in pairwise([0, *(moments[place] for place in order)])]
    return Layout(intervals=tuple(what for what, _, _ in told), order=tuple(order)), steps


def unpack(packed: Packed, *, client_only: bool = False) -> Evidence:
    """Return the evidence that these rows say; what app and stub tell takes most of the time, and may be left out."""
    meta = packed.meta
    column: dict[str, Table] = dict(zip(COLUMNS, packed.requests[:, : packed.meta.requests], strict=True))
    ids = meta.ids.split("\n") if packed.requests.shape[1] else []
    steps = SECOND_US / meta.client_us
    start_us = np.cumsum(column["start_step"], dtype=np.int64) * meta.client_us + meta.opens_us
    began_us = [*start_us.tolist(), *[meta.opens_us] * (len(ids) - meta.requests)]
    told = [
        [(what, began_us[place] + begin * meta.step_us, (end - begin) * meta.step_us) for what, begin, end in intervals]
        for place, intervals in enumerate([[] for _ in ids] if client_only else _intervals(packed))
    ]
    return Evidence(
        load=meta.load,
        window=(meta.opens_us / SECOND_US, meta.closes_us / SECOND_US),
        sent=meta.sent,
        requests=Requests.of(
            {
                "id": ids[: meta.requests],
                "route": _words(meta.routes, column["route"]),
                "start_s": (start_us / SECOND_US).tolist(),
                "late_s": (column["late"] / steps).tolist(),
                "latency_s": (column["latency"] / steps).tolist(),
                "outcome": _words(OUTCOMES, column["outcome"]),
                "error": _words(meta.errors, column["error"]),
                "bytes": column["bytes"].tolist(),
                "server_timing": [_header(intervals) for intervals in told[: meta.requests]],
            }
        ),
        calls=_calls(ids, told, packed.injected_us.tolist()),
        watched=meta.watched,
    )


def _intervals(packed: Packed) -> list[list[Told]]:
    """Return what is told of each id, in steps from its start."""
    layout_of, moments = packed.requests[-1], packed.moments
    told: list[list[Told]] = [[] for _ in layout_of]
    first = 0
    for code, layout in enumerate(packed.meta.layouts):
        places = np.flatnonzero(layout_of == code).tolist()
        last = first + len(places) * len(layout.order)
        for place, steps in zip(
            places, moments[first:last].reshape(len(layout.order), len(places)).T.tolist(), strict=True
        ):
            at = dict(zip(layout.order, accumulate(steps), strict=True))
            told[place] = [(what, at[2 * k], at[2 * k + 1]) for k, what in enumerate(layout.intervals)]
        first = last
    return told


def _header(told: Iterable[Told]) -> str:
    """Return an app's Server-Timing, in ms."""
    words = (
        f"{what.removeprefix(SPAN + ' ')};start={start_us / 1000:.3f};dur={took_us / 1000:.3f}"
        for what, start_us, took_us in told
        if what.startswith(SPAN)
    )
    return ", ".join(words)


def _calls(ids: Sequence[str], told: Sequence[Sequence[Told]], injected_us: Sequence[int]) -> Calls:
    delays = iter(injected_us)
    rows = [
        (name, endpoint, start_us / SECOND_US, next(delays) / SECOND_US, took_us / SECOND_US if kind == CALL else None)
        for name, intervals in zip(ids, told, strict=True)
        for what, start_us, took_us in intervals
        for kind, _, endpoint in [what.partition(" ")]
        if kind != SPAN
    ]
    rows.sort(key=lambda row: row[2])
    return Calls(*([row[column] for row in rows] for column in range(5)))  # type: ignore[arg-type]


def _coded(words: Iterable[str]) -> tuple[tuple[str, ...], list[int]]:
    """Return the different words, and for each word which of them it is."""
    listed = list(words)
    places = {word: place for place, word in enumerate(dict.fromkeys(listed))}
    return tuple(places), [places[word] for word in listed]


def _words(words: Sequence[str], codes: npt.NDArray[Any]) -> list[str]:
    return [words[code] for code in codes.tolist()]


def _small(numbers: npt.ArrayLike) -> Table:
    """Return whole numbers in the smallest type that holds them."""
    whole = np.asarray(numbers, dtype=np.int64)
    most = int(np.abs(whole).max(initial=0))
    return whole.astype(next(kind for kind in (np.int16, np.int32, np.int64) if most <= np.iinfo(kind).max))
