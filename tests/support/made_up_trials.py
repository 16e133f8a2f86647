"""Made-up trials for the tests of the report: figures of the right size, the same every time."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from harness.records import Second, Trial

UPSTREAM_S = 0.2


@dataclass(frozen=True)
class Lane:
    """What a made-up lane is like."""

    slots: float
    cpu_ms: float
    rss_mib: float
    tail: float = 1.02  # p95 / mean; p99 is twice as far
    threads: int = 3

    def limit(self, users: int) -> tuple[float, str]:
        bounds = [(users / UPSTREAM_S, "users"), (self.slots / UPSTREAM_S, "slots"), (1000 / self.cpu_ms, "cpu")]
        return min(bounds)

    def wait_s(self, users: int) -> float:
        return users * UPSTREAM_S / min(users, self.slots)


QUICK = {
    "flask-sync-4": Lane(slots=4, cpu_ms=0.912, rss_mib=211.4, threads=8),
    "flask-threads-64": Lane(slots=64, cpu_ms=1.04, rss_mib=61.2, tail=1.1, threads=66),
    "flask-threads-300": Lane(slots=300, cpu_ms=1.13, rss_mib=88.75, tail=1.9, threads=302),
    "quart": Lane(slots=math.inf, cpu_ms=0.594, rss_mib=74.9, tail=1.25),
}
FULL = QUICK | {
    "flask-gevent": Lane(slots=1000, cpu_ms=0.83, rss_mib=70, tail=1.6),
    "quart-uvloop": Lane(slots=math.inf, cpu_ms=0.52, rss_mib=79, tail=1.15),
    "quart-gunicorn": Lane(slots=math.inf, cpu_ms=0.56, rss_mib=96, tail=1.2),
}


@dataclass(frozen=True)
class Recipe:
    """What a made-up run is made of; the trials with these numbers are invalid for that reason."""

    lanes: Mapping[str, Lane] = field(default_factory=lambda: QUICK)
    points: tuple[int, ...] = (1, 4, 16, 64, 100, 300)
    blocks: int = 3
    verdict_blocks: int = 10
    max_wait_s: float = 3.0
    spoiled: tuple[int, ...] = (7, 40)
    reason: str = "2 requests with wrong upstream calls: 3-17 (ok): {'location': 1} calls, not location and sun"


def trials_of(recipe: Recipe) -> Iterator[Trial]:
    """Yield the trials of a recipe, block by block."""
    number = 0
    for block in range(1, max(recipe.blocks, recipe.verdict_blocks) + 1):
        for name, lane in recipe.lanes.items():
            for users in recipe.points:
                asked = block <= recipe.blocks or users == max(recipe.points)
                if asked and lane.wait_s(users) <= recipe.max_wait_s:
                    yield _trial(recipe, number, block, name, users)
                    number += 1


def _trial(recipe: Recipe, number: int, block: int, name: str, users: int) -> Trial:
    lane = recipe.lanes[name]
    limit_rps, limit_by = lane.limit(users)
    throughput = limit_rps * _reached(limit_by, users, block)
    mean_ms = 1000 * users / throughput
    ok = round(throughput * 3.5)
    spoiled = number in recipe.spoiled
    return Trial(
        trial=f"b{block:02}-{name}-u{users}",
        block=block,
        attempt=1,
        lane=name,
        scenario="sun",
        load="closed",
        users=users,
        started_utc=f"2026-01-31T12:{number // 60:02}:{number % 60:02}Z",
        status="invalid" if spoiled else "valid",
        reasons=recipe.reason if spoiled else "",
        not_checked="" if name.startswith(("flask", "quart")) else "identity; upstream calls; limit",
        warmup_s=1.5,
        window_s=2.5,
        drain_s=0.21,
        started=ok + users,
        ok=ok + users,
        failed=0,
        censored=0,
        warmup_ok=ok - round(throughput * 2.5),
        warmup_failed=0,
        window_ok=round(throughput * 2.5),
        window_failed=0,
        drain_ok=users,
        drain_failed=0,
        upstream_calls=2 * (ok + users),
        throughput_rps=throughput,
        completed_rps=round(throughput * 2.5) / 2.5,
        latency_mean_ms=mean_ms,
        latency_p50_ms=mean_ms * 0.99,
        latency_p95_ms=mean_ms * _tail(lane, users),
        latency_p99_ms=mean_ms * (2 * _tail(lane, users) - 1) if ok > 1000 else None,
        latency_max_ms=mean_ms * 3,
        limit_rps=limit_rps,
        limit_by=limit_by,
        cpu_ms_per_request=lane.cpu_ms * (1 + 0.4 / users) * (1 + 0.01 * (block % 3)),
        cpu_share=throughput * lane.cpu_ms / 1000,
        rss_mib=lane.rss_mib + users / 20 + 0.1 * block,
        threads=lane.threads,
        generator_cpu_share=throughput * 0.0003,
        stub_cpu_share=throughput * 0.0004,
        stub_lateness_p99_ms=1.1,
    )


def _reached(limit_by: str, users: int, block: int) -> float:
    """Return the share of the limit that is reached: noise without a random number."""
    noise = 0.01 * math.sin(7 * block + users)
    return (0.9 if limit_by == "cpu" else 0.985) + noise


def _tail(lane: Lane, users: int) -> float:
    return 1 + (lane.tail - 1) * users / 300


def seconds_of(trial: Trial) -> Iterator[Second]:
    """Yield the seconds of a trial: a ramp, a level window whose last second is half, one of drain."""
    for at_s, length_s, share in ((-2, 1, 0.2), (-1, 1, 0.9), (0, 1, 1.0), (1, 1, 1.01), (2, 0.5, 0.99), (2.5, 1, 0.1)):
        yield Second(
            at_s=at_s,
            length_s=length_s,
            ok=round((trial.throughput_rps or 0) * share * length_s),
            failed=0,
            latency_p50_ms=(trial.latency_p50_ms or 0) * (0.9 + 0.1 * share),
            latency_p95_ms=(trial.latency_p95_ms or 0) * (0.9 + 0.1 * share),
            latency_p99_ms=trial.latency_p99_ms,
        )
