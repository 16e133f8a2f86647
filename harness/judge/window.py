"""Which requests belong to the window, and how much of each."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from harness.facts.point import Load
from harness.judge.counts import Part
from harness.judge.rows import Flags, Floats, Requests

Window = tuple[float, float]
Micros = npt.NDArray[np.int64]
SECOND_US = 1_000_000


def micros(seconds: float | Floats) -> Micros:
    """Return seconds as whole microseconds: two moments are the same, or one comes first, in every place alike."""
    return np.asarray(np.rint(np.asarray(seconds, dtype=float) * SECOND_US), dtype=np.int64)


def places_s(requests: Requests, load: Load) -> Floats:
    """Return the moment that puts each request into a part of the trial.

    Closed load: when it ended, since an answer is what a user's next request waits for. Open load: when it was due,
    however long it took; else the slow ones of an overloaded server would fall out of the window.
    """
    return requests.end_s if load == "closed" else requests.start_s


def parts(requests: Requests, window: Window, load: Load) -> dict[str, Flags]:
    """Return the requests of each part of the trial, those without an answer included."""
    place, (opens, closes) = micros(places_s(requests, load)), micros(np.asarray(window)).tolist()
    return {
        "warmup": np.asarray(place < opens),
        "window": np.asarray((place >= opens) & (place < closes)),
        "drain": np.asarray(place >= max(opens, closes)),
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
    is_open, place = load == "open", micros(places_s(requests, load))
    opens, closes = micros(np.asarray(window)).tolist()
    first, last = int(micros(requests.start_s).min()), int(place.max())
    ok, failed = requests.are("ok"), requests.are("failed")
    return [
        Interval(
            part=part,
            at_s=(begin - opens) / SECOND_US,
            length_s=(end - begin) / SECOND_US,
            ok=requests.latency_s[which & ok],
            failed=requests.latency_s[which & failed],
            service=requests.service_s[which & ok] if is_open else None,
            late=requests.late_s[which & ok] if is_open else None,
        )
        for part, begin, end in seconds_of(min(first, int(place.min())), (opens, closes), last)
        for which in [(place >= begin) & (place < end)]
    ]


def seconds_of(first: int, window: tuple[int, int], last: int) -> list[tuple[str, int, int]]:
    """Return part, beginning and end of each second from the first moment to the last, in microseconds.

    They touch, none is empty, each moment lies in exactly one; those of the warm-up are counted back from the window.
    """
    opens, closes = window
    before = max(0, -((first - opens) // SECOND_US))
    after = max(0, last - closes) // SECOND_US + 1
    edges = {
        "warmup": [opens - second * SECOND_US for second in range(before, -1, -1)],
        "window": [*range(opens, closes, SECOND_US), closes],
        "drain": [closes + second * SECOND_US for second in range(after + 1)],
    }
    return [(part, begin, end) for part, moments in edges.items() for begin, end in pairwise(moments)]
