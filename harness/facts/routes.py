"""What the users do: the requests of a scenario, and what a right answer to each is."""

from collections import Counter
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue, field_validator, model_validator

from harness.facts.record import Section

Phases = tuple[Annotated[tuple[str, ...], Field(min_length=1)], ...]
Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
Status = Annotated[int, Field(ge=100, le=599)]


def _as_many(written: object) -> object:
    return (written,) if isinstance(written, int) else written


def _words(written: object) -> object:
    """Let a query say numbers as they are."""
    return {name: str(value) for name, value in written.items()} if isinstance(written, dict) else written


def _is_pointer(expected: "str | dict[str, JsonValue]") -> "str | dict[str, JsonValue]":
    if isinstance(expected, dict) and (wrong := [name for name in expected if name and not name.startswith("/")]):
        raise ValueError(f"{wrong[0]!r} is no JSON pointer: it begins with /, as in /items/0/id")
    return expected


class Route(Section):
    """One request.

    `{column}` in path, query, headers and body is filled from the scenario's data; `${NAME}` from the environment, so
    that no secret stands in a file. `body` is text, or a table or list, which is sent as JSON; `body_file` names a file
    with it. A right answer has one of the statuses of `status`, and `expect`: a text that is in it, or JSON values by
    pointer (RFC 6901), as in { "/items/0/id" = 17 }. `upstream` names the calls behind it, in phases.
    """

    name: Annotated[str, Field(max_length=80)] = ""
    method: Method = "GET"
    path: str = Field(pattern="^/")
    query: Annotated[dict[str, str], BeforeValidator(_words)] = Field(default_factory=dict)
    headers: dict[str, str] = Field(default_factory=dict)
    body: str | dict[str, JsonValue] | list[JsonValue] | None = None
    body_file: str | None = None
    status: Annotated[tuple[Status, ...], BeforeValidator(_as_many), Field(min_length=1)] = (200,)
    expect: Annotated[str | dict[str, JsonValue], AfterValidator(_is_pointer)] = ""
    upstream: Phases | None = None  # None: not known, so not checked
    weight: int = Field(default=1, ge=1)

    @property
    def label(self) -> str:
        """What the route is called wherever it is named: GET and POST of one path are two."""
        return self.name or (self.path if self.method == "GET" else f"{self.method} {self.path}")

    @model_validator(mode="after")
    def _has_one_body(self) -> Self:
        if self.body is not None and self.body_file is not None:
            raise ValueError("body and body_file are both given")
        return self


def _named_apart(routes: tuple[Route, ...]) -> tuple[Route, ...]:
    for label, times in Counter(route.label for route in routes).most_common(1):
        if times > 1:
            raise ValueError(f"{times} routes are called {label!r}: give each a name of its own")
    return routes


class Scenario(Section):
    """What the users do: routes, each as often as its weight says.

    Each user sends `setup` once before the load, uncounted: a login, say, whose cookies it keeps. All users together
    have `setup_s` seconds for it. `data` is a CSV file:
    each request takes the next row of it, in an order that the seed chooses. Between an answer and the next request a
    user of closed load thinks for `think_s` seconds, or for an exponential time with that mean. Or the users are those
    of a `locustfile`, which does all of that itself.
    """

    routes: Annotated[tuple[Route, ...], AfterValidator(_named_apart)] = ()
    locustfile: str | None = None
    setup: tuple[Route, ...] = ()
    setup_s: float = Field(default=5.0, ge=0, le=3600)
    data: str | None = None
    think_s: float = Field(default=0.0, ge=0, le=3600)
    think: Literal["constant", "exponential"] = "constant"

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if bool(self.routes) == (self.locustfile is not None):
            raise ValueError("a scenario has routes, or a locustfile: one of the two")
        return self

    @field_validator("setup")
    @classmethod
    def _calls_nobody(cls, setup: tuple[Route, ...]) -> tuple[Route, ...]:
        if any(route.upstream is not None for route in setup):
            raise ValueError("the calls of a setup request are not counted: leave out its upstream")
        return setup
