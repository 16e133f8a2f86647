"""One trial: load a running server, watch it, and bring home everything that was observed."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from harness.judge.clocks import on_one_clock
from harness.judge.counts import Cost, Sent, Watched, Wire
from harness.judge.rows import Calls, Evidence, Requests
from harness.measure.child import Child, until
from harness.measure.generator import Generator
from harness.measure.instruments import Instruments
from harness.measure.outsider import Outsider
from harness.measure.probes import listen_overflows
from harness.measure.server import Server
from harness.measure.trouble import Troublemaker
from harness.measure.watch import Machine, Seen, Wait, together, watch

CALL_COLUMNS = ("id", "endpoint", "start_s", "injected_s", "delivered_s")


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
    for far in bench.tools.elsewhere:
        far.opens()
    rtt_s, overflows_before = bench.server.rtt_s(), listen_overflows()
    window = bench.generator.begin()
    if bench.trouble:
        bench.trouble.begin(window)
    seen = _watch(bench, window)
    bench.generator.child.wait(until(window[1] + bench.generator.planned.timing.after_s))
    at_close()
    results = bench.generator.results()
    stats, calls = bench.tools.stub.stats(), bench.tools.stub.calls()
    rtt_later_s, overflows = bench.server.rtt_s(), listen_overflows()
    wires, more = _closed(bench)
    own = None if overflows is None or overflows_before is None else overflows - overflows_before
    evidence = Evidence(
        load=bench.generator.planned.point.load,
        window=window,
        sent=Sent(**{name: results[name] for name in Sent.model_fields if name in results}),
        requests=Requests.of(results["requests"]),
        calls=Calls(**{name: calls[name] for name in CALL_COLUMNS}),
        watched=Watched(
            stub_max_in_flight=stats["max_in_flight"],
            cost=_cost(seen) if bench.server.child.exit_code is None else None,
            interference=seen.interference,
            accept_queue_max=seen.accept_queue_max,
            listen_overflows=_sum((own, *more)),
            wires=wires,
            rtt_s=None if rtt_s is None or rtt_later_s is None else (rtt_s, rtt_later_s),
            unknown_calls=stats["unknown"],
            kept_extra_ms=bench.server.kept_extra_ms,
            still_s=seen.still_s,
            faults=_faults(bench.server.child),
            trouble=bench.trouble.seen(window) if bench.trouble else None,
        ),
    )
    ahead_s = {part: wire.ahead_s for wire in wires for part in wire.parts}
    return on_one_clock(evidence, server_ahead_s=ahead_s.get("server", 0.0), stub_ahead_s=ahead_s.get("upstream", 0.0))


def _watch(bench: Bench, window: tuple[float, float]) -> Seen:
    """Watch a window on every machine of the trial."""
    holds = bench.server.meets(bench.generator.planned.clients)
    for far in bench.tools.elsewhere:
        far.watches(window, holds=holds)
    here = watch(_machine(bench), window, _wait(bench, window), holds=holds)
    return together([here, *(far.seen() for far in bench.tools.elsewhere)])


def _wait(bench: Bench, window: tuple[float, float]) -> Wait:
    """Return how to wait while the generator runs: what is to go wrong happens meanwhile, each at its moment."""
    due = deque(bench.trouble.happenings(window) if bench.trouble else ())

    def wait(seconds: float) -> bool:
        if due and until(due[0][0]) <= seconds:
            moment_s, happen = due.popleft()
            bench.generator.child.wait(until(moment_s))
            happen()
            return bench.generator.child.exit_code is not None
        return bench.generator.child.wait(seconds) is not None

    return wait


def _closed(bench: Bench) -> tuple[tuple[Wire, ...], list[int | None]]:
    """Return what the other machines' clocks did, and how often their listen queues overflowed."""
    closed = [far.closes() for far in bench.tools.elsewhere]
    return tuple(wire for wire, _ in closed), [overflows for _, overflows in closed]


def _sum(counts: Iterable[int | None]) -> int | None:
    """Return the sum of what is known; None where nothing is."""
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _machine(bench: Bench) -> Machine:
    """Return what of the trial runs here."""
    server, tools = bench.server, bench.tools
    return Machine(
        site=tools.site,
        parts={"server": [server.child], "generator": [bench.generator.child], "stub": [tools.stub.child]},
        probe=tools.probe,
        port=None if server.is_far else server.port,
        cores=() if server.is_far else server.cores,
    )


def _cost(seen: Seen) -> Cost:
    server, generator, stub = seen.used["server"], seen.used["generator"], seen.used["stub"]
    return Cost(
        cpu_s=server.cpu_s if server.processes else None,
        edges_s=seen.edges_s,
        pss_mib=seen.pss_mib,
        threads=seen.threads,
        generator_cpu_s=generator.cpu_s,
        stub_cpu_s=stub.cpu_s,
        busiest_generator_s=generator.busiest_s,
        generator_queue_s=generator.queue_s,
        stub_queue_s=stub.queue_s,
        driver_cores=seen.driver_cores,
        cores=min(seen.cores, server.working),
    )


def _faults(server: Child | Outsider) -> tuple[str, ...]:
    if server.exit_code is None:
        return ()
    return (f"the server ended in mid-trial with exit code {server.exit_code}: {server.log_tail().strip()[-300:]}",)
