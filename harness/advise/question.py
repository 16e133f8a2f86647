"""What a team says on the command line, checked: plain words for what cannot be."""

import math
from dataclasses import dataclass

from harness.errors import UsageError
from harness.model.advice import Question

EXAMPLE = "for example: make advise RATE=50 UPSTREAM_MS=400 SLO_MS=1000 WORKERS=4 THREADS=1"


@dataclass(frozen=True)
class Bounds:
    """What a number may be, and what it is in words."""

    least: float
    most: float
    meaning: str


BOUNDS = {
    "RATE": Bounds(0.001, 100_000, "requests that arrive in a second"),
    "UPSTREAM_MS": Bounds(0, 600_000, "ms that a request waits for its upstream calls, all together"),
    "SLO_MS": Bounds(0.1, 3_600_000, "ms in which a request is to be answered"),
    "WORKERS": Bounds(1, 1000, "processes that serve today"),
    "THREADS": Bounds(1, 1000, "threads of each of them"),
    "CALLS": Bounds(0, 100, "upstream calls of a request, one after another"),
    "CPU_MS": Bounds(0.001, 60_000, "ms of CPU that a request costs today"),
    "CORES": Bounds(1, 1024, "cores that the service has"),
    "TAIL": Bounds(1, 100, "how many times its median an upstream call's p99 takes"),
    "PERCENTILE": Bounds(50, 99.9, "which share of the requests, in percent, is to be answered within SLO_MS"),
}
WHOLE = ("WORKERS", "THREADS", "CALLS", "CORES")
NEEDED = ("RATE", "UPSTREAM_MS", "SLO_MS", "WORKERS", "THREADS")


def question(numbers: dict[str, str | None], usual_calls: int) -> Question:
    """Return the question of these numbers, by the names of make's variables; `usual_calls` are those of the run.

    UsageError names the first number that is missing, is none, or cannot be.
    """
    if missing := [name for name in NEEDED if numbers.get(name) is None]:
        what = "; ".join(f"{name}: {BOUNDS[name].meaning}" for name in missing)
        raise UsageError(f"advice needs {', '.join(missing)} ({what})", hint=EXAMPLE)
    given = {name: _number(name, text) for name, text in numbers.items() if text is not None}
    calls = int(given.get("CALLS", usual_calls))
    if not calls and given["UPSTREAM_MS"]:
        raise UsageError(
            f"CALLS=0 with UPSTREAM_MS={given['UPSTREAM_MS']:g}: a request without calls waits for none",
            hint="give UPSTREAM_MS=0, or the number of calls",
        )
    return Question(
        rate_rps=given["RATE"],
        upstream_s=given["UPSTREAM_MS"] / 1000,
        slo_s=given["SLO_MS"] / 1000,
        workers=int(given["WORKERS"]),
        threads=int(given["THREADS"]),
        calls=calls,
        cores=int(given.get("CORES", 1)),
        cpu_s=given["CPU_MS"] / 1000 if "CPU_MS" in given else None,
        tail=given.get("TAIL", 1.0),
        percent=given.get("PERCENTILE", 95.0),
    )


def _number(name: str, text: str) -> float:
    bounds = BOUNDS[name]
    try:
        number = float(text)
    except ValueError:
        raise UsageError(f"{name}={text} is not a number: it is {bounds.meaning}", hint=EXAMPLE) from None
    if name in WHOLE and math.isfinite(number) and number != int(number):
        raise UsageError(f"{name}={text} is not a whole number: it is {bounds.meaning}", hint=EXAMPLE)
    if not bounds.least <= number <= bounds.most:
        raise UsageError(
            f"{name}={text} cannot be: it is {bounds.meaning}, from {bounds.least:g} to {bounds.most:,.15g}",
            hint=EXAMPLE,
        )
    return number
