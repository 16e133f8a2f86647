"""On the machine itself: how often equal lanes are called different or equivalent, and a slower one is found."""

import math
import random
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from harness.errors import MeasurementError
from harness.facts.config import Lane, Primary, Upstream
from harness.facts.figures import BY_NAME
from harness.facts.point import users
from harness.facts.routes import Route
from harness.facts.trial import Trial
from harness.facts.verdict import Verdict, Word
from harness.judge.looks import declared
from harness.judge.power import chance_of_equality, pooled_deviation, power_of, rate_interval
from harness.judge.statistics import POWER, SIGNIFICANCE
from harness.judge.verdict import EQUALITY_LEVEL, is_settled, verdicts
from harness.plan.timing import LEAST_WARMUP_S
from harness.studies.laboratory import Experiment, Laboratory, laboratory
from harness.studies.study import Row, Study

PAIRS = 10
MOST_TRIES = 3  # of a pair with an invalid trial
USERS = 64  # with a short delay they saturate the core
DELAY = "fixed:0.01"
SLOWER = 0.05  # of the CPU work
EQUAL = 0.9  # of the plans of equal lanes with enough pairs are to be called equivalent
PAIRS_FOR_EQUALITY = 16  # which has a chance of 96 % with a deviation of 5 % of the log ratio, where 10 have 77 %
DIFFERENT = {"better", "worse"}
ADJUSTED, RAW = "throughput_adjusted", "throughput"
OTHER, BASELINE = "other", "plain"
PLAIN = Lane(
    command="hypercorn quart_app.app:app --bind 127.0.0.1:{port} --config servers/hypercorn.toml",
    slots="unbounded",
    identity="quart",
)
SUN = Route(path="/api/sun/97201/us", upstream=(("location",), ("sun",)), expect="sunrise")
Say = Callable[[str], None]


@dataclass(frozen=True)
class Judged:
    """One plan: its verdict, and the trials behind it."""

    verdict: Verdict
    trials: tuple[Trial, ...]

    def logs(self, metric: str) -> list[float]:
        """Return the log ratios of the pairs in a metric."""
        values = {(trial.block, trial.lane): _figure(trial, metric) for trial in self.trials}
        blocks = sorted({trial.block for trial in self.trials})
        return [math.log(values[block, OTHER] / values[block, BASELINE]) for block in blocks]


def error_rates(
    equal: int = 60,
    slower: int = 20,
    pairs: int = PAIRS,
    seconds: float = 1.75,
    clients: int = USERS,
    seed: int = 1,
    say: Say = lambda _: None,
) -> Study:
    """Judge throughput in so many plans of two equal lanes, then of one that needs a twentieth more CPU for a request.

    By the verdict of a run: looks, repeated pairs, throughput at equal core speed. Each plan has up to so many pairs in
    random order, each trial a freshly started server, a window of so many seconds, and users that saturate the core.
    """
    with _equal_lanes(pairs, seconds, clients, seed) as plan:
        plain = list(_plans("A/A", equal, plan, say))
        cpu_ms = statistics.median(trial.cpu_ms_per_request or 0.0 for judged in plain for trial in judged.trials)
        slow = list(_plans("slower", slower, replace(plan, other=_slowed(SLOWER * cpu_ms * 1000)), say))
    sd, scatter = _scatter(plain, plan.metric)
    rows = (
        _rate("equal lanes", plain, SIGNIFICANCE),
        _rate(f"{SLOWER:.0%} more CPU", slow, power_of(1 + SLOWER, sd, pairs)),
    )
    notes = (
        scatter,
        f"CPU per request {cpu_ms:.3f} ms.",
        "Expected: the level of the test for equal lanes; for the slower one the power that this deviation predicts "
        "for one look at all pairs.",
    )
    return Study(
        f"Up to {pairs} pairs a plan, {clients} users, {seconds:g} s windows",
        rows,
        notes,
        promise=f"equal lanes differ in at most {SIGNIFICANCE:.0%} of the plans, the slower one in {POWER:.0%} or more",
        kept=keeps_promise(_words(plain), _words(slow)),
    )


def keeps_promise(equal: Sequence[Word], slower: Sequence[Word]) -> bool:
    """Say whether the words on plans of equal lanes, and of the slower one, are as promised within 95 % intervals."""
    fewest_alarms, _ = _interval(equal)
    _, most_found = _interval(slower)
    return fewest_alarms <= SIGNIFICANCE and most_found >= POWER


def equality(
    plans: int = 10,
    pairs: int = PAIRS_FOR_EQUALITY,
    seconds: float = 1.75,
    clients: int = USERS,
    say: Say = lambda _: None,
) -> Study:
    """Judge throughput in so many plans of two equal lanes, each with pairs enough to show that they are equal."""
    with _equal_lanes(pairs, seconds, clients, seed=2) as plan:
        equal = list(_plans("A/A", plans, plan, say))
    sd, scatter = _scatter(equal, plan.metric)
    expected = chance_of_equality(sd, pairs, EQUALITY_LEVEL)
    return Study(
        f"{pairs} pairs a plan, {clients} users, {seconds:g} s windows",
        (_rate("equal lanes", equal, SIGNIFICANCE),),
        (scatter, f"With it {expected:.0%} of such plans are called equivalent."),
        promise=f"equal lanes are called equivalent in {EQUAL:.0%} of the plans or more",
        kept=shows_equality(_words(equal)),
    )


def shows_equality(words: Sequence[Word]) -> bool:
    """Say whether nine of ten plans of equal lanes are called equivalent."""
    return words.count("equivalent") >= EQUAL * len(words)


@contextmanager
def _equal_lanes(pairs: int, seconds: float, clients: int, seed: int) -> Iterator["Plan"]:
    """Yield the plan of two equal lanes, with the stub and the instruments that it takes."""
    load = Experiment(users(clients), window_s=seconds, warmup_s=LEAST_WARMUP_S, routes=(SUN,))
    with laboratory(Upstream(delay=DELAY)) as bench:
        metric = ADJUSTED if bench.tools.probe else RAW
        yield Plan(bench, PLAIN, load, pairs, random.Random(f"error rates {seed}"), metric)


def _scatter(plans: Sequence[Judged], metric: str) -> tuple[float, str]:
    """Return the deviation of the log ratio in a metric within plans of equal lanes, and a sentence on it."""
    sd, raw = (pooled_deviation([plan.logs(one) for plan in plans])[0] for one in (metric, RAW))
    return sd, f"Deviation of equal lanes' log ratio: {100 * raw:.1f} %, at equal core speed {100 * sd:.1f} %."


def _slowed(extra_us: float) -> Lane:
    """Return the lane with so many more microseconds of CPU for each request."""
    app = "quart_app.app:app"
    command = PLAIN.command.replace(app, "examples.slowed:app")
    return PLAIN.model_copy(update={"command": command, "env": {"SLOWED_APP": app, "SLOWED_US": f"{extra_us:.1f}"}})


@dataclass(frozen=True)
class Plan:
    """Up to so many pairs of the plain lane and another, each pair in random order."""

    bench: Laboratory
    other: Lane
    load: Experiment
    pairs: int
    order: random.Random
    metric: str

    def judged(self) -> Judged:
        """Measure pairs until a look settles it, or to the end."""
        primary = Primary(lane=OTHER, baseline=BASELINE, metric=self.metric, point=self.load.point)
        trials: list[Trial] = []
        for block in range(1, self.pairs + 1):
            trials += self._pair(block)
            if block in declared(self.pairs).pairs and is_settled([primary], trials, self.pairs, family=1):
                break
        if not trials:
            raise MeasurementError(f"of {self.pairs} pairs none was valid", hint="let nothing else run on this machine")
        (verdict,) = verdicts([primary], trials, most_failed=0.0, planned=self.pairs)
        return Judged(verdict, tuple(trials))

    def _pair(self, block: int) -> list[Trial]:
        for _ in range(MOST_TRIES):
            lanes = {BASELINE: PLAIN, OTHER: self.other}
            order = self.order.sample(list(lanes), len(lanes))
            pair = [self._trial(name, lanes[name], block) for name in order]
            if all(trial.status == "valid" for trial in pair):
                return pair
        return []

    def _trial(self, name: str, lane: Lane, block: int) -> Trial:
        return self.bench.measure_fresh(lane, self.load).model_copy(update={"lane": name, "block": block})


def _figure(trial: Trial, metric: str) -> float:
    value: float | None = getattr(trial, BY_NAME[metric].field)
    if value is None:
        raise MeasurementError(f"a trial of the study has no {metric}: {trial.reasons}")
    return value


def _plans(name: str, count: int, plan: Plan, say: Say) -> Iterator[Judged]:
    for number in range(1, count + 1):
        judged = plan.judged()
        found = judged.verdict
        say(f"{name} {number}/{count}: {found.word}, ratio {found.ratio or 0:.3f} after {found.pairs} pairs")
        yield judged


def _words(plans: Sequence[Judged]) -> list[Word]:
    return [plan.verdict.word for plan in plans]


def _interval(words: Sequence[Word]) -> tuple[float, float]:
    """Return the 95 % interval of the share that is called different."""
    return rate_interval(_differing(words), len(words))


def _differing(words: Sequence[Word]) -> int:
    return sum(word in DIFFERENT for word in words)


def _rate(name: str, plans: Sequence[Judged], expected: float) -> Row:
    words = _words(plans)
    hits = _differing(words)
    low, high = _interval(words)
    ratios = [plan.verdict.ratio for plan in plans if plan.verdict.ratio]
    return {
        "lanes": name,
        "plans": len(plans),
        "called different": hits,
        "rate %": 100 * hits / len(plans) if plans else None,
        "low %": 100 * low,
        "high %": 100 * high,
        "expected %": 100 * expected,
        "called equivalent": words.count("equivalent"),
        "median ratio": statistics.median(ratios) if ratios else None,
        "median pairs": statistics.median(plan.verdict.pairs for plan in plans) if plans else None,
    }
