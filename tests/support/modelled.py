"""Trials as the model would have them: a calibration must find what they were made of."""

from functools import cache

from bounds import config_of
from measured_trials import trial
from show_runs import make_run

from harness.facts.config import Lane
from harness.facts.routes import Route, Scenario
from harness.facts.run import Run
from harness.facts.trial import Trial
from harness.model.closed import closed
from harness.model.server import Demand, Server

OVERHEAD_S = 0.001
LOOP = Server(0.2 + OVERHEAD_S, Demand((1, 300), (0.003, 0.001)))
THREADS = Server(0.2 + OVERHEAD_S, Demand((1, 64), (0.004, 0.002)), slots=64)
LANES = {"loop": Lane(command="serve {port}"), "threads": Lane(command="serve {port}", slots=64)}
ROUTE = Route(path="/sun", upstream=(("location",), ("sun",)))


def measured(lane: str, server: Server, at: int, block: int = 1, **changed: object) -> Trial:
    """Return a trial as the model would have it."""
    found = closed(server, at)
    cpu_s = server.demand.at(min(at, server.slots))
    figures: dict[str, object] = {
        "throughput_rps": found.throughput_rps,
        "latency_mean_ms": 1000 * found.latency_s,
        "upstream_mean_ms": 200.0,
        "cpu_ms_per_request": 1000 * cpu_s,
        "cpu_share": found.throughput_rps * cpu_s,
    }
    status = str(changed.pop("status", "valid"))
    return trial(lane, block, at=at, status=status, **(figures | changed))


@cache
def any_run() -> Run:
    """Return a run whose trials are replaced."""
    return make_run()


def run_of(*trials: Trial) -> Run:
    """Return a run of these trials, on an event loop and on 64 threads, with two calls of 100 ms a request."""
    run = any_run()
    config = config_of(scenarios={"sun": Scenario(routes=(ROUTE,))}, lanes=LANES)
    return run.model_copy(
        update={"trials": trials, "summaries": (), "info": run.info.model_copy(update={"config": config})}
    )
