"""The locustfile of one trial: closed or open load on one lane, started by the harness.

It says `ready` on stdout once it is loaded, waits for a line on stdin, says `window START END` and runs the plan.
With Locust workers (`--processes`) the master waits for the line and gives every worker the same timeline; the
workers' rows are merged before they are written.
"""

import gc
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gevent
from locust import events
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment
from locust.runners import LocalRunner, MasterRunner, WorkerRunner

from loadtests.merged import RowsFile
from loadtests.recorder import COLUMNS, Recorder, Row
from loadtests.trial_plan import CONNECT_S, HEAD_START_S, Timeline, TrialPlan
from loadtests.trial_users import ClosedUser, OpenUser, TrialUser, sleep_until

__all__ = ["ClosedUser", "OpenUser"]  # Locust looks for its users here; the command line names the one that is meant

ROWS_A_MESSAGE = 5_000
AWHILE_S = 0.005
ADDED_UP = ("started", "waited", "thought_s")  # over the sending processes
MERGED = ("setup_faults", "bodies")
LOST_S = 5.0  # after the drain a worker that has sent no rows is lost


@dataclass
class Recorded:
    """What one or more sending processes have recorded."""

    rows: list[Row] = field(default_factory=list)
    started: int = 0
    waited: int = 0  # arrivals of the window that found no free sender
    thought_s: float = 0.0  # of the window, in which users of closed load thought
    setup_faults: dict[str, int] = field(default_factory=dict)  # by what was wrong with an answer to a setup request
    lost_workers: int = 0
    by_worker: list[int] = field(default_factory=list)  # how many requests each has begun
    bodies: dict[str, str] = field(default_factory=dict)  # by error: how the body of the first such answer begins


@events.init_command_line_parser.add_listener
def add_option(parser: LocustArgumentParser) -> None:
    """Add the one option of a trial."""
    parser.add_argument("--trial", required=True, help="a file with the trial's plan, JSON")


@events.init.add_listener
def prepare(environment: Environment, **_: Any) -> None:
    """Give each kind of process its part: a worker sends, the master merges, a process alone does both."""
    assert environment.parsed_options is not None  # noqa: S101 - Locust has parsed them before this event
    plan = TrialPlan.parse(json.loads(Path(environment.parsed_options.trial).read_text()))
    runner = environment.runner
    TrialUser.target = plan.target
    TrialUser.recorder = Recorder()
    events.request.add_listener(TrialUser.recorder.on_request)
    if isinstance(runner, MasterRunner):
        _Merger(runner, plan)
    elif isinstance(runner, WorkerRunner):
        runner.register_message("timeline", lambda msg, **_: _join(runner, plan, **msg.data))
    elif isinstance(runner, LocalRunner):
        events.test_start.add_listener(lambda **_: _run_alone(runner, plan))


def _run_alone(runner: LocalRunner, plan: TrialPlan) -> None:
    TrialUser.timeline = _await_start(plan)

    def finish() -> None:
        _save(TrialUser.timeline, _send_and_drain())
        runner.quit()

    gevent.spawn(finish)


def _join(runner: WorkerRunner, plan: TrialPlan, start_s: float, rank: int, workers: int) -> None:
    TrialUser.timeline = Timeline(plan, start_s + plan.ahead_s)
    TrialUser.rank, TrialUser.workers = rank, workers
    _stop_collecting()

    def finish() -> None:
        recorded = _send_and_drain()
        recorded.rows = [_in_masters_time(row, plan.ahead_s) for row in recorded.rows]
        for first in range(0, len(recorded.rows), ROWS_A_MESSAGE):
            runner.send_message("rows", {"rows": recorded.rows[first : first + ROWS_A_MESSAGE]})
        runner.send_message("done", {name: getattr(recorded, name) for name in (*ADDED_UP, *MERGED)})

    gevent.spawn(finish)


def _in_masters_time(row: Row, ahead_s: float) -> Row:
    name, route, start_s, *rest = row
    return (name, route, start_s - ahead_s, *rest)  # type: ignore[return-value] # mypy loses the rest's types


class _Merger:
    """The master's part: announce the timeline, write down every worker's rows as they come."""

    def __init__(self, runner: MasterRunner, plan: TrialPlan) -> None:
        self.runner, self.plan = runner, plan
        self.recorded, self.rows = Recorded(), RowsFile(Path(f"{plan.out}.rows"))
        events.test_start.add_listener(self.announce)
        runner.register_message("rows", self.gather)
        runner.register_message("done", self.count_down)

    def announce(self, **_: Any) -> None:
        self.timeline = _await_start(self.plan)
        workers = list(self.runner.clients)
        self.missing = len(workers)
        for rank, worker in enumerate(workers):
            message = {"start_s": self.timeline.start_s, "rank": rank, "workers": len(workers)}
            self.runner.send_message("timeline", message, client_id=worker)
        gevent.spawn(self.finish)

    def gather(self, msg: Any, **_: Any) -> None:
        self.rows.add(msg.data["rows"])

    def count_down(self, msg: Any, **_: Any) -> None:
        for name in ADDED_UP:
            setattr(self.recorded, name, getattr(self.recorded, name) + msg.data[name])
        self.recorded.by_worker.append(msg.data["started"])
        self.recorded.bodies = {**msg.data["bodies"], **self.recorded.bodies}
        self.recorded.setup_faults = dict(Counter(self.recorded.setup_faults) + Counter(msg.data["setup_faults"]))
        self.missing -= 1

    def finish(self) -> None:
        while self.missing and time.monotonic() < self.timeline.give_up_s + LOST_S:
            gevent.sleep(AWHILE_S)
        self.recorded.lost_workers = self.missing
        self.rows.close()
        _save(self.timeline, self.recorded, {"rows": str(self.rows.path)})
        self.runner.quit()


def _await_start(plan: TrialPlan) -> Timeline:
    """Say `ready`, wait for the harness's line without blocking Locust, announce the window."""
    _stop_collecting()
    print("ready", flush=True)
    gevent.get_hub().threadpool.spawn(sys.stdin.readline).get()
    timeline = Timeline(plan, time.monotonic() + HEAD_START_S + CONNECT_S * plan.users + plan.setup_s)
    print("window", *timeline.window, flush=True)
    return timeline


def _stop_collecting() -> None:
    """Switch the garbage collector off for the trial's few seconds.

    A full collection stops every user for some 50 ms, and with equal delays the users stay bunched from then on.
    """
    gc.collect()
    gc.freeze()
    gc.disable()


def _send_and_drain() -> Recorded:
    """Follow the schedule, if there is one; then wait for the missing answers; return what was recorded."""
    timeline, recorder = TrialUser.timeline, TrialUser.recorder
    if timeline.plan.arrivals is not None:
        OpenUser.follow_schedule()
    sleep_until(timeline.last_s)
    while recorder.waiting and time.monotonic() < timeline.give_up_s:
        gevent.sleep(AWHILE_S)
    return Recorded(
        rows=recorder.close(),
        started=recorder.started,
        waited=OpenUser.waited,
        thought_s=TrialUser.thought_s,
        setup_faults=dict(TrialUser.setup_faults),
        bodies=recorder.bodies,
    )


def _save(timeline: Timeline, recorded: Recorded, requests: dict[str, Any] | None = None) -> None:
    """Write what was recorded; its requests by column, unless they are said to be elsewhere."""
    if requests is None:
        requests = {
            "requests": {name: [row[place] for row in recorded.rows] for place, name in enumerate(COLUMNS)},
        }
    counts = {name: getattr(recorded, name) for name in (*ADDED_UP, *MERGED, "lost_workers", "by_worker")}
    Path(timeline.plan.out).write_text(json.dumps({"window": timeline.window, **counts, **requests}))
