"""Values of the environment that stand in bench.toml by name only: read when they are needed, and stored nowhere."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from harness.errors import UsageError
from harness.facts.config import Config

NAMED = re.compile(r"\$\{([A-Za-z_]\w*)\}")
MASK = "***"
T = TypeVar("T")


@dataclass(frozen=True)
class Secrets:
    """The values by their names."""

    values: Mapping[str, str] = field(default_factory=dict, repr=False)

    def fill(self, value: T) -> T:
        """Return a text, or each text in tables and lists, with the values in the place of `${NAME}`."""
        filled: object = value
        if isinstance(value, str):
            filled = NAMED.sub(lambda found: self.values[found[1]], value)
        elif isinstance(value, Mapping):
            filled = {name: self.fill(one) for name, one in value.items()}
        elif isinstance(value, list | tuple):
            filled = [self.fill(one) for one in value]
        return filled  # type: ignore[return-value] # of the same shape

    def mask(self, text: str) -> str:
        """Return a text without any of the values, the longest first: one may be a part of another."""
        for value in sorted(filter(None, self.values.values()), key=len, reverse=True):
            text = text.replace(value, MASK)
        return text


NO_SECRETS = Secrets()


def secrets_of(config: Config) -> Secrets:
    """Return the values that a configuration names; UsageError for one that the environment does not have."""
    routes = (route for scenario in config.scenarios.values() for route in (*scenario.setup, *scenario.routes))
    texts = [
        *(text for route in routes for text in _texts(route.model_dump(mode="json"))),
        *(text for lane in config.lanes.values() for text in lane.env.values()),
    ]
    names = dict.fromkeys(name for text in texts for name in NAMED.findall(text))
    if missing := [name for name in names if name not in os.environ]:
        raise UsageError(
            f"bench.toml names ${{{missing[0]}}}, and the environment has no {missing[0]}",
            hint=f"set it first: export {missing[0]}=...",
        )
    return Secrets({name: os.environ[name] for name in names})


def _texts(value: object) -> Iterator[str]:
    """Yield every text in tables and lists."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield from _texts(name)
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
