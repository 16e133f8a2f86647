"""Open load: requests that arrive at a rate, whatever the server does.

A birth-death process: births at the rate, deaths at what closed load serves with so many in the system (flow
equivalence; Lazowska et al., Quantitative System Performance, 1984).
"""

import math
from dataclasses import dataclass

import numpy as np

from harness.model.closed import Floats, throughputs
from harness.model.server import Served, Server

FIRST_LEVELS = 64  # of an event loop's, doubled until more change nothing
MOST_LEVELS = 16_384
NEGLIGIBLE = 1e-12  # a share of time
SATURATED = 1e-9  # how near to 1 the cores are busy where more in service change nothing


@dataclass(frozen=True)
class Steady:
    """Open load that a server keeps up with, in its steady state. Seconds are means over all requests.

    `latency_s` = upstream time + `excess_s` at the cores + `wait_s` for a slot; a share `waiting` of the requests finds
    no free slot. `in_service` hold a slot. `used` is the rate as a share of `capacity_rps`.
    """

    rate_rps: float
    capacity_rps: float
    latency_s: float
    excess_s: float
    wait_s: float
    waiting: float
    in_service: float

    @property
    def used(self) -> float:
        """The rate as a share of the capacity."""
        return self.rate_rps / self.capacity_rps


def capacity(server: Server) -> float:
    """Return the requests/s that a server reaches at most: with all slots taken, or its cores busy all the time."""
    if math.isinf(server.slots):
        busiest_s = server.demand.at(math.inf)
        return server.cores / busiest_s if busiest_s else math.inf
    return float(throughputs(server, int(server.slots))[-1])


def steady(server: Server, rate_rps: float, service_scv: float = 1.0) -> Steady | None:
    """Return the steady state at this many arrivals/s that are independent; None where the backlog grows for ever.

    `service_scv` is the squared coefficient of variation of the time that a request holds a slot: 1 for exponential
    times, which is what the process itself assumes (Erlang C where the demand is 0); 0 for equal ones, which halve the
    wait for a slot: (Ca² + Cs²) / 2 with Ca = 1 (Allen and Cunneen).
    """
    most = capacity(server)
    if rate_rps >= most:
        return None
    rates = _rates(server, rate_rps)
    weights, beyond = _weights(rates, rate_rps)
    levels = np.arange(len(weights))
    held = float(weights @ levels) + beyond * len(rates)
    full = float(weights[-1]) + beyond if math.isfinite(server.slots) else 0.0
    ratio = rate_rps / float(rates[-1])
    waiting = float(weights[-1]) * ratio / (1 - ratio) ** 2  # sum over j of (j - S) P(j)
    if math.isinf(server.slots):
        held, waiting = held + waiting, 0.0  # beyond the last level, and in service like all others
    wait_s = waiting / rate_rps * (1 + service_scv) / 2
    excess_s = max(held / rate_rps - server.upstream_s, 0.0)
    return Steady(rate_rps, most, server.upstream_s + excess_s + wait_s, excess_s, wait_s, full, held)


def capacity_of(served: Served) -> float:
    """Return the requests/s of several queues as the busiest reaches its own most."""
    return capacity(served.each) * served.queues / served.busiest


def steady_of(served: Served, rate_rps: float, service_scv: float = 1.0) -> Steady | None:
    """Return the steady state of several queues, by the busiest of them: rate, capacity, in service of all."""
    found = steady(served.each, served.rate_of_busiest(rate_rps), service_scv)
    if found is None:
        return None
    return Steady(
        rate_rps,
        capacity_of(served),
        found.latency_s,
        found.excess_s,
        found.wait_s,
        found.waiting,
        found.in_service * served.queues,
    )


def _rates(server: Server, rate_rps: float) -> Floats:
    """Return the requests/s with 1, 2, ... in the system, up to where more change nothing."""
    if math.isfinite(server.slots):
        return throughputs(server, int(server.slots))
    levels = FIRST_LEVELS
    while True:
        rates = throughputs(server, levels)
        busy = float(rates[-1]) * server.demand.at(levels) / server.cores
        enough = rates[-1] > rate_rps and _weights(rates, rate_rps)[0][-1] < NEGLIGIBLE
        saturated = busy > 1 - SATURATED and levels >= server.demand.levels[-1]  # below, more in service cost less
        if enough or saturated or levels >= MOST_LEVELS:
            return rates
        levels *= 2


def _weights(rates: Floats, rate_rps: float) -> tuple[Floats, float]:
    """Return the share of time with 0, 1, ... in the system up to the last rate's level, and that with more.

    Beyond it the rate stays, so the shares fall by the same ratio.
    """
    logs = np.append(0.0, np.cumsum(np.log(rate_rps) - np.log(rates)))
    weights = np.exp(logs - logs.max())
    ratio = rate_rps / float(rates[-1])
    beyond = float(weights[-1]) * ratio / (1 - ratio) if ratio < 1 else math.inf
    total = float(weights.sum()) + beyond
    return np.asarray(weights / total), beyond / total
