"""On the machine itself: how often equal lanes are called different, and how often a slower one is found."""

import math
import random
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from harness.errors import MeasurementError
from harness.facts.config import Lane, Route, Upstream
from harness.facts.point import users
from harness.facts.trial import Trial
from harness.judge.power import pooled_deviation, power_of, rate_interval
from harness.judge.statistics import SIGNIFICANCE, Ratio, paired_ratio
from harness.studies.laboratory import Experiment, Laboratory, laboratory
from harness.studies.study import Row, Study

PAIRS = 4
USERS = 64  # with a short delay they saturate the core
DELAY = "fixed:0.01"
SLOWER = 0.1  # of the CPU work
PLAIN = Lane(
    command="hypercorn quart_app.app:app --bind 127.0.0.1:{port} --config servers/hypercorn.toml",
    slots="unbounded",
    identity="quart",
)
SUN = Route(path="/api/sun/97201/us", upstream=(("location",), ("sun",)), expect="sunrise")
Say = Callable[[str], None]


@dataclass(frozen=True)
class Judged:
    """One short plan: its ratio, the pairs behind it, and the CPU that a request cost the first lane, in ms."""

    ratio: Ratio
    logs: tuple[float, ...]
    cpu_ms: float

    @property
    def significant(self) -> bool:
        """Whether the plan calls the lanes different."""
        return self.ratio.p <= SIGNIFICANCE


def error_rates(
    equal: int = 60,
    slower: int = 20,
    pairs: int = PAIRS,
    seconds: float = 1.0,
    seed: int = 1,
    say: Say = lambda _: None,
) -> Study:
    """Judge throughput in so many plans of two equal lanes, then of one that needs a tenth more CPU for a request.

    Each plan has so many pairs in random order, each trial a freshly started server, a window of so many seconds, and
    users that saturate the core.
    """
    load = Experiment(users(USERS), window_s=seconds, warmup_s=0.6 * seconds, routes=(SUN,))
    order = random.Random(f"error rates {seed}")
    with laboratory(Upstream(delay=DELAY)) as bench:
        plain = list(_plans("A/A", equal, Plan(bench, PLAIN, load, pairs, order), say))
        sd, _ = pooled_deviation([plan.logs for plan in plain])
        cpu_ms = statistics.median(plan.cpu_ms for plan in plain)
        slowed = _slowed(SLOWER * cpu_ms * 1000)
        slow = list(_plans("slower", slower, Plan(bench, slowed, load, pairs, order), say))
    rows = (_rate("equal lanes", plain, SIGNIFICANCE), _rate("10 % more CPU", slow, power_of(1 + SLOWER, sd, pairs)))
    notes = (
        f"Deviation of the log ratio between equal lanes: {100 * sd:.1f} %; CPU per request {cpu_ms:.3f} ms.",
        "Judged by p of the paired t test alone: a verdict takes eight pairs. "
        "Expected: the level of the test for equal lanes; for the slower one the power that this deviation predicts.",
    )
    return Study(f"{pairs} pairs a plan, {USERS} users, {seconds:g} s windows", rows, notes)


def _slowed(extra_us: float) -> Lane:
    """Return the lane with so many more microseconds of CPU for each request."""
    app = "quart_app.app:app"
    command = PLAIN.command.replace(app, "harness.studies.slowed:app")
    return PLAIN.model_copy(update={"command": command, "env": {"SLOWED_APP": app, "SLOWED_US": f"{extra_us:.1f}"}})


@dataclass(frozen=True)
class Plan:
    """So many pairs of the plain lane and another, each pair in random order."""

    bench: Laboratory
    other: Lane
    load: Experiment
    pairs: int
    order: random.Random

    def judged(self) -> Judged:
        """Measure every pair, and judge the plan by its throughputs."""
        pairs = [self._pair() for _ in range(self.pairs)]
        values = [(_throughput(plain), _throughput(other)) for plain, other in pairs]
        ratio = paired_ratio(values)
        assert ratio is not None  # noqa: S101 - two pairs have one
        logs = tuple(math.log(first / second) for first, second in values)
        return Judged(ratio, logs, statistics.median(plain.cpu_ms_per_request or 0.0 for plain, _ in pairs))

    def _pair(self) -> tuple[Trial, Trial]:
        if self.order.random() < 0.5:
            return self._trial(PLAIN), self._trial(self.other)
        other = self._trial(self.other)
        return self._trial(PLAIN), other

    def _trial(self, lane: Lane) -> Trial:
        return self.bench.measure_fresh(lane, self.load)


def _throughput(trial: Trial) -> float:
    if trial.throughput_rps is None:
        raise MeasurementError(f"a trial of the study has no throughput: {trial.reasons}")
    return trial.throughput_rps


def _plans(name: str, count: int, plan: Plan, say: Say) -> Iterator[Judged]:
    for number in range(1, count + 1):
        judged = plan.judged()
        say(f"{name} {number}/{count}: ratio {judged.ratio.value:.3f}, p {judged.ratio.p:.3f}")
        yield judged


def _rate(name: str, plans: Sequence[Judged], expected: float) -> Row:
    hits = sum(plan.significant for plan in plans)
    low, high = rate_interval(hits, len(plans))
    ratios = [plan.ratio.value for plan in plans]
    return {
        "lanes": name,
        "plans": len(plans),
        "called different": hits,
        "rate %": 100 * hits / len(plans) if plans else None,
        "low %": 100 * low,
        "high %": 100 * high,
        "expected %": 100 * expected,
        "median ratio": statistics.median(ratios) if ratios else None,
    }
