"""What a request meets on its way: an upstream delay, a core's work, and a slot to wait for."""

import math
from bisect import bisect_right
from dataclasses import dataclass, replace

# Of 100 kept connections the busiest of two gunicorn processes had 56 on this project's machine, of four 41.
UNEVEN = 0.2  # what each further process adds to the busiest one's share, as a part of an even share
MOST_UNEVEN = 1.6


@dataclass(frozen=True)
class Demand:
    """CPU seconds that a request needs on one core, by how many requests are in service.

    `levels` rise (requests in service, at least 1); `seconds` belong to them. A busy server spends less on each
    request than an idle one: caches are warm, and one wake-up serves several.
    """

    levels: tuple[float, ...]
    seconds: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.levels or len(self.levels) != len(self.seconds):
            raise ValueError("a demand has as many seconds as levels, and at least one")
        if any(later <= earlier for earlier, later in zip(self.levels, self.levels[1:], strict=False)):
            raise ValueError("the levels of a demand rise")

    def at(self, in_service: float) -> float:
        """Return the CPU seconds: on a line over the logarithm of the level between two levels, level beyond them.

        Demands that vary with load, interpolated: MVASD (Kattepur and Nambiar 2015).
        """
        after = bisect_right(self.levels, in_service)
        if after == 0 or after == len(self.levels):
            return self.seconds[min(after, len(self.levels) - 1)]
        low, high = self.levels[after - 1], self.levels[after]
        share = math.log(in_service / low) / math.log(high / low)
        return self.seconds[after - 1] + share * (self.seconds[after] - self.seconds[after - 1])

    def times(self, factor: float) -> "Demand":
        """Return the demand on a core that is slower by this factor."""
        return replace(self, seconds=tuple(factor * one for one in self.seconds))

    def plus(self, seconds: float) -> "Demand":
        """Return the demand of a request that needs so much more."""
        return replace(self, seconds=tuple(seconds + one for one in self.seconds))

    def at_levels_times(self, factor: float) -> "Demand":
        """Return the demand with its levels moved: at twice the upstream time the same rate has twice in service."""
        return replace(self, levels=tuple(factor * one for one in self.levels))


def constant(seconds: float) -> Demand:
    """Return a demand that does not depend on load."""
    return Demand((1.0,), (seconds,))


@dataclass(frozen=True)
class Server:
    """One queue and the cores behind it.

    `upstream_s` (Z): seconds that a request holds a slot and no core. `slots` (S): how many are in service at once,
    inf for an event loop. `cores`: how many of its requests can be worked on at the same time.
    """

    upstream_s: float
    demand: Demand
    slots: float = math.inf
    cores: int = 1

    def slower(self, factor: float) -> "Server":
        """Return the same on a core that is slower by this factor."""
        return replace(self, demand=self.demand.times(factor))


@dataclass(frozen=True)
class Served:
    """Servers that share the load: processes with a queue, and a core, of their own.

    `busiest` is the share of the load that the busiest gets, as a multiple of an even share: it decides for all.
    """

    each: Server
    queues: int = 1
    busiest: float = 1.0

    def rate_of_busiest(self, rate_rps: float) -> float:
        """Return the arrivals/s of the busiest queue."""
        return rate_rps / self.queues * self.busiest


def deployed(server: Server, *, processes: int, slots_each: float, cores: int) -> Served:
    """Return how these processes serve on these cores; `server` says upstream time and demand.

    Processes of one slot take from one queue, whichever is free. A process of several slots keeps the connections that
    it has accepted, so each is a queue of its own, with a core or its share of one: more processes than cores need as
    much longer for each request, which is right where all are busy and too much where they are not. Nobody spreads the
    connections evenly: whichever process wakes first takes a new one (UNEVEN).
    """
    if slots_each == 1:
        return Served(replace(server, slots=float(processes), cores=min(processes, cores)))
    share = max(1.0, processes / cores)
    busiest = min(1 + UNEVEN * (processes - 1), MOST_UNEVEN)
    return Served(replace(server.slower(share), slots=slots_each, cores=1), processes, busiest)
