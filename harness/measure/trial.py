"""One trial: load a running server, watch it, and bring home everything that was observed."""

import os
from collections.abc import Callable
from dataclasses import dataclass

from harness.judge.evidence import Calls, Cost, Evidence, Requests
from harness.measure.child import Child, until
from harness.measure.generator import Generator
from harness.measure.probes import Usage, accept_queue, listen_overflows, usage
from harness.measure.server import Server
from harness.measure.site import Site
from harness.measure.stub import Stub

LOOK_S = 0.25  # between two looks at the accept queue


@dataclass(frozen=True)
class Bench:
    """The three processes of a trial, and where they run."""

    server: Server
    stub: Stub
    generator: Generator
    site: Site


def observe(bench: Bench, *, at_close: Callable[[], None]) -> Evidence:
    """Run one trial and return its evidence; `at_close` is called when the window has closed.

    A server that ends in mid-trial is a fault in the evidence, not an error: the requests that failed are results.
    """
    bench.stub.reset()
    bench.generator.await_ready()
    overflows_before = listen_overflows()
    window = bench.generator.begin()
    trees = [child.processes() for child in (bench.server.child, bench.generator.child, bench.stub.child)]
    queue = _watch(bench, window[0])
    before = [usage(tree) for tree in trees]
    queue = max(queue, _watch(bench, window[1]))
    after = [usage(tree) for tree in trees]
    at_close()
    results = bench.generator.results()
    stats, calls = bench.stub.stats(), bench.stub.calls()
    overflows = listen_overflows()
    return Evidence(
        window=window,
        started=results["started"],
        requests=Requests.of(results["requests"]),
        calls=Calls(calls["id"], calls["endpoint"], calls["injected_s"], calls["delivered_s"]),
        stub_max_in_flight=stats["max_in_flight"],
        cost=_cost(bench, before, after) if bench.server.child.exit_code is None else None,
        accept_queue_max=queue,
        listen_overflows=None if overflows is None or overflows_before is None else overflows - overflows_before,
        faults=_faults(bench.server.child),
    )


def _watch(bench: Bench, moment_s: float) -> int:
    """Wait for a moment while the generator runs; return the longest accept queue that was seen."""
    longest = 0
    while (left := until(moment_s)) and bench.generator.child.wait(min(LOOK_S, left)) is None:
        longest = max(longest, accept_queue(bench.server.port) or 0)
    return longest


def _cost(bench: Bench, before: list[Usage], after: list[Usage]) -> Cost:
    server, generator, stub = (end.cpu_s - start.cpu_s for start, end in zip(before, after, strict=True))
    return Cost(
        cpu_s=server,
        rss_mib=after[0].rss_mib,
        threads=after[0].threads,
        generator_cpu_s=generator,
        stub_cpu_s=stub,
        generators=bench.generator.processes,
        shared_core=len(bench.site.cores.driver) <= 1,
        cores=len(bench.server.cores) or os.cpu_count() or 1,
    )


def _faults(server: Child) -> tuple[str, ...]:
    if server.exit_code is None:
        return ()
    return (f"the server ended in mid-trial with exit code {server.exit_code}: {server.log_tail().strip()[-300:]}",)
