"""A prediction put to the test: the way to serve is started and measured at the rate that was asked about."""

import math
from collections.abc import Callable

from harness.errors import UsageError
from harness.facts.config import Config, Lane, Upstream
from harness.facts.point import Point
from harness.facts.trial import Trial
from harness.model.advice import Checked, Known, Outlook, Question, Way
from harness.plan.open_load import SENDERS_LEAST, SENDERS_MOST, settling_s
from harness.studies.laboratory import Experiment, Laboratory, laboratory

ROUTES = {0: "events", 1: "weather", 2: "sun"}  # scenarios by how many calls follow one another
REQUESTS = 400  # that a window is to have, ...
SHORTEST_S, LONGEST_S = 5.0, 15.0  # ... as far as it is neither shorter nor longer than this

STARTED_S, SETTLED_S = 5.0, 20.0  # of warm-up, for the processes and at most for the queue


PERCENTILES: dict[float, Callable[[Trial], float | None]] = {
    50.0: lambda trial: trial.latency_p50_ms,
    95.0: lambda trial: trial.latency_p95_ms,
    99.0: lambda trial: trial.latency_p99_ms,
}


def check_can_verify(question: Question) -> None:
    """UsageError where this project's own service cannot be what the question describes."""
    if question.calls not in ROUTES:
        raise UsageError(
            f"VERIFY=1 with CALLS={question.calls}: the service that is started makes 0, 1 or 2 calls in a row",
            hint="ask without VERIFY=1, or with another number of calls",
        )
    if question.cpu_s is not None:
        raise UsageError(
            "VERIFY=1 with CPU_MS: the service that is started has its own CPU, not yours", hint="leave one of them out"
        )
    if question.cores > 1:
        raise UsageError("VERIFY=1 serves on one core, not on CORES", hint="leave out CORES= to verify")
    if question.percent not in PERCENTILES:
        raise UsageError(
            f"VERIFY=1 with PERCENTILE={question.percent:g}: a trial has p50, p95 and p99", hint="choose one of these"
        )


def verify(
    question: Question, ways: list[Outlook], known: Known, config: Config, say: Callable[[str], None]
) -> list[Checked]:
    """Measure each way once at the question's rate, on the server's core with this project's stub as upstream."""
    with laboratory(Upstream(delay=delay_of(question))) as bench:
        return [measured(bench, question, one, known, config, say) for one in ways]


def measured(
    bench: Laboratory, question: Question, expected: Outlook, known: Known, config: Config, say: Callable[[str], None]
) -> Checked:
    """Measure one way; see whether it is as it was expected."""
    lane = lane_of(expected.way, known)
    load = experiment(expected, question, lane, config)
    say(f"measuring {lane.command} at {question.rate_rps:g}/s for {load.warmup_s + load.window_s:.0f} s")
    return beside(question, expected, bench.measure_fresh(lane, load))


def beside(question: Question, expected: Outlook, trial: Trial) -> Checked:
    """Return what a trial says of what was expected; a rate that it did not keep up with is beyond every SLO."""
    ms = PERCENTILES[question.percent](trial)
    latency_s = math.inf if trial.sustained is False or ms is None else ms / 1000
    return Checked(expected, latency_s, latency_s <= question.slo_s)


def delay_of(question: Question) -> str:
    """Return the stub's delay of one call as bench.toml names it."""
    upstream = question.upstream
    call_s = upstream.mean_s / upstream.calls if upstream.calls else 0.0
    if upstream.sigma:
        return f"lognormal:{call_s * math.exp(-(upstream.sigma**2) / 2):.6g}:{upstream.sigma:.4g}"
    return f"fixed:{call_s:.6g}"


def lane_of(way: Way, known: Known) -> Lane:
    """Return the lane that serves this way: its calibration's, with the question's processes and threads."""
    own = known.lanes[way.lane]
    if way.stack in ("gevent", "loop"):
        return own
    threads = f" --threads {way.threads:g}" if way.threads > 1 else ""
    command = (
        f"gunicorn flask_app.app:app --bind 127.0.0.1:{{port}} --workers {way.workers}{threads} "
        "--config servers/gunicorn.conf.py"
    )
    return own.model_copy(update={"command": command, "slots": int(way.workers * way.threads)})


def experiment(expected: Outlook, question: Question, lane: Lane, config: Config) -> Experiment:
    """Return a load of this rate: long enough for its percentile, with senders for what is in flight.

    Before the window a start is forgotten: fresh processes answer slowly at first, and a queue near its capacity takes
    its time to settle (or, beyond it, to grow past the SLO).
    """
    rate, most = question.rate_rps, expected.capacity_rps
    settled_s = (
        settling_s(rate, most) if rate < most else question.slo_s / (rate / most - 1) if rate > most else math.inf
    )
    window_s = min(max(SHORTEST_S, REQUESTS / rate), LONGEST_S)
    warmup_s = max(STARTED_S, 4 * question.upstream_s, min(settled_s, SETTLED_S))
    in_flight = rate * max(question.slo_s, 2 * question.upstream_s)
    clients = min(SENDERS_MOST, math.ceil(3 * in_flight) + SENDERS_LEAST)
    routes = lane.routes(config.scenarios[ROUTES[question.calls]])
    return Experiment(Point("open", rate), window_s, warmup_s, clients, routes=routes)
