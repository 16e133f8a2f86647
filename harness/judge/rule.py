"""What a rule of validity is: a bound that a reading keeps, or facts that do not contradict each other."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.facts.config import Lane, Route, Validity
from harness.facts.records import Load, Trial
from harness.judge.counts import Observed


@dataclass(frozen=True)
class Case:
    """A trial to be judged: what was observed, what follows from it, and what was asked for."""

    observed: Observed
    trial: Trial
    lane: Lane
    routes: Sequence[Route]
    bounds: Validity


Reading = Callable[[Trial], float | None]


@dataclass(frozen=True)
class Bounded:
    """A rule that holds a reading of the trial within a bound: `least` to `most`, both included.

    `allowed` says the bound in words, with the names of its settings in braces; `broken` is the reason that a trial
    gets, with {value}, {most} and {errors}. `unit` is what the reading counts in: ms, or %, for which 1 stands for
    100 %. `unread` says what was not checked where there is no reading; without it that goes without saying.
    """

    name: str
    what: str
    allowed: str
    most: Callable[[Validity, Trial], float]
    reading: Reading
    broken: str
    unit: str = "%"
    least: float = -math.inf
    load: Load | None = None  # that the rule applies to; None: both
    unread: str = ""

    def read(self, trial: Trial) -> float | None:
        """Return what the rule looks at; None where it does not apply or nothing is known."""
        return self.reading(trial) if self.load in (None, trial.load) else None

    def reason(self, case: Case) -> str | None:
        """Return why the trial is invalid; None where it keeps the rule."""
        value, most = self.read(case.trial), self.most(case.bounds, case.trial)
        if value is None or self.least <= value <= most:
            return None
        return self.broken.format(value=value, most=most, errors=_errors(case.observed))


@dataclass(frozen=True)
class Exact:
    """A rule that has no bound: `reason` says what contradicts it, None where nothing does."""

    name: str
    what: str
    reason: Callable[[Case], str | None]


Rule = Bounded | Exact


def _errors(observed: Observed) -> str:
    return ", ".join(f"{kind.error} ({kind.count})" for kind in observed.wrong_answers)
