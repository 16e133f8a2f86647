"""Start two lanes, ask both the same, and say what differs."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from harness.bench.options import Options, chosen
from harness.errors import MeasurementError, UsageError
from harness.facts.config import Config, Lane, most_cores
from harness.measure.instruments import Instruments, instruments
from harness.measure.secrets import secrets_of
from harness.measure.server import address_of, check_command, check_outsider, start_server
from harness.measure.site import ROOT, free_port
from harness.measure.work import Work, work_of
from harness.pair.answers import Answer, differences
from harness.pair.openapi import follow

TIMES = 10  # each route is asked


@dataclass(frozen=True)
class Checked:
    """What two lanes (or one) answered to one route, and in what they differ."""

    route: str
    answers: Mapping[str, Sequence[Answer]]  # by lane
    different: tuple[str, ...]

    @property
    def faults(self) -> dict[str, str]:
        """What is wrong with a lane's first wrong answer, by lane."""
        return {lane: fault for lane, every in self.answers.items() if (fault := next(_faults(every), ""))}

    def median_ms(self, lane: str) -> float | None:
        """Return the median time of a lane's answers; None without any."""
        known = [answer.seconds for answer in self.answers[lane] if answer.status is not None]
        return median(known) * 1000 if known else None


def check_pair(options: Options) -> list[Checked]:
    """Ask each route of the scenario ten times of every lane that is named; UsageError where that cannot be done."""
    with _served(options) as (config, work, addresses):
        told = {name: _ask(name, config.lanes[name], url, work) for name, url in addresses.items()}
    return [_checked(route.label, told) for route in work.routes]


def check_with(schema: Path, options: Options, examples: int) -> dict[str, tuple[str, ...]]:
    """Return in what two lanes differ by the operations of an OpenAPI file; UsageError unless there are two.

    Each operation is asked for `examples` times, as schemathesis makes its requests up.
    """
    with _served(options) as (_, _, addresses):
        if len(addresses) != 2:
            raise UsageError(f"{len(addresses)} lanes are named, and two are compared", hint="name them: LANES=a,b")
        return follow(schema, addresses, examples)


@contextlib.contextmanager
def _served(options: Options) -> Iterator[tuple[Config, Work, dict[str, str]]]:
    """Serve the lanes that are asked for, side by side; give what is asked of them, and where."""
    config = chosen(replace(options, aa=False))
    profile, scenario = next(iter(config.profiles.values())), next(iter(config.scenarios.values()))
    if not scenario.routes:
        raise UsageError("the users of a locustfile cannot be asked for single requests", hint="name PATHS=/a,/b")
    work = work_of(scenario, secrets_of(config))
    with served(config, profile.lanes, work) as addresses:
        yield config, work, addresses


@contextlib.contextmanager
def served(config: Config, lanes: Sequence[str], work: Work) -> Iterator[dict[str, str]]:
    """Serve lanes side by side for as long as the block lasts; give their addresses."""
    serve = most_cores(config.lanes[name] for name in lanes)
    with instruments(config.upstream, serve) as tools, contextlib.ExitStack() as opened:
        for name in lanes:
            check_command(name, config.lanes[name], tools.site)
            check_outsider(name, config.lanes[name], tools.site)
        yield {name: _start(name, config, tools, work, opened) for name in lanes}


def _start(name: str, config: Config, tools: Instruments, work: Work, opened: contextlib.ExitStack) -> str:
    lane, port = config.lanes[name], free_port()
    upstream = config.upstream.url or tools.stub.url
    server = start_server(name, lane, tools.site, port=port, upstream=upstream, secrets=work.secrets)
    opened.enter_context(server.child)
    return address_of(lane, port)


def _ask(name: str, lane: Lane, url: str, work: Work) -> list[Answer]:
    plan = work.of(lane).plan("1 1") | {"url": url, "identity": lane.identity, "times": TIMES}
    ended = subprocess.run(
        [sys.executable, "-m", "loadtests.ask"],
        input=json.dumps(plan),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise MeasurementError(f"lane {name} could not be asked: {ended.stderr.strip()[-300:]}")
    return [Answer.model_validate(answer) for answer in json.loads(ended.stdout)]


def _checked(route: str, told: Mapping[str, Sequence[Answer]]) -> Checked:
    answers = {lane: [answer for answer in every if answer.route == route] for lane, every in told.items()}
    first, *others = answers.values()
    return Checked(route, answers, tuple(one for other in others for one in differences(first, other)))


def _faults(answers: Sequence[Answer]) -> Iterator[str]:
    return (answer.fault for answer in answers if answer.fault)
