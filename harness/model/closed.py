"""Closed load: N users, each of whom waits for an answer, before a server with S slots.

The machine repairman model: requests in service are either with the upstream (a delay) or at a core that they share.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.model.server import Server

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Closed:
    """What closed load comes to: requests/s, mean seconds from sending to answer, and the part of them without a slot.

    `in_service` is how many hold a slot, on the average.
    """

    throughput_rps: float
    latency_s: float
    wait_s: float
    in_service: float


def erlang_b(servers: int, offered: float) -> float:
    """Return the share of arrivals that find all servers busy (Erlang B), for `offered` = rate x holding time.

    B(0) = 1, B(m) = a B(m-1) / (m + a B(m-1)).
    """
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = offered * blocked / (number + offered * blocked)
    return blocked


def throughput(server: Server, in_service: int) -> float:
    """Return the requests/s with so many requests always in service.

    One core: [1 - B(m, Z / D)] / D, which equals exact mean value analysis of a delay and a core that is shared
    (Reiser and Lavenberg 1980).
    """
    demand_s = server.demand.at(in_service)
    if demand_s == 0:
        return in_service / server.upstream_s
    if server.cores == 1:
        return (1 - erlang_b(in_service, server.upstream_s / demand_s)) / demand_s
    at_cores, weights = _at_cores(server, in_service, demand_s)
    busy = np.minimum(at_cores, server.cores)
    return float(np.average(busy, weights=weights)) / demand_s


def throughputs(server: Server, most: int) -> Floats:
    """Return the requests/s with 1, 2, ... `most` requests in the system, of which the slots hold at most S.

    With several cores O(most²); with one, a recursion over all demands at once.
    """
    held = most if math.isinf(server.slots) else min(most, int(server.slots))
    levels = np.arange(1, held + 1)
    demands = np.array([server.demand.at(float(level)) for level in levels])
    if server.cores > 1 or not demands.all():
        found = np.array([throughput(server, int(level)) for level in levels])
    else:
        found = _all_on_one_core(server.upstream_s, demands)
    return np.append(found, np.full(most - held, found[-1]))


def closed(server: Server, users: int, think_s: float = 0.0) -> Closed:
    """Return what so many users come to; they think for `think_s` seconds, on the average, after each answer.

    Without thinking min(N, S) are in service. With it, the server is one queue whose rate depends on how many are
    there, and thinking a delay around it (flow equivalence; Lazowska et al., Quantitative System Performance, 1984).
    """
    rates = throughputs(server, users)
    if think_s == 0:
        rps, held = float(rates[-1]), min(users, server.slots)
        return Closed(rps, users / rps, (users - held) / rps, held)
    there = np.arange(users + 1)
    logs = (users - there) * math.log(think_s) - _log_factorials(users)[::-1] - np.append(0.0, np.cumsum(np.log(rates)))
    weights = _normal(logs)
    rps = float(weights[1:] @ rates)
    held = float(weights @ np.minimum(there, server.slots))
    waiting = float(weights @ there) - held
    return Closed(rps, (held + waiting) / rps, waiting / rps, held)


def _all_on_one_core(upstream_s: float, demands: Floats) -> Floats:
    """Return [1 - B(m, Z / D(m))] / D(m) for m = 1, 2, ...: the recursion of Erlang B, for all demands together."""
    offered = upstream_s / demands
    blocked = np.ones_like(demands)
    for number in range(1, len(demands) + 1):
        part = offered[number - 1 :] * blocked[number - 1 :]  # those before are done
        blocked[number - 1 :] = part / (number + part)
    return np.asarray((1 - blocked) / demands)


def _at_cores(server: Server, in_service: int, demand_s: float) -> tuple[Floats, Floats]:
    """Return how many of the requests in service may be at the cores, and how likely each is (product form)."""
    at_cores = np.arange(in_service + 1.0)
    working = np.cumsum(np.log(np.minimum(at_cores[1:], server.cores)))
    logs = at_cores * math.log(demand_s) - np.append(0.0, working)
    if server.upstream_s == 0:
        return at_cores[-1:], np.ones(1)
    logs += (in_service - at_cores) * math.log(server.upstream_s) - _log_factorials(in_service)[::-1]
    return at_cores, _normal(logs)


def _log_factorials(most: int) -> Floats:
    """Return log 0!, log 1!, ... log most!."""
    return np.append(0.0, np.cumsum(np.log(np.arange(1.0, most + 1))))


def _normal(logs: Floats) -> Floats:
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum())
