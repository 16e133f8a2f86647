"""One side of a comparison, whatever it was read from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from harness.facts.figures import Metric, too_few_beyond
from harness.facts.point import Point

if TYPE_CHECKING:  # a report of Locust needs none of a run's records
    from harness.facts.config import Primary
    from harness.facts.run import RunInfo
    from harness.facts.trial import Trial
    from harness.facts.verdict import Verdict

Key = tuple[str, str] | tuple[str, Point]
Kind = Literal["run", "locust"]
KEY_NAMES: dict[Kind, tuple[str, str]] = {"run": ("lane", "point"), "locust": ("method", "name")}
AGGREGATED = ("", "Aggregated")

# What has to be said of a percentile. With its value: `few` fewer than ten requests beyond it; `thin` fewer than a
# hundred; `at least` failed requests reach it, so the value is a lower bound. Without: `too few` for one, `not
# sustained` where the server did not keep up with open load.
Mark = Literal["few", "thin", "at least", "too few", "not sustained"]


@dataclass(frozen=True)
class Row:
    """The figures of one row, and what has to be said of them; one that does not exist is not in `values`."""

    values: Mapping[Metric, float]
    marks: Mapping[Metric, Mark] = field(default_factory=dict)


@dataclass(frozen=True)
class Merged:
    """Rows that were made one: by which group (`PATTERN => NAME`), and what they were."""

    group: str
    rows: tuple[Key, ...]


@dataclass(frozen=True)
class Side:
    """The rows of one side, and every doubt about them.

    `invalid` and `skipped` say why a point of a run has no row. `report` names a Locust report: the one that was read,
    or one of a run's trials.
    `info` is the run's run.json, if there is one, `primaries` what that declares, and `controls` its A/A. Notes speak
    of the side without naming it.
    """

    name: str
    kind: Kind
    about: str
    rows: Mapping[Key, Row]
    invalid: Mapping[Key, str] = field(default_factory=dict)
    skipped: Mapping[Key, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    scenario: str = ""
    info: "RunInfo | None" = None
    primaries: "tuple[Primary, ...]" = ()
    controls: "tuple[Verdict, ...]" = ()
    trials: "tuple[Trial, ...]" = ()
    report: str = ""
    users: float | None = None  # of a Locust report, the most that its history shows
    merged: Mapping[Key, Merged] = field(default_factory=dict)
    replicates: "tuple[Side, ...]" = ()  # the reports of one side that is several

    @property
    def repeated(self) -> bool:
        """Whether its figures rest on repetitions: the blocks of a run, or several reports."""
        return self.kind == "run" or bool(self.replicates)

    @property
    def keys(self) -> tuple[Key, ...]:
        """What was measured: every row, and every point without a valid trial."""
        return (*self.rows, *self.invalid)

    def reason(self, key: Key) -> str:
        """Say why there is no such row; "" where nothing is known."""
        return self.invalid.get(key) or self.skipped.get(key, "")


def few(values: Mapping[Metric, float], sample: float) -> dict[Metric, Mark]:
    """Return the marks of percentiles with fewer than ten of `sample` requests beyond them."""
    return {metric: "few" for metric in values if metric.percent is not None and too_few_beyond(metric.percent, sample)}


def plain(text: str) -> str:
    """Return foreign text on one line and without control characters, so that a terminal shows it and obeys nothing."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: `1 trial`, `2 trials`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def label(key: Key) -> str:
    """Return a row's name for people and for thresholds: `quart@300`, `GET /api/sun`, `Aggregated`."""
    group, name = key
    return plain(f"{group} {name}" if isinstance(name, str) else f"{group}@{name.label}")


def short_names(key: Key) -> tuple[str, ...]:
    """Return what selects a row in a threshold: its label, or a part of it: the lane, the name without the method."""
    group, name = key
    return label(key), plain(name if isinstance(name, str) else group)
