"""Whether the stub is late when thousands of calls wait in it at once: it must never be what is measured."""

from harness.facts.point import Point
from harness.measure.generator import Sending
from harness.studies.laboratory import Experiment, ask, laboratory, stub_lane
from harness.studies.study import Row, Study

RATE = 1_000.0
DELAY_S = 2.0
PROCESSES = 3  # a Locust process holds fewer than 1,000 connections
BOUND_MS = 10.0


def in_flight(seconds: float = 10.0, rate: float = RATE) -> Study:
    """Send a stub calls that each wait two seconds, whatever it does; `rate` is in calls per second."""
    lane = stub_lane(f"fixed:{DELAY_S}")
    load = Experiment(
        Point("open", rate),
        seconds,
        warmup_s=DELAY_S,
        clients=round(1.2 * rate * DELAY_S),
        sending=Sending(processes=PROCESSES, spacing="constant"),
    )
    with laboratory() as bench, bench.serve(lane) as server:
        trial, _ = bench.measure(server, lane, load)
        stub = ask(server, "/control/stats")
    row: Row = {
        "calls": trial.started,
        "failed": trial.failed + trial.censored,
        "most in flight": stub["max_in_flight"],
        "late p99 ms, at the stub": stub["lateness_ms"]["p99"],
        "late p99 ms, at the caller": (trial.service_p99_ms or 0.0) - DELAY_S * 1000,
        "stub % of a core": 100 * (trial.cpu_share or 0.0),
    }
    return Study(
        f"The stub at {rate:g} calls/s of {DELAY_S:g} s each, {seconds:g} s",
        (row,),
        promise=f"no call fails, p99 of the lateness below {BOUND_MS:g} ms at the stub",
        kept=not row["failed"] and stub["lateness_ms"]["p99"] < BOUND_MS,
    )
