"""Which requests belong to the window, and how much of each."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from harness.facts.records import Load
from harness.judge.counts import Part
from harness.judge.rows import Flags, Floats, Requests

Window = tuple[float, float]


def places_s(requests: Requests, load: Load) -> Floats:
    """Return the moment that puts each request into a part of the trial.

    Closed load: when it ended, since an answer is what a user's next request waits for. Open load: when it was due,
    however long it took; else the slow ones of an overloaded server would fall out of the window.
    """
    return requests.end_s if load == "closed" else requests.start_s


def parts(requests: Requests, window: Window, load: Load) -> dict[str, Flags]:
    """Return the requests of each part of the trial, those without an answer included."""
    place_s = places_s(requests, load)
    return {
        "warmup": place_s < window[0],
        "window": (place_s >= window[0]) & (place_s < window[1]),
        "drain": place_s >= window[1],
    }


def count(requests: Requests, which: Flags) -> Part:
    """Count good and failed answers among some requests."""
    return Part(ok=int(np.sum(which & requests.are("ok"))), failed=int(np.sum(which & requests.are("failed"))))


def overlap_s(requests: Requests, window: Window) -> Floats:
    """Return the seconds that each request spent inside the window."""
    inside = np.minimum(requests.end_s, window[1]) - np.maximum(requests.start_s, window[0])
    return np.asarray(np.maximum(inside, 0.0))


def answers_by_share(requests: Requests, window: Window) -> float:
    """Return the good answers of the window, each counted by the share of its duration that lies inside.

    Whole completions would be quantised by up to wait / window.
    """
    ok = requests.are("ok")
    return float((overlap_s(requests, window)[ok] / requests.latency_s[ok]).sum())


def late_users(requests: Requests, window: Window, users: int) -> int:
    """Return how many users of closed load had no answer yet when the window opened; an id is "user-k"."""
    early = ~requests.are("censored") & parts(requests, window, "closed")["warmup"]
    return users - len({requests.id[place].partition("-")[0] for place in np.flatnonzero(early).tolist()})


def backlog(requests: Requests, window: Window) -> tuple[float, float]:
    """Return the mean number of requests that were due and not yet answered, in the first and the last third."""
    third_s = (window[1] - window[0]) / 3
    thirds = ((window[0], window[0] + third_s), (window[1] - third_s, window[1]))
    first, last = (float(overlap_s(requests, third).sum()) / third_s for third in thirds)
    return first, last


@dataclass(frozen=True)
class Interval:
    """About a second of one part of a trial: where (s from the window's opening), how long, and its times in s.

    `ok` and `failed` are latencies; `service` and `late`, of the good answers, are kept for open load.
    """

    part: str
    at_s: float
    length_s: float
    ok: Floats
    failed: Floats
    service: Floats | None = None
    late: Floats | None = None


def intervals(requests: Requests, window: Window, load: Load) -> list[Interval]:
    """Cut a trial into seconds by the place of each answer; a cut falls on each edge of the window."""
    if len(requests.start_s) == 0:
        return []
    place_s, is_open = places_s(requests, load), load == "open"
    edges = _edges(float(requests.start_s.min()), window, float(place_s.max()))
    cuts = [(part, begin, end, (place_s >= begin) & (place_s < end)) for part, begin, end in edges]
    ok, failed = requests.are("ok"), requests.are("failed")
    return [
        Interval(
            part=part,
            at_s=begin - window[0],
            length_s=end - begin,
            ok=requests.latency_s[which & ok],
            failed=requests.latency_s[which & failed],
            service=requests.service_s[which & ok] if is_open else None,
            late=requests.late_s[which & ok] if is_open else None,
        )
        for part, begin, end, which in cuts
    ]


def _edges(first_s: float, window: Window, last_s: float) -> list[tuple[str, float, float]]:
    """Return part, beginning and end of each second; those of the warm-up are counted back from the window."""
    before = math.ceil(max(0.0, window[0] - first_s))
    after = math.floor(max(0.0, last_s - window[1])) + 1
    edges = {
        "warmup": [window[0] - second for second in range(before, -1, -1)],
        "window": [*np.arange(window[0], window[1], 1.0).tolist(), window[1]],
        "drain": [window[1] + second for second in range(after + 1)],
    }
    return [(part, begin, end) for part, moments in edges.items() for begin, end in pairwise(moments)]
