"""Which requests belong to the window, and how much of each."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from harness.judge.evidence import Flags, Floats, Requests


@dataclass(frozen=True)
class Counts:
    """Answers by outcome in one part of a trial."""

    ok: int
    failed: int


def parts(requests: Requests, window: tuple[float, float]) -> dict[str, Flags]:
    """Return the answered requests of each part of the trial: those that ended before, in and after the window."""
    end_s, answered = requests.end_s, ~requests.are("censored")
    return {
        "warmup": answered & (end_s < window[0]),
        "window": answered & (end_s >= window[0]) & (end_s < window[1]),
        "drain": answered & (end_s >= window[1]),
    }


def counts(requests: Requests, which: Flags) -> Counts:
    """Count good and failed answers among some requests."""
    return Counts(int(np.sum(which & requests.are("ok"))), int(np.sum(which & requests.are("failed"))))


def overlap_s(requests: Requests, window: tuple[float, float]) -> Floats:
    """Return the seconds that each request spent inside the window."""
    inside = np.minimum(requests.end_s, window[1]) - np.maximum(requests.start_s, window[0])
    return np.asarray(np.maximum(inside, 0.0))


def throughput_rps(requests: Requests, window: tuple[float, float]) -> float:
    """Return good answers per second, each counted by the share of its duration that lies in the window.

    Whole completions would be quantised by up to wait / window.
    """
    ok = requests.are("ok")
    shares = overlap_s(requests, window)[ok] / requests.latency_s[ok]
    return float(shares.sum() / (window[1] - window[0]))


def late_users(requests: Requests, window: tuple[float, float], users: int) -> int:
    """Return how many users had no answer yet when the window opened; an id is "user-k"."""
    early = parts(requests, window)["warmup"]
    return users - len({requests.id[place].partition("-")[0] for place in np.flatnonzero(early).tolist()})


def user_idle_s(requests: Requests, window: tuple[float, float], users: int) -> float:
    """Return how long a user was without a request, in seconds for each answer of the window.

    Little's law without its assumptions: in closed load every user waits for an answer all the time, so what the
    overlaps leave of users x window is time that the generator lost between an answer and the next request.
    """
    answers = int(parts(requests, window)["window"].sum())
    idle = users * (window[1] - window[0]) - float(overlap_s(requests, window).sum())
    return round(idle / max(1, answers), 9) + 0.0  # neither -0.0 nor what floats leave over


@dataclass(frozen=True)
class Interval:
    """About a second of one part of a trial: where (s from the window's opening), how long, latencies in s."""

    part: str
    at_s: float
    length_s: float
    ok: Floats
    failed: Floats


def intervals(requests: Requests, window: tuple[float, float]) -> list[Interval]:
    """Cut a trial into seconds by the end of each request; a cut falls on each edge of the window."""
    if len(requests.start_s) == 0:
        return []
    end_s, ok, failed = requests.end_s, requests.are("ok"), requests.are("failed")
    edges = _edges(float(requests.start_s.min()), window, float(end_s.max()))
    cuts = [(part, begin, end, (end_s >= begin) & (end_s < end)) for part, begin, end in edges]
    return [
        Interval(
            part, begin - window[0], end - begin, requests.latency_s[which & ok], requests.latency_s[which & failed]
        )
        for part, begin, end, which in cuts
    ]


def _edges(first_s: float, window: tuple[float, float], last_s: float) -> list[tuple[str, float, float]]:
    """Return part, beginning and end of each second; those of the warm-up are counted back from the window."""
    before = math.ceil(max(0.0, window[0] - first_s))
    after = math.floor(max(0.0, last_s - window[1])) + 1
    edges = {
        "warmup": [window[0] - second for second in range(before, -1, -1)],
        "window": [*np.arange(window[0], window[1], 1.0).tolist(), window[1]],
        "drain": [window[1] + second for second in range(after + 1)],
    }
    return [(part, begin, end) for part, moments in edges.items() for begin, end in pairwise(moments)]
