"""Coordinated omission: what open load sees of a server that stalls, and what closed load does not."""

from harness.facts.config import Lane
from harness.facts.point import Point, users
from harness.facts.trial import Trial
from harness.measure.generator import Sending
from harness.studies.laboratory import Experiment, laboratory
from harness.studies.study import Row, Study

RATE, USERS = 200.0, 4
STALLING = Lane(command="python -m harness.studies.stalling_server {port}", slots="unbounded", path="/")


def stall(seconds: float = 30.0) -> Study:
    """Load a server that stalls for 1 s in every 5 s: by 200 arrivals/s, and by 4 users paced at 50/s each."""
    loads = {
        f"open, {RATE:g}/s constant": Experiment(
            Point("open", RATE), seconds, clients=400, sending=Sending(spacing="constant")
        ),
        f"open, {RATE:g}/s Poisson": Experiment(Point("open", RATE), seconds, clients=400),
        f"closed, {USERS} users paced at {RATE / USERS:g}/s each": Experiment(
            users(USERS), seconds, sending=Sending(pace_s=USERS / RATE)
        ),
    }
    rows = []
    with laboratory() as bench:
        for name, load in loads.items():
            with bench.serve(STALLING) as server:
                rows.append(_row(name, *bench.measure(server, STALLING, load)[:1]))
    notes = (
        "The server answers in 5 ms and stalls for 1 s in every 5 s: a fifth of all arrivals meet a stall. Paced users "
        "wait for their answer, so only one request each meets it.",
    )
    *opened, closed = (row["p99 ms"] for row in rows)
    kept = all(isinstance(p99, float) and 900 <= p99 <= 1050 for p99 in opened)
    return Study(
        f"A stalling server, {seconds:g} s",
        tuple(rows),
        notes,
        promise="p99 of open load between 900 and 1,050 ms, of closed load below 10 ms",
        kept=kept and isinstance(closed, float) and closed < 10,
    )


def _row(name: str, trial: Trial) -> Row:
    return {
        "load": name,
        "requests": float(trial.window_ok),
        "p50 ms": trial.latency_p50_ms,
        "p99 ms": trial.latency_p99_ms,
        "max ms": trial.latency_max_ms,
        "service p99 ms": trial.service_p99_ms,
    }
