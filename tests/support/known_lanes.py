"""One lane of each stack, as a run would have calibrated it."""

import math

from harness.facts.config import Lane
from harness.facts.point import users
from harness.model.calibrate import Calibrated
from harness.model.server import constant

GUNICORN = "gunicorn app:app --bind 127.0.0.1:{port}"
LANES = {
    "sync": Lane(command=f"{GUNICORN} --workers 4", slots=4),
    "threads": Lane(command=f"{GUNICORN} --threads 300", slots=300),
    "urllib3": Lane(command=f"{GUNICORN} --threads 300", slots=300, env={"UPSTREAM_CLIENT": "urllib3"}),
    "gevent": Lane(command=f"{GUNICORN} --worker-class gevent", slots=1000),
    "loop": Lane(command="hypercorn app:app --bind 127.0.0.1:{port}"),
}
CPU_S = {"sync": 0.003, "threads": 0.002, "urllib3": 0.0012, "gevent": 0.0018, "loop": 0.001}


def calibrated(name: str) -> Calibrated:
    slots = LANES[name].slots
    return Calibrated(
        lane=name,
        slots=math.inf if slots == "unbounded" else slots,
        upstream_s=0.2,
        demand=constant(CPU_S[name]),
        overhead_s=0.001,
        calls=2,
        spread=0.05,
        blocks=4,
        points=(users(300),),
        core_bound=True,
    )
