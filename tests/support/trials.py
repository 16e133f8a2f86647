"""Observed requests, made up: users that wait for their answers at a steady pace."""

import numpy as np
from bounds import BOUNDS, config_of

from harness.bench.keep import Keeper
from harness.facts.config import Bounds, Lane
from harness.facts.point import Load, Point, users
from harness.facts.routes import Route, Scenario
from harness.facts.trial import Interference, Trial
from harness.judge.counting import count_trial
from harness.judge.counts import Cost, Observed, Sent, Watched
from harness.judge.rows import Calls, Evidence, Requests
from harness.judge.trial_row import times, trial_row
from harness.plan.blocks import PlannedTrial
from harness.plan.timing import timing
from harness.store.run_folder import RunFolder

ROUTE = Route(path="/api/sun/97201/us", upstream=(("location",), ("sun",)), expect="sunrise")
LANE = Lane(command="serve {port}", slots=4, identity="flask")
CONFIG = config_of(lanes={"flask-sync-4": LANE}, scenarios={"sun": Scenario(routes=(ROUTE,))})
WINDOW = (10.0, 13.0)
QUIET = {"server_busy_share": 0.0, "throttled_share": 0.0}
OPENED_AT = 1_800_000_000.0


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
    ids: list[str],
    start_s: list[float],
    latency_s: list[float],
    outcome: list[str] | None = None,
    late_s: list[float] | None = None,
) -> Requests:
    """Return requests of one route; all good and sent on time unless said otherwise."""
    count = len(ids)
    outcomes = outcome or ["ok"] * count
    return Requests.of(
        {
            "id": ids,
            "route": [ROUTE.path] * count,
            "start_s": start_s,
            "late_s": late_s or [0.0] * count,
            "latency_s": latency_s,
            "outcome": outcomes,
            "error": ["status 500" if word == "failed" else "" for word in outcomes],
            "bytes": [100] * count,
            "server_timing": ["location;start=1;dur=101, sun;start=1;dur=102, handler;start=1;dur=204"] * count,
        }
    )


def calls_for(seen: Requests, seconds: float = 0.1) -> Calls:
    """Return the stub's log that these requests require: a location and a sun call for each that is not censored."""
    answered = [name for name, outcome in zip(seen.id, seen.outcome, strict=True) if outcome != "censored"]
    ids = [name for name in answered for _ in range(2)]
    endpoints = ["location", "sun"] * len(answered)
    return Calls(ids, endpoints, [0.0] * len(ids), [seconds] * len(ids), [seconds] * len(ids))


def open_load(rate: float, latency_s: float, *, late_s: float = 0.0, until_s: float = 13.0) -> Requests:
    """Return the arrivals of open load, evenly spaced from 9 s on, each answered after `latency_s`."""
    due = [9.0 + number / rate for number in range(int((until_s - 9.0) * rate))]
    count = len(due)
    return requests([str(number) for number in range(count)], due, [latency_s] * count, late_s=[late_s] * count)


COST = Cost(cpu_s=0.6, pss_mib=50.0, threads=5, generator_cpu_s=0.3, busiest_generator_s=0.3, stub_cpu_s=0.3)


def evidence(
    seen: Requests,
    *,
    load: Load = "closed",
    calls: Calls | None = None,
    sent: dict[str, object] | None = None,
    cost: dict[str, object] | None = None,
    interference: dict[str, float] | None = None,
    **watched: object,
) -> Evidence:
    """Return evidence in which everything agrees, but for what is given."""
    return Evidence(
        load=load,
        window=WINDOW,
        sent=Sent.model_validate({"started": len(seen.id), **(sent or {})}),
        requests=seen,
        calls=calls_for(seen) if calls is None else calls,
        watched=Watched.model_validate(
            {
                "cost": COST.model_copy(update=cost or {}),
                "interference": Interference.model_validate(
                    {"server_busy_share": 0.0, "throttled_share": 0.0, **(interference or {})}
                ),
                "listen_overflows": 0,
                **watched,
            }
        ),
    )


def judged(seen: Evidence, lane: Lane = LANE, *, block: int = 1, bounds: Bounds = BOUNDS) -> tuple[Trial, Observed]:
    """Return the row and the counts of a trial in which 4 users, or 20 arrivals a second, were asked for."""
    point = users(4) if seen.load == "closed" else Point("open", 20)
    planned = PlannedTrial(block, "flask-sync-4", point, timing(0.2, 0.2, 3.0), clients=4)
    observed = count_trial(planned, [ROUTE], seen)
    facts = {"scenario": "sun", "started_utc": "2026-01-01T00:00:00Z"}
    return trial_row(planned, lane, [ROUTE], observed, times(seen), bounds, **facts), observed


def stored(folder: RunFolder, seen: Evidence, *, block: int = 1) -> Trial:
    """Store a trial as a run does, and return its row."""
    point = users(4) if seen.load == "closed" else Point("open", 20)
    planned = PlannedTrial(block, "flask-sync-4", point, timing(0.2, 0.2, 3.0), clients=4)
    keeper = Keeper(folder, CONFIG, "sun", CONFIG.scenarios["sun"])
    return keeper.keep(planned, seen, "2026-01-01T00:00:00Z", OPENED_AT + 60 * (block - 1))


def jittered(count: int, mean_s: float, seed: int = 1) -> list[float]:
    """Return latencies that scatter around a mean."""
    return list(np.random.default_rng(seed).normal(mean_s, mean_s / 10, count).clip(mean_s / 2))
