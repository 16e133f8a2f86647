"""What columns and checks cost the generator: filled and checked requests beside plain ones."""

import json
from collections.abc import Iterator

from harness.errors import MeasurementError
from harness.facts.config import Lane
from harness.facts.point import users
from harness.facts.routes import Route
from harness.judge.statistics import paired_ratio
from harness.measure.server import Server
from harness.studies.instrument import BUSY_USERS
from harness.studies.laboratory import Experiment, Laboratory, laboratory
from harness.studies.study import Row, Study

MOST = 1.05
ORDERS = {"orders": {"path": "/orders/{id}", "body": {"paid": True, "items": [{"id": 7}]}, "delay": "fixed:0"}}
PEOPLE = [{"name": f"user {number}", "number": str(number)} for number in range(1000)]
PLAIN = Route(name="plain", path="/orders/1", upstream=())
FILLED = Route(
    name="filled",
    path="/orders/{number}",
    query={"by": "{name}"},
    headers={"X-User": "{name}"},
    expect={"/paid": True, "/items/0/id": 7},
    upstream=(),
)


def templates(rounds: int = 10, seconds: float = 3.0) -> Study:
    """One route filled from 1,000 rows and checked by JSON values, alternated with a plain GET that is not checked."""
    with laboratory() as bench:
        endpoints = bench.tools.site.scratch / "orders.json"
        endpoints.write_text(json.dumps(ORDERS))
        lane = Lane(command=f"python -m upstream --port {{port}} --endpoints {endpoints}", slots="unbounded")
        with bench.serve(lane) as server:
            pairs = list(_alternate(bench, server, lane, rounds, seconds))
    ratio = paired_ratio(pairs)
    rows: list[Row] = [
        {"round": n, "filled CPU us/request": filled, "plain CPU us/request": plain}
        for n, (filled, plain) in enumerate(pairs, 1)
    ]
    said = f"filled / plain: {ratio.value:.3f}, 95 % interval {ratio.low:.3f} to {ratio.high:.3f}" if ratio else ""
    return Study(
        f"Columns in path, query and header, JSON values checked: {BUSY_USERS} users, no delay",
        tuple(rows),
        (said, "CPU of the generator: what a core of it can send is one over it."),
        promise=f"at most {MOST}",
        kept=ratio is not None and ratio.value <= MOST,
    )


def _alternate(
    bench: Laboratory, server: Server, lane: Lane, rounds: int, seconds: float
) -> Iterator[tuple[float, float]]:
    for turn in range(rounds):
        order = [FILLED, PLAIN] if turn % 2 else [PLAIN, FILLED]
        cost_us = {route.name: _cost_us(bench, server, lane, route, seconds) for route in order}
        yield cost_us["filled"], cost_us["plain"]


def _cost_us(bench: Laboratory, server: Server, lane: Lane, route: Route, seconds: float) -> float:
    load = Experiment(users(BUSY_USERS), seconds, routes=(route,), data=PEOPLE)
    trial, _ = bench.measure(server, lane, load)
    if not trial.generator_cpu_share or not trial.completed_rps:
        raise MeasurementError("a trial of the study was not watched: no CPU time of the generator was read")
    return 1e6 * trial.generator_cpu_share / trial.completed_rps
