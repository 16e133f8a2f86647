"""Beside a locustfile of the user's own, which runs as it is: aims it at the lane, and keeps every request exactly.

`locust -f loadtests/own.py,mine.py --trial PLAN`: this file has no users. It says `ready` on stdout once both are
loaded, waits for a line on stdin, says `window START END`, and ends the test when the plan says so. Requests have no
ids of ours, and which of them were still without an answer at the end is not known.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import gevent
from locust import events
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment
from locust.runners import LocalRunner

from loadtests.recorder import COLUMNS, Row, shown
from loadtests.trial_plan import HEAD_START_S, OwnPlan

ROWS: list[Row] = []
BODIES: dict[str, str] = {}


@events.init_command_line_parser.add_listener
def add_option(parser: LocustArgumentParser) -> None:
    """Add the one option of a trial."""
    parser.add_argument("--trial", required=True, help="a file with the trial's plan, JSON")


@events.init.add_listener
def prepare(environment: Environment, **_: Any) -> None:
    """Aim every user at the lane, and run the plan once the test starts."""
    assert environment.parsed_options is not None  # noqa: S101 - Locust has parsed them before this event
    plan = OwnPlan.parse(json.loads(Path(environment.parsed_options.trial).read_text()))
    environment.host = plan.url
    for user in environment.user_classes:
        user.host = plan.url
    environment.stop_timeout = plan.drain_s
    runner = environment.runner
    assert isinstance(runner, LocalRunner)  # noqa: S101 - one process sends
    events.test_start.add_listener(lambda **_: _start(runner, plan))


@events.request.add_listener
def keep(
    request_type: str,
    name: str,
    response_time: float,
    response_length: int,
    exception: BaseException | None,
    response: Any = None,
    **_: Any,
) -> None:
    """Keep a request: its name, with its method unless that is GET; times are those of the locustfile's own client."""
    latency_s = response_time / 1000
    start_s = time.monotonic() - latency_s
    route = name if request_type == "GET" else f"{request_type} {name}"
    outcome, error = ("failed", str(exception) or repr(exception)) if exception else ("ok", "")
    ROWS.append((str(len(ROWS)), route, start_s, 0.0, latency_s, outcome, error, response_length, ""))
    if error:
        shown(BODIES, error, response)


def _start(runner: LocalRunner, plan: OwnPlan) -> None:
    """Say `ready`, wait for the harness's line without blocking Locust, announce the window."""
    print("ready", flush=True)
    gevent.get_hub().threadpool.spawn(sys.stdin.readline).get()
    opens = time.monotonic() + HEAD_START_S + plan.warmup_s
    window = (opens, opens + plan.window_s)
    print("window", *window, flush=True)
    gevent.spawn(_end, runner, plan, window)


def _end(runner: LocalRunner, plan: OwnPlan, window: tuple[float, float]) -> None:
    """Stop the users after the window, give their last answers time, and write what was kept."""
    gevent.sleep(max(0.0, window[1] + plan.after_s - time.monotonic()))
    runner.stop()
    columns = {name: [row[place] for row in ROWS] for place, name in enumerate(COLUMNS)}
    results = {"window": window, "started": len(ROWS), "bodies": BODIES, "own": True, "requests": columns}
    Path(plan.out).write_text(json.dumps(results))
    runner.quit()
