"""Answers of a lane, and in what those of two lanes differ: pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import Field

from harness.facts.record import Record

HEADERS = ("content-type", "location", "allow", "cache-control", "etag", "www-authenticate", "content-encoding")
SHOWN = 40  # characters of a value
Missing = object()


class Answer(Record):
    """One answer; without a status there was none, and `fault` says why."""

    route: str
    status: int | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    body: str = ""
    seconds: float = 0.0
    fault: str = ""

    @property
    def told(self) -> dict[str, str | None]:
        """The headers that matter to a caller, by their names in lower case."""
        found = {name.lower(): value for name, value in self.headers.items()}
        return {name: found.get(name) for name in HEADERS}

    @property
    def content(self) -> Any:
        """The body as JSON, or as text where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return self.body


def differences(ours: Sequence[Answer], theirs: Sequence[Answer]) -> Iterator[str]:
    """Yield in what the first answers of two lanes to the same requests differ.

    What changes from one answer of a lane to its next one, as a clock or an id does, is no difference.
    """
    pairs = list(zip(ours, theirs, strict=False))
    if not pairs:
        return
    first, other = pairs[0]
    if first.status != other.status:
        yield f"status {first.status} / {other.status}"
        return
    for name in HEADERS:
        if first.told[name] != other.told[name]:
            yield f"{name} {_short(first.told[name])} / {_short(other.told[name])}"
    restless = {pointer for side in (ours, theirs) for pointer in _changing(side)}
    for pointer, (left, right) in unlike(first.content, other.content).items():
        if not any(pointer == one or pointer.startswith(f"{one}/") for one in restless):
            yield f"body{f' at {pointer}' if pointer else ''}: {_short(left)} / {_short(right)}"


def unlike(left: Any, right: Any, pointer: str = "") -> Mapping[str, tuple[Any, Any]]:
    """Return the values that differ by JSON pointer, `Missing` where one side has none."""
    if isinstance(left, dict) and isinstance(right, dict):
        names = [*left, *(name for name in right if name not in left)]
        parts = [(f"{pointer}/{name}", left.get(name, Missing), right.get(name, Missing)) for name in names]
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        parts = [(f"{pointer}/{place}", one, other) for place, (one, other) in enumerate(zip(left, right, strict=True))]
    else:
        return {} if left == right and type(left) is type(right) else {pointer: (left, right)}
    return {name: pair for where, one, other in parts for name, pair in unlike(one, other, where).items()}


def _changing(answers: Sequence[Answer]) -> Iterator[str]:
    """Yield what differs between answers of one lane to the same request."""
    for one in answers[1:]:
        yield from unlike(answers[0].content, one.content)


def _short(value: Any) -> str:
    text = (
        "nothing" if value is Missing or value is None else json.dumps(value) if not isinstance(value, str) else value
    )
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
