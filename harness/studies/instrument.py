"""What the generator, the stub and the recorder can do on this machine."""

import sys
import time
from collections.abc import Callable, Iterator

import numpy as np

from harness.facts.point import Point, users
from harness.facts.trial import Trial
from harness.judge.rows import Evidence
from harness.judge.statistics import paired_ratio
from harness.measure.child import Child
from harness.measure.server import Server
from harness.measure.site import ROOT
from harness.studies.laboratory import Experiment, Laboratory, ask, laboratory, stub_lane
from harness.studies.study import Row, Study

KNOWN_S = 0.2
RATE = 1_000.0
BUSY_USERS = 64
Figures = dict[str, float | None]


def calibrate(bench: Laboratory, seconds: float = 2.0) -> Figures:
    """Return what this machine's instrument can do, units in the names; four short trials on a server that is a stub.

    floor: latency of one user without any delay. ceiling: requests a second that one core of generator, or of stub,
    would carry. jitter: what is added to a known delay of 200 ms at 100 users. lateness: open load at 1,000/s.
    """
    with bench.serve(lane := stub_lane("fixed:0")) as server:
        floor, _ = bench.measure(server, lane, Experiment(users(1), seconds))
        ceiling, _ = bench.measure(server, lane, Experiment(users(BUSY_USERS), seconds))
        arrivals, evidence = bench.measure(server, lane, Experiment(Point("open", RATE), seconds, clients=100))
    with bench.serve(lane := stub_lane(f"fixed:{KNOWN_S}")) as server:
        known, _ = bench.measure(server, lane, Experiment(users(100), seconds))
        stub_ms = ask(server, "/control/stats")["lateness_ms"]["p99"]
    return {
        "floor_p50_ms": floor.latency_p50_ms,
        "floor_p99_ms": floor.latency_p99_ms,
        "known_200_ms_p50_ms": known.latency_p50_ms,
        "known_200_ms_p99_ms": known.latency_p99_ms,
        "stub_lateness_p99_ms": stub_ms,
        "generator_ceiling_rps_per_core": _per_core(ceiling, ceiling.generator_cpu_share),
        "stub_ceiling_rps_per_core": _per_core(ceiling, ceiling.cpu_share),
        "open_1000_rps_sent_share": _sent_share(evidence),
        "open_1000_rps_send_lateness_p99_ms": arrivals.send_lateness_p99_ms,
    }


def _sent_share(evidence: Evidence) -> float:
    """Return how many of the window's arrivals were sent before it closed."""
    requests, window = evidence.requests, evidence.window
    due = (requests.start_s >= window[0]) & (requests.start_s < window[1])
    return float(np.sum(due & (requests.start_s + requests.late_s < window[1])) / np.sum(due))


def _per_core(trial: Trial, share: float | None) -> float | None:
    return trial.throughput_rps / share if trial.throughput_rps and share else None


def arrivals(seconds: float = 30.0, rate: float = RATE) -> Study:
    """Open load at 1,000/s Poisson on one core: how many of the scheduled arrivals were sent, and how late."""
    with laboratory() as bench, bench.serve(lane := stub_lane("fixed:0.005")) as server:
        trial, evidence = bench.measure(server, lane, Experiment(Point("open", rate), seconds, clients=200))
    late_ms = [float(late) for late in np.percentile(evidence.requests.late_s * 1000, [50, 99, 100])]
    row: Row = {
        "arrivals": len(evidence.requests.id),
        "sent / scheduled": (sent := _sent_share(evidence)),
        **dict(zip(("late p50 ms", "late p99 ms", "late max ms"), late_ms, strict=True)),
        "generator % of a core": 100 * (trial.generator_cpu_share or 0),
        "stub % of a core": 100 * (trial.cpu_share or 0),
    }
    return Study(
        f"Open load at {rate:g}/s, Poisson, {seconds:g} s, one generator",
        (row,),
        promise="at least 0.995 of the arrivals sent before the window closes, p99 of the lateness at most 2 ms",
        kept=sent >= 0.995 and late_ms[1] <= 2,
    )


def recorder_share(bench: Laboratory, rounds: int, seconds: float) -> float | None:
    """Return our generator's throughput as a share of a bare one's."""
    with bench.serve(stub_lane("fixed:0")) as server:
        ratio = paired_ratio(list(_alternate(bench, server, rounds, seconds)))
    return ratio.value if ratio else None


def recorder(rounds: int = 10, seconds: float = 3.0) -> Study:
    """Our generator, which counts itself, alternated with a bare FastHttpUser, which the server counts."""
    with laboratory() as bench, bench.serve(stub_lane("fixed:0")) as server:
        pairs = list(_alternate(bench, server, rounds, seconds))
    ratio = paired_ratio(pairs)
    rows: list[Row] = [{"round": n, "ours req/s": ours, "bare req/s": bare} for n, (ours, bare) in enumerate(pairs, 1)]
    said = f"ours / bare: {ratio.value:.3f}, 95 % interval {ratio.low:.3f} to {ratio.high:.3f}" if ratio else ""
    return Study(
        f"Recorder: {BUSY_USERS} users, no delay",
        tuple(rows),
        (said, "Ours runs with the garbage collector off, as in every trial."),
        promise="at least 0.85",
        kept=ratio is not None and ratio.value >= 0.85,
    )


def _alternate(bench: Laboratory, server: Server, rounds: int, seconds: float) -> Iterator[tuple[float, float]]:
    for turn in range(rounds):
        order: list[Callable[[], float]] = [
            lambda: _ours(bench, server, seconds),
            lambda: _bare(bench, server, seconds),
        ]
        first, second = (measure() for measure in order[:: 1 if turn % 2 else -1])
        yield (first, second) if turn % 2 else (second, first)


def _ours(bench: Laboratory, server: Server, seconds: float) -> float:
    trial, _ = bench.measure(server, stub_lane("fixed:0"), Experiment(users(BUSY_USERS), seconds))
    assert trial.completed_rps is not None  # noqa: S101 - a trial without an answer has raised before
    return trial.completed_rps


def _bare(bench: Laboratory, server: Server, seconds: float) -> float:
    home = bench.tools.site.scratch / "bare"
    home.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "locust", "--locustfile", str(ROOT / "loadtests" / "bare.py"), "--headless"]
    command += [
        "--users",
        str(BUSY_USERS),
        "--spawn-rate",
        str(BUSY_USERS),
        "--host",
        server.url,
        "--loglevel",
        "ERROR",
    ]
    environment = bench.tools.site.environment(HOME=str(home), PYTHONPATH=str(ROOT))
    log = bench.tools.site.scratch / "bare.log"
    with Child(
        "the bare generator", command, log=log, environment=environment, cwd=home, cpus=bench.tools.site.cores.driver
    ) as bare:
        _wait_for_calls(server, bare, _calls(server) + 2 * BUSY_USERS)
        bare.wait(1.0)
        before, began = _calls(server), time.monotonic()
        if bare.wait(seconds) is not None:
            raise bare.failure("ended")
        return (_calls(server) - before) / (time.monotonic() - began)


def _wait_for_calls(server: Server, child: Child, calls: int) -> None:
    deadline = time.monotonic() + 30
    while _calls(server) < calls and child.wait(0.1) is None and time.monotonic() < deadline:
        pass


def _calls(server: Server) -> int:
    calls: dict[str, int] = ask(server, "/control/stats")["calls"]
    return sum(calls.values())
