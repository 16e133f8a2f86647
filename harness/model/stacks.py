"""What a lane is made of, as far as advice depends on it, and what a request costs there by its upstream calls."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from harness.facts.config import Lane

Stack = Literal["sync", "threads", "client", "gevent", "loop"]
SMALLEST_FIRST: tuple[Stack, ...] = get_args(Stack)  # by how much of a service a change to it touches
SYNCHRONOUS: tuple[Stack, ...] = ("sync", "threads")  # the same code: they differ in one option of the server
UNCHANGED_CLIENT = "requests"  # of the synchronous app, unless UPSTREAM_CLIENT says another


def stack_of(lane: Lane) -> Stack:
    """Return what a lane is: slots that are processes or threads, the same with another client, greenlets, a loop."""
    if lane.slots == "unbounded":
        return "loop"
    words = shlex.split(lane.command)
    if "gevent" in words:
        return "gevent"
    if lane.env.get("UPSTREAM_CLIENT", UNCHANGED_CLIENT) != UNCHANGED_CLIENT:
        return "client"
    return "threads" if "--threads" in words else "sync"


@dataclass(frozen=True)
class Cost:
    """CPU of a request in ms: `without` any upstream call, or `own` + `call` for each of its calls.

    The first call costs more than the next ones: to wait at all is what costs.
    """

    without: float
    own: float
    call: float

    def ratio(self, calls: float, beside: float) -> float:
        """Return the cost with so many calls as a multiple of that with `beside` calls."""
        return self._ms(calls) / self._ms(beside)

    def _ms(self, calls: float) -> float:
        return self.own + calls * self.call if calls else self.without


# By `make study NAME=parts` (METHODOLOGY.md); only ratios are used, whatever the speed of a machine. Processes and
# greenlets of the synchronous app are taken to share the costs of its threads.
_REQUESTS, _URLLIB3, _AIOHTTP = Cost(0.87, 1.33, 0.585), Cost(0.87, 1.17, 0.42), Cost(1.02, 1.42, 0.21)
COSTS: Mapping[Stack, Cost] = {
    "sync": _REQUESTS,
    "threads": _REQUESTS,
    "client": _URLLIB3,
    "gevent": _REQUESTS,
    "loop": _AIOHTTP,
}
