"""What a user requests, and what counts as a wrong answer."""

import json
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

Row = Mapping[str, str]
REMEMBERED, REMEMBERED_BYTES = 10_000, 1_000  # right answers of a route: how many, and how long each is at most
COLUMN = re.compile(r"\{(\w+)\}")
NO_DATA: tuple[Row, ...] = ({},)


class Request(NamedTuple):
    """A request as it is sent, but for its id."""

    target: str
    headers: dict[str, str]
    body: str | None


@dataclass(frozen=True)
class Route:
    """One request of a scenario, and what a right answer to it is; `name` is its identity.

    `{column}` in path, query, headers and body is filled from a row of data.
    """

    path: str
    name: str = ""
    method: str = "GET"
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None  # text, or what is sent as JSON
    status: Sequence[int] = (200,)
    expect: str | Mapping[str, Any] = ""
    weight: int = 1

    @cached_property
    def expected(self) -> bytes:
        """The text of a right answer as it is sent: to decode each answer would cost more than its check."""
        return self.expect.encode() if isinstance(self.expect, str) else b""

    @cached_property
    def right(self) -> set[bytes]:
        """Answers whose JSON has the expected values: to parse the same bytes again would cost more."""
        return set()

    def request(self, row: Row) -> Request:
        """Return the request that a row of data makes of the route."""
        query = urlencode({_filled(name, row): _filled(value, row) for name, value in self.query.items()})
        target = _filled(self.path, {name: quote(value, safe="") for name, value in row.items()})
        headers = {name: _filled(value, row) for name, value in self.headers.items()}
        if self.body is None or isinstance(self.body, str):
            return Request(_with(target, query), headers, None if self.body is None else _filled(self.body, row))
        as_json = (
            {} if any(name.lower() == "content-type" for name in headers) else {"Content-Type": "application/json"}
        )
        return Request(_with(target, query), headers | as_json, json.dumps(_filled(self.body, row)))


@dataclass(frozen=True)
class Target:
    """The server under test: where it is, and the value of `X-App` that proves it (None: not checked)."""

    url: str
    identity: str | None = None


@dataclass(frozen=True)
class Requests:
    """What is sent, request after request: the routes by their weights, and the rows of data in a seeded order.

    The n-th request is the same for each lane, so that both of a pair meet the same work.
    """

    routes: Sequence[Route]
    data: Sequence[Row] = NO_DATA
    seed: str = ""

    @cached_property
    def cycle(self) -> tuple[int, ...]:
        """The places of the routes in one cycle, in which each stands as often as its weight, spread evenly."""
        turns = [
            ((turn + 0.5) / route.weight, place)
            for place, route in enumerate(self.routes)
            for turn in range(route.weight)
        ]
        return tuple(place for _, place in sorted(turns))

    @cached_property
    def order(self) -> tuple[int, ...]:
        """The places of the rows of data in the order in which they are taken."""
        return tuple(random.Random(f"data {self.seed}").sample(range(len(self.data)), len(self.data)))

    @cached_property
    def _made(self) -> dict[tuple[int, int], Request]:
        return {}

    def row(self, number: int) -> Row:
        """Return the row of data of this number."""
        return self.data[self.order[number % len(self.order)]]

    def at(self, turn: int, number: int) -> tuple[Route, Request]:
        """Return the route at a turn of the cycle, and its request with the row of data of this number."""
        place, row = self.cycle[turn % len(self.cycle)], self.order[number % len(self.order)]
        if (made := self._made.get((place, row))) is None:
            made = self._made[place, row] = self.routes[place].request(self.data[row])
        return self.routes[place], made


def fault_in(status: int, headers: Mapping[str, Any] | None, body: bytes, route: Route, target: Target) -> str:
    """Return what is wrong with an answer, or "" for a right one."""
    if status not in route.status:
        return f"status {status}"
    if target.identity is not None:
        app = headers.get("X-App") if headers is not None else None
        if app != target.identity:
            return f"wrong identity: X-App is {app!r}, not {target.identity!r}"
    if isinstance(route.expect, str):
        return "" if route.expected in body else f"wrong answer: no {route.expect!r} in it"
    if body in route.right:
        return ""
    fault = _wrong_json(body, route.expect)
    if not fault and len(body) <= REMEMBERED_BYTES and len(route.right) < REMEMBERED:
        route.right.add(body)
    return fault


def _wrong_json(body: bytes, expected: Mapping[str, Any]) -> str:
    """Return what differs from the expected values by JSON pointer (RFC 6901), or ""."""
    try:
        answer = json.loads(body)
    except ValueError:
        return "wrong answer: it is not JSON"
    for pointer, value in expected.items():
        try:
            found = _at(answer, pointer)
        except (LookupError, TypeError, ValueError):
            return f"wrong answer: there is no {pointer}"
        if found != value:
            return f"wrong answer: {pointer} is not {value!r}"
    return ""


def _at(answer: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        answer = answer[int(key)] if isinstance(answer, list) else answer[key]
    return answer


def _filled(text: Any, row: Row) -> Any:
    """Return text, or each text in what is sent as JSON, with the columns' values in it."""
    if not row:
        return text
    if isinstance(text, str):
        return COLUMN.sub(lambda column: row.get(column[1], column[0]), text)
    if isinstance(text, list):
        return [_filled(one, row) for one in text]
    return {name: _filled(one, row) for name, one in text.items()} if isinstance(text, dict) else text


def _with(target: str, query: str) -> str:
    return f"{target}{'&' if '?' in target else '?'}{query}" if query else target
