"""What a trial's processes do on one machine: counters are read at both edges of the window, and watched in between.

Every machine of a run is watched by this code: the one that plans the run, and those that a hand is on.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import psutil

from harness.facts.record import Record
from harness.facts.trial import Interference
from harness.judge.counts import Wire
from harness.judge.window import Window
from harness.measure.child import Child, until
from harness.measure.interference import Counters, Own, interference, look
from harness.measure.outsider import Outsider
from harness.measure.probes import NOTHING, Footprint, Usage, accept_queue, available_cores, footprint, usage
from harness.measure.site import Site
from harness.measure.speed import SpeedProbe

LOOK_S = 0.25  # between two looks at the accept queue
WORKING_SHARE = 0.1  # of the busiest process's CPU
Part = Literal["server", "generator", "stub", "harness", "probe"]
DRIVING: tuple[Part, ...] = ("generator", "stub")
Wait = Callable[[float], bool]  # wait so many seconds at most; whether there is nothing left to watch


class Used(Record):
    """What the processes of one part have used between the edges.

    CPU seconds of all and of the busiest one; the longest that one of them was ready to run and had no core; how many
    did the work. Without any process it is not known.
    """

    processes: int = 0
    cpu_s: float = 0.0
    busiest_s: float = 0.0
    queue_s: float = 0.0
    working: int = 1


class Seen(Record):
    """What was seen of a window on one machine; `edges_s` are the moments of its readings, on its CLOCK_MONOTONIC.

    `still_s` is for how long who watches stood still; `cores` are those that the server may use.
    """

    edges_s: Window
    used: dict[Part, Used]
    interference: Interference
    accept_queue_max: int = 0
    still_s: float = 0.0
    pss_mib: float | None = None
    threads: int | None = None
    cores: int = 1
    driver_cores: int = 1


@dataclass(frozen=True)
class Machine:
    """What of a trial runs on this machine: the processes of its parts, and the server's port and cores."""

    site: Site
    parts: Mapping[Part, Sequence[Child | Outsider]]
    probe: SpeedProbe | None = None
    port: int | None = None
    cores: tuple[int, ...] = ()

    @property
    def is_pinned(self) -> bool:
        """Whether the server has its cores for itself."""
        return set(self.cores) <= set(self.site.cores.server)

    @property
    def is_probed(self) -> bool:
        """Whether the probe's core is the server's only one: a core says nothing of the speed of others."""
        return self.cores == self.site.cores.serving(1)

    def processes(self) -> dict[Part, list[psutil.Process]]:
        """Return the processes of each part; this one and the probe are parts of every run."""
        own: dict[Part, list[psutil.Process]] = {
            part: [process for child in children for process in child.processes()]
            for part, children in self.parts.items()
        }
        return {**own, "harness": [psutil.Process()], "probe": self.probe.processes() if self.probe else []}


class Elsewhere(Protocol):
    """Another machine that has a part in the trials; moments are those of our CLOCK_MONOTONIC."""

    def opens(self) -> None:
        """A trial begins: look at its clock and its counters."""

    def watches(self, window: Window, *, holds: bool) -> None:
        """Let it watch a window, and return at once."""

    def seen(self) -> Seen:
        """Return what it has seen, once the window is over."""

    def closes(self) -> tuple[Wire, int | None]:
        """A trial ends: return what its clock did meanwhile, and how often its listen queues overflowed."""


def together(seen: Sequence[Seen]) -> Seen:
    """Return what all machines of a trial have seen as one: of what disturbs, the worst.

    Moments, memory and cores are those of the machine that has the server; without one, of the first.
    """
    if len(seen) == 1:
        return seen[0]
    server = next((one for one in seen if one.used.get("server", Used()).processes), seen[0])
    parts = dict.fromkeys(part for one in seen for part in one.used)
    driving = [one for one in seen if any(one.used.get(part, Used()).processes for part in DRIVING)]
    return server.model_copy(
        update={
            "used": {part: _added([one.used[part] for one in seen if part in one.used]) for part in parts},
            "interference": _worst([one.interference for one in seen]),
            "accept_queue_max": max(one.accept_queue_max for one in seen),
            "still_s": max(one.still_s for one in seen),
            "driver_cores": sum(one.driver_cores for one in driving),
        }
    )


def _added(used: Sequence[Used]) -> Used:
    return Used(
        processes=sum(one.processes for one in used),
        cpu_s=sum(one.cpu_s for one in used),
        busiest_s=max(one.busiest_s for one in used),
        queue_s=max(one.queue_s for one in used),
        working=max(one.working for one in used),
    )


def _worst(interferences: Sequence[Interference]) -> Interference:
    """Return the largest of each share; of quotas the smallest. Speed is that of the one core that is probed."""
    known = {
        name: [value for one in interferences if (value := getattr(one, name)) is not None]
        for name in Interference.model_fields
    }
    worst = {name: (min if name == "cgroup_quota_cores" else max)(values) for name, values in known.items() if values}
    return Interference(**worst)


def watch(machine: Machine, window: Window, wait: Wait, *, holds: bool) -> Seen:
    """Watch a window (CLOCK_MONOTONIC, s) on this machine; `holds`: the server's memory and threads are asked, too."""
    processes = machine.processes()
    queue, still_s = _wait_for(window[0], machine, wait)
    opening = _edge(processes)
    queue_later, still_later_s = _wait_for(window[1], machine, wait)
    closing = _edge(processes)
    server = processes.get("server", [])
    held = footprint(server) if server and holds else Footprint(None, 0)
    used = {part: used_between(opening.used[part], closing.used[part]) for part in processes}
    return Seen(
        edges_s=(opening.at_s, closing.at_s),
        used=used,
        interference=interference(
            opening.sky,
            closing.sky,
            closing.at_s - opening.at_s,
            _own(used, machine),
            machine.probe.between(*window) if machine.probe and machine.is_probed else None,
        ),
        accept_queue_max=max(queue, queue_later),
        still_s=max(still_s, still_later_s),
        pss_mib=held.pss_mib,
        threads=held.threads if server and holds else None,
        cores=len(machine.cores) or available_cores(),
        driver_cores=len(machine.site.cores.driver) or available_cores(),
    )


def _wait_for(moment_s: float, machine: Machine, wait: Wait) -> tuple[int, float]:
    """Wait for a moment; return the longest accept queue that was seen, and for how long this process stood still."""
    longest, still_s, seen = 0, 0.0, time.monotonic()
    while left := until(moment_s):
        ended = wait(min(LOOK_S, left))
        longest = max(longest, accept_queue(machine.port) or 0 if machine.port is not None else 0)
        still_s, seen = max(still_s, time.monotonic() - seen - LOOK_S), time.monotonic()
        if ended:
            break
    return longest, still_s


@dataclass(frozen=True)
class _Edge:
    """One reading of all counters; `at_s` is the moment, of CLOCK_MONOTONIC, in the middle of it."""

    at_s: float
    used: Mapping[Part, Usage]
    sky: Counters


def _edge(processes: Mapping[Part, list[psutil.Process]]) -> _Edge:
    began = time.monotonic()
    used = {part: usage(each) for part, each in processes.items()}
    sky = look()
    return _Edge((began + time.monotonic()) / 2, used, sky)


def _own(used: Mapping[Part, Used], machine: Machine) -> Own:
    spent_s = {part: each.cpu_s for part, each in used.items()}
    pinned = machine.cores if machine.is_pinned else ()
    return Own(sum(spent_s.values()), spent_s.get("server", 0.0), spent_s["probe"], pinned)


def used_between(before: Usage, after: Usage) -> Used:
    """Return what was used between two readings, by the processes that are there at the end.

    CPU includes that of children who ended meanwhile; their parents have it. It is never negative: nothing is known of
    a part that is gone, whose reading was as late as the rules of validity say.
    """
    pairs = [(before.each.get(pid, NOTHING), used) for pid, used in after.each.items()]
    each = [(end.cpu_s - start.cpu_s, end.queue_s - start.queue_s) for start, end in pairs]
    return Used(
        processes=len(before.each),
        cpu_s=max(0.0, after.cpu_s - before.cpu_s),
        busiest_s=max((cpu_s for cpu_s, _ in each), default=0.0),
        queue_s=max((queue_s for _, queue_s in each), default=0.0),
        working=_working([cpu_s for cpu_s, _ in each]),
    )


def _working(spent_s: list[float]) -> int:
    """Return how many processes do the work: one process of Python keeps one core busy, not more.

    Masters and trackers, which watch only, use next to nothing.
    """
    return max(1, sum(cpu_s > WORKING_SHARE * max(spent_s) for cpu_s in spent_s))
