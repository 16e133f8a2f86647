"""One trial: load a running server, watch it, and bring home everything that was observed."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psutil

from harness.judge.counts import Cost, Sent, Watched
from harness.judge.rows import Calls, Evidence, Requests
from harness.measure.child import Child, until
from harness.measure.generator import Generator
from harness.measure.instruments import Instruments
from harness.measure.interference import Counters, Own, interference, look
from harness.measure.outsider import Outsider
from harness.measure.probes import (
    NOTHING,
    Footprint,
    Usage,
    accept_queue,
    available_cores,
    footprint,
    listen_overflows,
    usage,
)
from harness.measure.server import Server
from harness.measure.trouble import Troublemaker

CALL_COLUMNS = ("id", "endpoint", "start_s", "injected_s", "delivered_s")
LOOK_S = 0.25  # between two looks at the accept queue
STILL_S = 1.0  # a harness that stood still for longer was stopped, and has not watched
WORKING_SHARE = 0.1  # of the busiest process's CPU
Trees = Sequence[Sequence[psutil.Process]]  # of server, generator, stub, harness and speed probe


@dataclass(frozen=True)
class Bench:
    """The server and the load of a trial, and what it is measured with.

    `seed` chooses the upstream's delays (None: as they are). `trouble` makes it go wrong.
    """

    server: Server
    generator: Generator
    tools: Instruments
    seed: int | None = None
    trouble: Troublemaker | None = None


def observe(bench: Bench, *, at_close: Callable[[], object]) -> Evidence:
    """Run one trial and return its evidence; `at_close` is called when nothing more is sent.

    It may start a process for the next trial.

    A server that ends in mid-trial is a fault in the evidence, not an error: the requests that failed are results.
    """
    bench.tools.stub.reset(bench.seed)
    bench.generator.await_ready()
    overflows_before = listen_overflows()
    window = bench.generator.begin()
    if bench.trouble:
        bench.trouble.begin(window)
    children = (bench.server.child, bench.generator.child, bench.tools.stub.child)
    probe = bench.tools.probe.processes() if bench.tools.probe else []
    trees = [*(child.processes() for child in children), [psutil.Process()], probe]
    queue, still_s = _watch(bench, window[0])
    opening = _edge(trees)
    queue_later, still_later_s = _watch_through(bench, window)
    closing = _edge(trees)
    held = footprint(trees[0]) if trees[0] and bench.server.meets(bench.generator.planned.clients) else None
    bench.generator.child.wait(until(window[1] + bench.generator.planned.timing.after_s))
    at_close()
    results = bench.generator.results()
    stats, calls = bench.tools.stub.stats(), bench.tools.stub.calls()
    overflows = listen_overflows()
    return Evidence(
        load=bench.generator.planned.point.load,
        window=window,
        sent=Sent(**{name: results[name] for name in Sent.model_fields if name in results}),
        requests=Requests.of(results["requests"]),
        calls=Calls(**{name: calls[name] for name in CALL_COLUMNS}),
        watched=Watched(
            stub_max_in_flight=stats["max_in_flight"],
            cost=_cost(bench, opening, closing, held) if bench.server.child.exit_code is None else None,
            interference=interference(
                opening.sky,
                closing.sky,
                closing.at_s - opening.at_s,
                _own(bench, opening, closing),
                bench.tools.probe.between(*window) if bench.tools.probe and _is_probed(bench) else None,
            ),
            accept_queue_max=max(queue, queue_later),
            listen_overflows=None if overflows is None or overflows_before is None else overflows - overflows_before,
            unknown_calls=stats["unknown"],
            kept_extra_ms=bench.server.kept_extra_ms,
            faults=_faults(bench.server.child, max(still_s, still_later_s)),
            trouble=bench.trouble.seen(window) if bench.trouble else None,
        ),
    )


def _watch_through(bench: Bench, window: tuple[float, float]) -> tuple[int, float]:
    """Watch until the window closes, and let happen meanwhile what is to go wrong; return as _watch."""
    seen = []
    for moment_s, happen in bench.trouble.happenings(window) if bench.trouble else ():
        seen.append(_watch(bench, moment_s))
        happen()
    queues, stills_s = zip(*seen, _watch(bench, window[1]), strict=True)
    return max(queues), max(stills_s)


def _watch(bench: Bench, moment_s: float) -> tuple[int, float]:
    """Wait for a moment while the generator runs; return the longest accept queue that was seen.

    And for how many seconds the harness itself stood still: it looks every quarter of a second.
    """
    longest, still_s, seen = 0, 0.0, time.monotonic()
    while left := until(moment_s):
        ended = bench.generator.child.wait(min(LOOK_S, left)) is not None
        longest = max(longest, accept_queue(bench.server.port) or 0)
        still_s, seen = max(still_s, time.monotonic() - seen - LOOK_S), time.monotonic()
        if ended:
            break
    return longest, still_s


@dataclass(frozen=True)
class Edge:
    """One reading of all counters; `at_s` is the moment, of CLOCK_MONOTONIC, in the middle of it.

    `used` is what each of the trees has used.
    """

    at_s: float
    used: tuple[Usage, ...]
    sky: Counters


def _edge(trees: Trees) -> Edge:
    began = time.monotonic()
    used = tuple(map(usage, trees))
    sky = look()
    return Edge((began + time.monotonic()) / 2, used, sky)


def _spent_s(opening: Edge, closing: Edge) -> list[float]:
    """Return the CPU seconds that each of the trees has used between two readings."""
    return [end.cpu_s - start.cpu_s for start, end in zip(opening.used, closing.used, strict=True)]


def _own(bench: Bench, opening: Edge, closing: Edge) -> Own:
    spent_s = _spent_s(opening, closing)
    return Own(sum(spent_s), spent_s[0], spent_s[-1], bench.server.cores if _is_pinned(bench) else ())


def _is_pinned(bench: Bench) -> bool:
    return set(bench.server.cores) <= set(bench.tools.site.cores.server)


def _is_probed(bench: Bench) -> bool:
    """Whether the probe's core is the server's only one: a core says nothing of the speed of others."""
    return bench.server.cores == bench.tools.site.cores.serving(1)


def _cost(bench: Bench, opening: Edge, closing: Edge, held: Footprint | None) -> Cost:
    server_s, generator_s, stub_s, *_ = _spent_s(opening, closing)
    senders = _each(opening.used[1], closing.used[1])
    return Cost(
        cpu_s=server_s if opening.used[0].each else None,
        edges_s=(opening.at_s, closing.at_s),
        pss_mib=held.pss_mib if held else None,
        threads=held.threads if held else None,
        generator_cpu_s=generator_s,
        stub_cpu_s=stub_s,
        busiest_generator_s=max((cpu_s for cpu_s, _ in senders), default=0.0),
        generator_queue_s=max((queue_s for _, queue_s in senders), default=0.0),
        stub_queue_s=max((queue_s for _, queue_s in _each(opening.used[2], closing.used[2])), default=0.0),
        driver_cores=len(bench.tools.site.cores.driver) or available_cores(),
        cores=min(len(bench.server.cores) or available_cores(), _working(opening.used[0], closing.used[0])),
    )


def _each(before: Usage, after: Usage) -> list[tuple[float, float]]:
    """Return the seconds of CPU and of waiting for a core of each process that is there at the end."""
    pairs = [(before.each.get(pid, NOTHING), used) for pid, used in after.each.items()]
    return [(end.cpu_s - start.cpu_s, end.queue_s - start.queue_s) for start, end in pairs]


def _working(before: Usage, after: Usage) -> int:
    """Return how many of the server's processes do its work: one process of Python keeps one core busy, not more.

    Masters and trackers, which watch only, use next to nothing.
    """
    spent_s = [cpu_s for cpu_s, _ in _each(before, after)]
    return max(1, sum(cpu_s > WORKING_SHARE * max(spent_s) for cpu_s in spent_s))


def _faults(server: Child | Outsider, still_s: float) -> tuple[str, ...]:
    faults = []
    if server.exit_code is not None:
        tail = server.log_tail().strip()[-300:]
        faults.append(f"the server ended in mid-trial with exit code {server.exit_code}: {tail}")
    if still_s > STILL_S:
        faults.append(f"the harness stood still for {still_s:.1f} s while the trial ran")
    return tuple(faults)
