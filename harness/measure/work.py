"""What the users of a lane do, ready to be sent: files are read, secrets are filled in."""

import csv
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.errors import UsageError
from harness.facts.config import Lane
from harness.facts.routes import Route, Scenario
from harness.measure.secrets import NO_SECRETS, Secrets
from harness.measure.site import ROOT

COLUMN = re.compile(r"(?<!\$)\{(\w+)\}")
SENT = ("method", "path", "query", "headers", "status", "expect", "weight")
Rows = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Work:
    """Routes, what each user sends before the load, rows of data, thinking; and the secrets in them."""

    routes: Sequence[Route]
    scenario: Scenario | None = None
    data: Rows = ()
    secrets: Secrets = NO_SECRETS

    @property
    def locustfile(self) -> str | None:
        """The file that has the users, in place of routes."""
        return self.scenario.locustfile if self.scenario else None

    def plan(self, seed: str) -> dict[str, Any]:
        """Return what loadtests/trial_plan.py reads of it; a block's seed chooses the order of rows and the thinking.

        It holds the secrets: it must not be kept, nor stand on a command line.
        """
        planned = {"routes": [self._sent(route) for route in self.routes], "data": list(self.data), "data_seed": seed}
        if (scenario := self.scenario) is None:
            return planned
        planned |= {"setup": [self._sent(route) for route in scenario.setup]}
        if scenario.setup:
            planned["setup_s"] = scenario.setup_s
        if scenario.think_s:
            planned["think"] = {"mean_s": scenario.think_s, "law": scenario.think, "seed": seed}
        return planned

    def of(self, lane: Lane) -> "Work":
        """Return it for a lane that has a path of its own."""
        return self if lane.path is None or self.scenario is None else replace(self, routes=lane.routes(self.scenario))

    def _sent(self, route: Route) -> dict[str, Any]:
        written = route.model_dump(mode="json", include=set(SENT))
        return self.secrets.fill({**written, "name": route.label, "body": _body(route)})


def work_of(scenario: Scenario, secrets: Secrets) -> Work:
    """Return what a scenario's users do.

    UsageError where a file cannot be read, has no rows, or lacks a column that a route names.
    """
    data = _rows(scenario.data) if scenario.data is not None else []
    for route in (*scenario.setup, *scenario.routes):
        for column in _columns(route) if data or scenario.data else _columns_of_target(route):
            if not data:
                raise UsageError(
                    f"route {route.label} names {{{column}}}, and its scenario has no data",
                    hint='give the scenario a CSV file with that column: data = "rows.csv"',
                )
            if column not in data[0]:
                raise UsageError(
                    f"route {route.label} names {{{column}}}, and {scenario.data} has no such column",
                    hint=f"it has {', '.join(data[0])}",
                )
    return Work(scenario.routes, scenario, data, secrets)


def describe_locustfile(path: str) -> Mapping[str, str | None]:
    """Return the users of a locustfile with the host that each names; UsageError where it has none or is broken."""
    ended = subprocess.run(
        [sys.executable, "-m", "loadtests.describe", path], cwd=ROOT, capture_output=True, text=True, check=False
    )
    try:
        found = json.loads(ended.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        found = {"error": f"{path}: {ended.stderr.strip()[-300:]}"}
    if "error" in found:
        raise UsageError(f"the locustfile cannot be used: {found['error']}", hint="correct it there")
    if not found["users"]:
        raise UsageError(f"{path} has no user classes", hint="a locustfile has a subclass of HttpUser or FastHttpUser")
    users: Mapping[str, str | None] = found["users"]
    return users


def _rows(path: str) -> Rows:
    """Return the rows of a CSV file by column."""
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, restkey="", restval=None, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"cannot read the data in {path}: {error}", hint="give a CSV file in UTF-8") from None
    if not rows:
        raise UsageError(f"{path} has no rows", hint="a line of column names, then a line for each row")
    for line, row in enumerate(rows, 2):
        if "" in row or None in row.values():
            raise UsageError(f"{path}: line {line} has another number of cells than the first", hint="correct it there")
    return rows


def _body(route: Route) -> Any:
    """Return a route's body: text, or what is sent as JSON."""
    if route.body_file is None:
        return route.body
    try:
        return Path(route.body_file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"route {route.label}: cannot read {route.body_file}: {error}", hint="correct body_file"
        ) from None


def _columns_of_target(route: Route) -> Iterator[str]:
    """Yield the columns that path and headers name: there a brace has no other meaning."""
    for text in (route.path, *route.query.values(), *route.headers.values()):
        yield from COLUMN.findall(text)


def _columns(route: Route) -> Iterator[str]:
    """Yield all columns that a route names."""
    yield from _columns_of_target(route)
    yield from COLUMN.findall(_body(route) if isinstance(_body(route), str) else str(route.body or ""))
