"""What a rule of validity is: a bound that a reading keeps, or facts that do not contradict each other."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.facts.config import Bounds, Lane
from harness.facts.point import Load
from harness.facts.routes import Route
from harness.facts.trial import Trial
from harness.judge.counts import Observed


@dataclass(frozen=True)
class Case:
    """A trial to be judged: what was observed, what follows from it, and what was asked for."""

    observed: Observed
    trial: Trial
    lane: Lane
    routes: Sequence[Route]
    bounds: Bounds


Reading = Callable[[Trial], float | None]


@dataclass(frozen=True)
class ShareOf:
    """A second bound, the larger one of which holds: the share that `bound` names, of a figure of the trial."""

    bound: str
    figure: Reading


@dataclass(frozen=True)
class Bounded:
    """A rule that holds a reading of the trial within `least` and its bound, both included.

    `bound` is the name of the bound in bench.toml; `allowed` says it in words, with {bound} and {share}; `broken` is
    the reason that a trial gets, with {value}, {most} and {errors}. `unit` is what reading and bound count in: ms, or
    %, for which 1 stands for 100 %. `unread` says what was not checked where there is no reading; without it that goes
    without saying.
    """

    name: str
    what: str
    bound: str
    reading: Reading
    broken: str
    allowed: str = "{bound}"
    or_share: ShareOf | None = None
    unit: str = "%"
    least: float = -math.inf
    load: Load | None = None  # that the rule applies to; None: both
    unread: str = ""
    apart: bool = False  # it is about several machines, or senders

    @property
    def bounds(self) -> tuple[str, ...]:
        """The names of its bounds."""
        return (self.bound, self.or_share.bound) if self.or_share else (self.bound,)

    def most(self, bounds: Bounds, trial: Trial) -> float:
        """Return the largest reading that a trial may have."""
        share_of = self.or_share
        more = bounds[share_of.bound] * (share_of.figure(trial) or 0.0) if share_of else 0.0
        return max(bounds[self.bound], more)

    def read(self, trial: Trial) -> float | None:
        """Return what the rule looks at; None where it does not apply or nothing is known."""
        return self.reading(trial) if self.load in (None, trial.load) else None

    def breach(self, trial: Trial, bounds: Bounds, errors: str = "") -> str | None:
        """Return how the trial breaks the rule; None where it keeps it. `errors` are those of its answers."""
        value, most = self.read(trial), self.most(bounds, trial)
        if value is None or self.least <= value <= most:
            return None
        return self.broken.format(value=value, most=most, errors=errors)

    def reason(self, case: Case) -> str | None:
        """Return why the trial is invalid; None where it keeps the rule."""
        return self.breach(case.trial, case.bounds, _errors(case.observed))


@dataclass(frozen=True)
class Exact:
    """A rule that has no bound: `reason` says what contradicts it, None where nothing does."""

    name: str
    what: str
    reason: Callable[[Case], str | None]
    apart: bool = False


Rule = Bounded | Exact


def _errors(observed: Observed) -> str:
    return ", ".join(f"{kind.error} ({kind.count})" for kind in observed.wrong_answers)
