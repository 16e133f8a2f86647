"""Observed requests, made up: users that wait for their answers at a steady pace."""

import numpy as np

from harness.config import Lane, Route
from harness.judge.evidence import Calls, Evidence, Requests

ROUTE = Route(path="/api/sun/97201/us", upstream=(("location",), ("sun",)), expect="sunrise")
LANE = Lane(command="serve {port}", slots=4, identity="flask")
WINDOW = (10.0, 13.0)


def closed_load(users: int, latency_s: float, *, first_s: float = 9.0, last_s: float = 13.0) -> Requests:
    """Return the requests of users who start evenly spread and send until `last_s`, each taking `latency_s`."""
    rows = [
        (f"{user}-{k}", first_s + latency_s * user / users + k * latency_s)
        for user in range(users)
        for k in range(int((last_s - first_s) / latency_s) + 1)
    ]
    sent = [(name, start) for name, start in rows if start < last_s]
    return requests([name for name, _ in sent], [start for _, start in sent], [latency_s] * len(sent))


def requests(
    ids: list[str], start_s: list[float], latency_s: list[float], outcome: list[str] | None = None
) -> Requests:
    """Return requests of one route; all good unless said otherwise."""
    count = len(ids)
    outcomes = outcome or ["ok"] * count
    return Requests.of(
        {
            "id": ids,
            "route": [ROUTE.path] * count,
            "start_s": start_s,
            "latency_s": latency_s,
            "outcome": outcomes,
            "error": ["status 500" if word == "failed" else "" for word in outcomes],
            "bytes": [100] * count,
            "server_timing": ["location;start=1;dur=100, handler;start=1;dur=150"] * count,
        }
    )


def calls_for(seen: Requests, seconds: float = 0.1) -> Calls:
    """Return the stub's log that these requests require: a location and a sun call for each that is not censored."""
    answered = [name for name, outcome in zip(seen.id, seen.outcome, strict=True) if outcome != "censored"]
    ids = [name for name in answered for _ in range(2)]
    endpoints = ["location", "sun"] * len(answered)
    return Calls(ids, endpoints, [seconds] * len(ids), [seconds] * len(ids))


def evidence(seen: Requests, **more: object) -> Evidence:
    """Return evidence in which everything agrees, but for what is given."""
    facts = {"window": WINDOW, "started": len(seen.id), "requests": seen, "calls": calls_for(seen), **more}
    return Evidence(**facts)  # type: ignore[arg-type]  # the tests give what the fields take


def jittered(count: int, mean_s: float, seed: int = 1) -> list[float]:
    """Return latencies that scatter around a mean."""
    return list(np.random.default_rng(seed).normal(mean_s, mean_s / 10, count).clip(mean_s / 2))
