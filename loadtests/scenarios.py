"""What a user requests, and what counts as a wrong answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Route:
    """One request of a scenario: its path, a text that a right answer contains, and how often it is asked for."""

    path: str
    expect: str = ""
    weight: int = 1

    @cached_property
    def expected(self) -> bytes:
        """The text of a right answer as it is sent: to decode each answer would cost more than its check."""
        return self.expect.encode()


@dataclass(frozen=True)
class Target:
    """The server under test: where it is, and the value of `X-App` that proves it (None: not checked)."""

    url: str
    identity: str | None = None


def spread(routes: Sequence[Route]) -> tuple[Route, ...]:
    """Return one cycle of requests in which each route stands as often as its weight, spread evenly.

    Both lanes of a pair run the same cycle, so they meet the same mix in the same order.
    """
    places = [
        ((turn + 0.5) / route.weight, number, route)
        for number, route in enumerate(routes)
        for turn in range(route.weight)
    ]
    return tuple(route for _, _, route in sorted(places, key=lambda place: place[:2]))


def fault_in(status: int, headers: Mapping[str, Any] | None, body: bytes, route: Route, target: Target) -> str:
    """Return what is wrong with an answer, or "" for a right one."""
    if status != 200:
        return f"status {status}"
    if target.identity is not None:
        app = headers.get("X-App") if headers is not None else None
        if app != target.identity:
            return f"wrong identity: X-App is {app!r}, not {target.identity!r}"
    if route.expected not in body:
        return f"wrong answer: no {route.expect!r} in it"
    return ""
