"""One trial: load a running server, watch it, and bring home everything that was observed."""

import os
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass

import psutil

from harness.judge.counts import Cost, Sent, Watched
from harness.judge.rows import Calls, Evidence, Requests
from harness.measure.child import Child, until
from harness.measure.generator import Generator
from harness.measure.interference import interference, look, speed
from harness.measure.probes import NOTHING, Usage, accept_queue, listen_overflows, usage
from harness.measure.server import Server
from harness.measure.site import Site
from harness.measure.stub import Stub

CALL_COLUMNS = ("id", "endpoint", "start_s", "injected_s", "delivered_s")
LOOK_S = 0.25  # between two looks at the accept queue


@dataclass(frozen=True)
class Bench:
    """The three processes of a trial, and where they run; `seed` chooses the upstream's delays (None: as they are)."""

    server: Server
    stub: Stub
    generator: Generator
    site: Site
    seed: int | None = None


def observe(bench: Bench, *, at_close: Callable[[], Child | None]) -> Evidence:
    """Run one trial and return its evidence; `at_close` is called when the window has closed.

    It may start a process for the next trial, which is held still while the server's core is probed.

    A server that ends in mid-trial is a fault in the evidence, not an error: the requests that failed are results.
    """
    bench.stub.reset(bench.seed)
    bench.generator.await_ready()
    speed_before = speed(bench.site.cores.server)
    overflows_before = listen_overflows()
    window = bench.generator.begin()
    children = (bench.server.child, bench.generator.child, bench.stub.child)
    trees = [*(child.processes() for child in children), [psutil.Process()]]
    queue = _watch(bench, window[0])
    opened_s, before, sky_before = time.monotonic(), [usage(tree) for tree in trees], look()
    queue = max(queue, _watch(bench, window[1]))
    closed_s, after, sky_after = time.monotonic(), [usage(tree) for tree in trees], look()
    next_one = at_close()
    results = bench.generator.results()
    stats, calls = bench.stub.stats(), bench.stub.calls()
    overflows = listen_overflows()
    with next_one.held() if next_one else nullcontext():
        speed_after = speed(bench.site.cores.server)
    ours_s = sum(end.cpu_s - start.cpu_s for start, end in zip(before, after, strict=True))
    speeds = None if speed_before is None or speed_after is None else (speed_before, speed_after)
    return Evidence(
        load=bench.generator.planned.point.load,
        window=window,
        sent=Sent(**{name: results[name] for name in Sent.model_fields}),
        requests=Requests.of(results["requests"]),
        calls=Calls(**{name: calls[name] for name in CALL_COLUMNS}),
        watched=Watched(
            stub_max_in_flight=stats["max_in_flight"],
            cost=_cost(bench, before, after, (opened_s, closed_s)) if bench.server.child.exit_code is None else None,
            interference=interference(sky_before, sky_after, closed_s - opened_s, ours_s, speeds),
            accept_queue_max=queue,
            listen_overflows=None if overflows is None or overflows_before is None else overflows - overflows_before,
            faults=_faults(bench.server.child),
        ),
    )


def _watch(bench: Bench, moment_s: float) -> int:
    """Wait for a moment while the generator runs; return the longest accept queue that was seen."""
    longest = 0
    while (left := until(moment_s)) and bench.generator.child.wait(min(LOOK_S, left)) is None:
        longest = max(longest, accept_queue(bench.server.port) or 0)
    return longest


def _cost(bench: Bench, before: list[Usage], after: list[Usage], edges_s: tuple[float, float]) -> Cost:
    server, generator, stub, _ = (after[place].cpu_s - before[place].cpu_s for place in range(4))
    senders = [(before[1].each.get(pid, NOTHING), used) for pid, used in after[1].each.items()]
    return Cost(
        cpu_s=server,
        edges_s=edges_s,
        threads=after[0].threads,
        generator_cpu_s=generator,
        stub_cpu_s=stub,
        busiest_generator_s=max((end.cpu_s - start.cpu_s for start, end in senders), default=0.0),
        generator_queue_s=max((end.queue_s - start.queue_s for start, end in senders), default=0.0),
        driver_cores=len(bench.site.cores.driver) or os.cpu_count() or 1,
        cores=len(bench.server.cores) or os.cpu_count() or 1,
    )


def _faults(server: Child) -> tuple[str, ...]:
    if server.exit_code is None:
        return ()
    return (f"the server ended in mid-trial with exit code {server.exit_code}: {server.log_tail().strip()[-300:]}",)
