"""Endpoints that a user declares: what the stub answers in the place of the services that an app really calls."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from upstream.delays import Endpoint, Model, parse_model
from upstream.places import Answer, answer

_PLACE = re.compile(r"\{\w*\}")


def _model(spec: str) -> str:
    parse_model(spec)  # its ValueError says what is wrong
    return spec


class Declared(BaseModel):
    """One endpoint: calls of this method whose path fits are answered so.

    `{...}` in the path stands for one part of it, whatever it is. `body` is text, or JSON; `size` pads it to so many
    bytes; `body_file` is a file with it, JSON if its name says so. `delay` is its own law.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Annotated[str, Field(pattern="^/")]
    method: Annotated[str, Field(pattern="^[A-Z]+$")] = "GET"
    status: Annotated[int, Field(ge=200, le=599)] = 200
    body: str | dict[str, object] | list[object] = {}
    body_file: Path | None = None
    size: Annotated[int, Field(ge=0, le=100_000_000)] = 0
    delay: Annotated[str, AfterValidator(_model)] | None = None

    @property
    def is_json(self) -> bool:
        """Whether the body is JSON; else it is text."""
        return not isinstance(self.body, str) if self.body_file is None else self.body_file.suffix == ".json"

    def content(self) -> bytes:
        """Return the body as it is sent: JSON may be followed by spaces, text by more text."""
        if self.body_file is not None:
            body = self.body_file.read_bytes()
        else:
            body = (json.dumps(self.body) if self.is_json else str(self.body)).encode()
        return body.ljust(self.size, b" " if self.is_json else b"x")


@dataclass(frozen=True)
class _Fitting:
    pattern: re.Pattern[str]
    method: str
    answer: Answer


class Service:
    """What the stub serves: the declared endpoints first, then the project's own three."""

    def __init__(self, declared: Mapping[Endpoint, Declared] | None = None) -> None:
        self.declared = dict(declared or {})
        self.models: dict[Endpoint, Model] = {
            name: parse_model(one.delay) for name, one in self.declared.items() if one.delay is not None
        }
        self._fitting = [
            _Fitting(_pattern(one.path), one.method, Answer(name, one.status, one.content(), _type(one)))
            for name, one in self.declared.items()
        ]

    def answer(self, method: str, target: str) -> Answer | None:
        """Return the answer to a call (path and query as they were sent); None where none is declared."""
        path = target.partition("?")[0]
        for one in self._fitting:
            if one.method == method and one.pattern.fullmatch(path):
                return one.answer
        return answer(target) if method == "GET" else None

    def methods(self, target: str) -> list[str]:
        """Return the methods with which this target could be called."""
        path = target.partition("?")[0]
        own = [one.method for one in self._fitting if one.pattern.fullmatch(path)]
        return [*own, *(["GET"] if answer(target) is not None else [])]

    def words(self) -> Iterable[str]:
        """Yield each declared endpoint as a caller would say it."""
        return (f"{one.method} {one.path}" for one in self.declared.values())


def read_endpoints(path: Path) -> dict[Endpoint, Declared]:
    """Return the endpoints that a JSON file declares, by name; ValueError says what is wrong with it."""
    try:
        return TypeAdapter(dict[str, Declared]).validate_json(path.read_bytes())
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def _pattern(path: str) -> re.Pattern[str]:
    """Return what fits a path whose {...} stand for one part each."""
    return re.compile("[^/]+".join(re.escape(part) for part in _PLACE.split(path)))


def _type(declared: Declared) -> str:
    return "application/json" if declared.is_json else "text/plain; charset=utf-8"
