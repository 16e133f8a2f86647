"""The figures of a made-up lane under a load: of the right size, the same every time."""

import math
from dataclasses import dataclass
from typing import Any

from harness.facts.point import Point

UPSTREAM_S = 0.2


@dataclass(frozen=True)
class Lane:
    """What a made-up lane is like."""

    slots: float
    cpu_ms: float
    rss_mib: float
    tail: float = 1.02  # p95 / mean; p99 is twice as far
    threads: int = 3

    def limit(self, point: Point) -> tuple[float, str]:
        users = point.level if point.load == "closed" else math.inf
        bounds = [(users / UPSTREAM_S, "users"), (self.slots / UPSTREAM_S, "slots"), (1000 / self.cpu_ms, "cpu")]
        return min(bounds)

    def wait_s(self, users: int) -> float:
        return users * UPSTREAM_S / min(users, self.slots)


def figures_of(lane: Lane, point: Point, block: int) -> dict[str, Any]:
    """Return throughput, latencies and what else a trial of that lane, load and block measures."""
    measured = _closed(lane, point, block) if point.load == "closed" else _open(lane, point, block)
    limit_rps, limit_by = lane.limit(point)
    return {
        "limit_rps": limit_rps,
        "limit_by": limit_by,
        "cpu_share": measured["throughput_rps"] * lane.cpu_ms / 1000,
        "threads": lane.threads,
        **measured,
        **_time_spent(measured["latency_mean_ms"], lane),
        **_machine(measured["throughput_rps"], block),
    }


def _closed(lane: Lane, point: Point, block: int) -> dict[str, Any]:
    limit_rps, limit_by = lane.limit(point)
    throughput = limit_rps * _reached(limit_by, point.level, block)
    mean_ms = 1000 * point.level / throughput
    latencies = _latencies(mean_ms, _tail(lane, point.level / 300))
    return {
        "users": round(point.level),
        "throughput_rps": throughput,
        "user_idle_ms": 0.12,
        "late_users": 0,
    } | latencies


def _open(lane: Lane, point: Point, block: int) -> dict[str, Any]:
    """Return arrivals that wait ever longer the nearer they come to the lane's limit, and too long beyond it."""
    load = point.level / lane.limit(point)[0]
    sustained = load < 0.97
    mean_ms = 1000 * UPSTREAM_S + 5 + 20 * load / (1 - load) if sustained else 1500.0 * load
    latencies = _latencies(mean_ms, _tail(lane, load))
    return {
        **(latencies if sustained else {"latency_mean_ms": mean_ms, "latency_max_ms": 3 * mean_ms}),
        "rate_rps": point.level,
        "throughput_rps": point.level * (1 + 0.002 * (block % 3)) if sustained else lane.limit(point)[0] * 0.97,
        "sustained": sustained,
        "backlog_first": point.level * UPSTREAM_S,
        "backlog_last": point.level * UPSTREAM_S * (1 if sustained else 3),
        "waited": 0 if sustained else 40 * block,
        "service_p50_ms": 0.97 * min(latencies["latency_p50_ms"], 400),
        "service_p99_ms": 0.95 * min(latencies["latency_p99_ms"], 600),
        "send_lateness_p99_ms": 0.31,
    }


def _latencies(mean_ms: float, tail: float) -> dict[str, float]:
    return {
        "latency_mean_ms": mean_ms,
        "latency_p50_ms": mean_ms * 0.99,
        "latency_p95_ms": mean_ms * tail,
        "latency_p99_ms": mean_ms * (2 * tail - 1),
        "latency_max_ms": mean_ms * (3 * tail - 2) * 1.2,
    }


def _time_spent(mean_ms: float, lane: Lane) -> dict[str, float]:
    upstream = 1000 * UPSTREAM_S
    beyond = mean_ms - upstream
    wait, own = min(2 * lane.tail, 0.3 * beyond), min(0.8 * lane.cpu_ms, 0.3 * beyond)
    handler = upstream + wait + own
    return {
        "handler_mean_ms": handler,
        "queueing_mean_ms": mean_ms - handler,
        "upstream_mean_ms": upstream,
        "client_wait_mean_ms": wait,
    }


def _machine(throughput: float, block: int) -> dict[str, float]:
    return {
        "generator_cpu_share": throughput * 0.0003,
        "driver_cpu_share": throughput * 0.0007,
        "generator_queue_share": 0.01 * block,
        "stub_cpu_share": throughput * 0.0001,
        "stub_lateness_p99_ms": 1.1,
        "steal_share": 0.001 * block,
        "foreign_share": 0.03,
        "memory_pressure_share": 0.0,
        "io_pressure_share": 0.002,
        "speed": 62.0 - 0.6 * block,
        "probe_share": 0.02,
    }


def _reached(limit_by: str, users: float, block: int) -> float:
    """Return the share of the limit that is reached: noise without a random number."""
    noise = 0.01 * math.sin(7 * block + users)
    return (0.9 if limit_by == "cpu" else 0.985) + noise


def _tail(lane: Lane, load: float) -> float:
    return 1 + (lane.tail - 1) * min(load, 1.0)
