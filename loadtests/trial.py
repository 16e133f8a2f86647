"""The locustfile of one trial: closed load on one lane, started by the harness.

It says `ready` on stdout once it is loaded, waits for a line on stdin, says `window START END` and runs the plan.
With Locust workers (`--processes`) the master waits for the line and gives every worker the same timeline; the
workers' rows are merged before they are written.
"""

import gc
import json
import sys
import time
from pathlib import Path
from typing import Any, ClassVar

import gevent
from locust import events, task
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment
from locust.exception import StopUser
from locust.runners import LocalRunner, MasterRunner, WorkerRunner

from loadtests.recorder import COLUMNS, Recorder, Row
from loadtests.timeline import CONNECT_S, Timeline, TrialPlan
from loadtests.users import ApiUser

HEAD_START_S = 0.3  # from the timeline's announcement to the first connection: workers hear of it, users are made
ROWS_A_MESSAGE = 5_000
AWHILE_S = 0.005


class TrialUser(ApiUser):
    """Sends the k-th request as soon as the answer to the one before is there, until the window closes."""

    timeline: ClassVar[Timeline]
    recorder: ClassVar[Recorder]
    first_number: ClassVar[int] = 0  # numbers of users are unique over all workers
    step: ClassVar[int] = 1
    born: ClassVar[int] = 0

    def on_start(self) -> None:
        """Take a number, and wait for its turn to begin."""
        self.number = self.first_number + self.step * TrialUser.born
        self.sent = 0
        TrialUser.born += 1
        _sleep_until(self.timeline.connect_s(self.number))
        self.connect(self.timeline.plan.ready)
        _sleep_until(self.timeline.first_request_s(self.number))

    @task
    def request(self) -> None:
        """Send the next request of the scenario's cycle, with the id (user, k)."""
        if time.monotonic() >= self.timeline.window[1]:
            raise StopUser
        cycle = self.timeline.plan.cycle
        route = cycle[(self.number + self.sent) % len(cycle)]
        request_id = f"{self.number}-{self.sent}"
        self.sent += 1
        self.recorder.sent(request_id, route.path)
        self.ask(route, request_id)


@events.init_command_line_parser.add_listener
def add_option(parser: LocustArgumentParser) -> None:
    """Add the one option of a trial."""
    parser.add_argument("--trial", required=True, help="the trial's plan, JSON")


@events.init.add_listener
def prepare(environment: Environment, **_: Any) -> None:
    """Give each kind of process its part: a worker sends, the master merges, a process alone does both."""
    assert environment.parsed_options is not None  # noqa: S101 - Locust has parsed them before this event
    plan = TrialPlan.parse(json.loads(environment.parsed_options.trial))
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
        _save(TrialUser.timeline, _drain(), TrialUser.recorder.started)
        runner.quit()

    gevent.spawn(finish)


def _join(runner: WorkerRunner, plan: TrialPlan, start_s: float, workers: int) -> None:
    TrialUser.timeline = Timeline(plan, start_s)
    TrialUser.first_number, TrialUser.step = runner.worker_index, workers

    def finish() -> None:
        rows = _drain()
        for first in range(0, len(rows), ROWS_A_MESSAGE):
            runner.send_message("rows", {"rows": rows[first : first + ROWS_A_MESSAGE], "last": False, "started": 0})
        runner.send_message("rows", {"rows": [], "last": True, "started": TrialUser.recorder.started})

    gevent.spawn(finish)


class _Merger:
    """The master's part: announce the timeline, gather every worker's rows, write them."""

    def __init__(self, runner: MasterRunner, plan: TrialPlan) -> None:
        self.runner, self.plan = runner, plan
        self.rows: list[Row] = []
        self.started = 0
        events.test_start.add_listener(self.announce)
        runner.register_message("rows", self.gather)

    def announce(self, **_: Any) -> None:
        self.timeline = _await_start(self.plan)
        self.missing = self.runner.worker_count
        self.runner.send_message("timeline", {"start_s": self.timeline.start_s, "workers": self.missing})

    def gather(self, msg: Any, **_: Any) -> None:
        self.rows += [tuple(row) for row in msg.data["rows"]]
        self.started += msg.data["started"]
        self.missing -= msg.data["last"]
        if self.missing == 0:
            _save(self.timeline, self.rows, self.started)
            gevent.spawn(self.runner.quit)


def _await_start(plan: TrialPlan) -> Timeline:
    """Say `ready`, wait for the harness's line without blocking Locust, announce the window."""
    _stop_collecting()
    print("ready", flush=True)
    gevent.get_hub().threadpool.spawn(sys.stdin.readline).get()
    timeline = Timeline(plan, time.monotonic() + HEAD_START_S + CONNECT_S * plan.users)
    print("window", *timeline.window, flush=True)
    return timeline


def _stop_collecting() -> None:
    """Switch the garbage collector off for the trial's few seconds.

    A full collection stops every user for some 50 ms, and with equal delays the users stay bunched from then on.
    """
    gc.collect()
    gc.freeze()
    gc.disable()


def _drain() -> list[Row]:
    """Wait for the window's end, then for the missing answers; return all rows."""
    timeline, recorder = TrialUser.timeline, TrialUser.recorder
    _sleep_until(timeline.window[1])
    while recorder.waiting and time.monotonic() < timeline.give_up_s:
        gevent.sleep(AWHILE_S)
    return recorder.close()


def _save(timeline: Timeline, rows: list[Row], started: int) -> None:
    columns = {name: [row[place] for row in rows] for place, name in enumerate(COLUMNS)}
    Path(timeline.plan.out).write_text(json.dumps({"window": timeline.window, "started": started, "requests": columns}))


def _sleep_until(moment_s: float) -> None:
    gevent.sleep(max(0.0, moment_s - time.monotonic()))
