"""From the text of a bench.toml to its checked configuration; what is wrong is named with its remedy."""

import tomllib
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from harness.errors import UsageError
from harness.facts.config import Config, Lane, Pair, Profile, Step, Upstream
from harness.facts.faults import Fault, Orchestrator
from harness.facts.names import nearest
from harness.facts.record import Section
from harness.facts.routes import Route, Scenario


def parse_config(text: str, source: str = "bench.toml") -> Config:
    """Return the checked configuration; UsageError names the key at fault and the nearest known one."""
    return checked(tables_of(text, source), source)


def tables_of(text: str, source: str) -> dict[str, Any]:
    """Return what a bench.toml says, not checked yet; UsageError where it is not TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{source} is not TOML: {error}", hint=f"correct {source} there") from None


def checked(tables: Mapping[str, object], source: str) -> Config:
    """Return the configuration that these tables say; UsageError as in parse_config."""
    try:
        return Config.model_validate(tables)
    except ValidationError as error:
        raise UsageError(*_explain(error, source)) from None


def _explain(error: ValidationError, source: str) -> tuple[str, str]:
    """Return message and hint for the first thing that is wrong."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    if first["type"] != "extra_forbidden":
        return f"{source}: {place}: {first['msg']}", f"correct {place} in {source}"
    return f"{source}: there is no key {place!r}", nearest(str(first["loc"][-1]), _keys_beside(first["loc"]))


def _keys_beside(place: tuple[int | str, ...]) -> list[str]:
    """Return the keys that the model at the parent of `place` knows."""
    if len(place) == 1:
        return list(Config.model_fields)
    model = Route if {"routes", "setup"} & set(place) else _MODELS[str(place[0])]
    return list(model.model_fields)


_MODELS: dict[str, type[Section]] = {
    "scenarios": Scenario,
    "lanes": Lane,
    "primaries": Pair,
    "controls": Pair,
    "steps": Step,
    "profiles": Profile,
    "faults": Fault,
    "orchestrator": Orchestrator,
    "upstream": Upstream,
}
