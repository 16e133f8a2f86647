"""One side of a comparison, whatever it was read from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from harness.compare.metrics import Metric
from harness.config import Primary
from harness.records import RunInfo, Trial

Key = tuple[str, str] | tuple[str, int]
Kind = Literal["run", "locust"]
KEY_NAMES: dict[Kind, tuple[str, str]] = {"run": ("lane", "users"), "locust": ("method", "name")}
AGGREGATED = ("", "Aggregated")


@dataclass(frozen=True)
class Row:
    """The figures of one row; one that does not exist is not in `values`.

    `sample` is how many requests a percentile rests on: those of the row, or of the smallest trial behind a median.
    """

    values: Mapping[Metric, float]
    sample: float


@dataclass(frozen=True)
class Side:
    """The rows of one side, and every doubt about them.

    `invalid` and `skipped` say why a point of a run has no row. `report` names a Locust report of a run's trial.
    `info` is the run's run.json, if there is one, and `primaries` what that declares. Notes speak of the side without
    naming it.
    """

    name: str
    kind: Kind
    about: str
    rows: Mapping[Key, Row]
    invalid: Mapping[Key, str] = field(default_factory=dict)
    skipped: Mapping[Key, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    scenario: str = ""
    info: RunInfo | None = None
    primaries: tuple[Primary, ...] = ()
    trials: tuple[Trial, ...] = ()
    report: str = ""

    def reason(self, key: Key) -> str:
        """Say why there is no such row; "" where nothing is known."""
        return self.invalid.get(key) or self.skipped.get(key, "")


def plain(text: str) -> str:
    """Return foreign text on one line and without control characters, so that a terminal shows it and obeys nothing."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: `1 trial`, `2 trials`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def label(key: Key) -> str:
    """Return a row's name for people and for thresholds: `quart@300`, `GET /api/sun`, `Aggregated`."""
    group, name = key
    return plain(f"{group}@{name}" if isinstance(name, int) else f"{group} {name}")


def short_names(key: Key) -> tuple[str, ...]:
    """Return what selects a row in a threshold: its label, or a part of it: the lane, the name without the method."""
    group, name = key
    return label(key), plain(group if isinstance(name, int) else name)
