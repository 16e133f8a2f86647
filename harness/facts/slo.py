"""A service level objective: what share of the requests may take how long, and what share may fail."""

import math
import re
from dataclasses import dataclass

from harness.errors import UsageError

HINT = 'write it as SLO="p99<500ms,errors<0.1%"'
LATENCY = re.compile(r"p(\d{1,2}(?:\.\d{1,3})?)<=?(\d+(?:\.\d+)?)(ms|s)")
ERRORS = re.compile(r"errors<=?(\d+(?:\.\d+)?)%")
CONFIDENCE = 0.95  # of a probe's word


@dataclass(frozen=True)
class Clause:
    """One promise: at most the share `allowed` of the requests takes longer than `within_ms`, or fails (None).

    A failed request, and one without an answer, takes longer than any bound.
    """

    text: str
    allowed: float
    within_ms: float | None = None

    @property
    def least_requests(self) -> int:
        """How many requests, none of them late, prove it at 95 %: 299 for p99, since 0.99^299 < 0.05 (Wilks 1941)."""
        return math.ceil(math.log(1 - CONFIDENCE) / math.log1p(-self.allowed))


@dataclass(frozen=True)
class Slo:
    """All promises, each of which is to be kept."""

    clauses: tuple[Clause, ...]

    @property
    def least_requests(self) -> int:
        """How many requests, none of them late or failed, prove all of it."""
        return max(clause.least_requests for clause in self.clauses)

    def __str__(self) -> str:
        """Return it as it is written on the command line."""
        return ",".join(clause.text for clause in self.clauses)


def parse_slo(text: str) -> Slo:
    """Return what a text such as `p99<500ms,errors<0.1%` promises; UsageError says which part of it does not."""
    parts = [part.replace(" ", "") for part in text.split(",")]
    clauses = [_clause(part) for part in parts if part]
    if not any(clause.within_ms for clause in clauses):
        raise UsageError(f"the SLO {text!r} bounds no latency: every rate that is served would keep it", hint=HINT)
    kinds = [clause.text.partition("<")[0] for clause in clauses]
    if twice := next((kind for kind in kinds if kinds.count(kind) > 1), None):
        raise UsageError(f"the SLO {text!r} bounds {twice} twice", hint="give each figure one bound")
    return Slo(tuple(clauses))


def _clause(part: str) -> Clause:
    if (found := LATENCY.fullmatch(part)) and 0 < float(found[1]) < 100 and float(found[2]) > 0:
        within = float(found[2]) * (1000 if found[3] == "s" else 1)
        return Clause(f"p{found[1]}<{within:g}ms", round(1 - float(found[1]) / 100, 9), within)
    if (found := ERRORS.fullmatch(part)) and 0 < float(found[1]) < 100:
        return Clause(f"errors<{float(found[1]):g}%", float(found[1]) / 100)
    raise UsageError(f"{part!r} is no part of an SLO", hint=HINT)
