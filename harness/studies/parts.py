"""CPU by part: what a request costs without any upstream call, what each call adds, and whether that predicts a mix."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np
import scipy  # its parts load when they are used

from harness.errors import MeasurementError
from harness.facts.config import Config, Lane
from harness.facts.parsing import parse_config
from harness.facts.point import Point
from harness.facts.routes import Scenario
from harness.facts.trial import Trial
from harness.judge.statistics import CONFIDENCE
from harness.measure.site import ROOT
from harness.studies.laboratory import Experiment, Laboratory, laboratory
from harness.studies.study import Row, Study

LANES = ("flask-threads-300", "flask-threads-300-urllib3", "quart-gunicorn", "quart")
FITTED, PREDICTED = ("events", "weather", "sun", "city"), "mix"  # 0, 1, 2 and 3 calls
MEASURED_TWO, THIRD = ("weather", "sun"), "city"  # two routes that a team measures, and one that it has not moved yet
RATE = 100.0  # arrivals a second: every lane has CPU to spare
CLOSE = 0.1  # a prediction is to be this near
Say = Callable[[str], None]
Costs = Mapping[tuple[str, int], float]  # ms of CPU for a request, by scenario and block


def parts(
    blocks: int = 5,
    seconds: float = 2.0,
    seed: int = 1,
    lanes: Sequence[str] = LANES,
    say: Say = lambda _: None,
) -> Study:
    """Measure the CPU of a request with 0, 1, 2 and 3 upstream calls on four stacks, then of the mix of them.

    Every lane serves every scenario once a block, in random order, each time on a fresh server, at 100 arrivals/s.
    Costs are at equal core speed: as if the core had been as fast all the time as it was on the average.
    """
    config = parse_config((ROOT / "bench.toml").read_text(encoding="utf-8"), "bench.toml")
    trials = list(_measured(config, lanes, blocks, seconds, random.Random(f"parts {seed}"), say))
    usual = fmean(one.trial.speed or 1.0 for one in trials)
    calls = {name: mean_calls(config.scenarios[name]) for name in (*FITTED, PREDICTED)}
    costs = {lane: {one.key: one.cost_ms(usual) for one in trials if one.lane == lane} for lane in lanes}
    rows = tuple(_row(lane, fit(of_lane, calls, blocks)) for lane, of_lane in costs.items())
    return Study(
        f"CPU of a request by its part, {RATE:g} arrivals/s, {blocks} blocks",
        rows,
        notes=(
            "CPU of the server's processes for a request: own + call x upstream calls, fitted in every block to the "
            "routes events, weather, sun and city (0, 1, 2 and 3 calls); ± is Student's 95 % interval over the blocks.",
            f"Own is server and framework, call the HTTP client. The mix has {calls[PREDICTED]:g} calls a request on "
            "the average and was not used for the fit.",
            f"The third: what {' and '.join(MEASURED_TWO)} alone say of {THIRD}, a route that was not measured.",
        ),
        promise=f"mix and third are predicted within {CLOSE:.0%} on every stack",
        kept=all(
            abs(off) <= 100 * CLOSE
            for row in rows
            for name in ("off %", "third off %")
            if isinstance(off := row[name], float)
        ),
    )


@dataclass(frozen=True)
class Measured:
    """One trial of the study."""

    lane: str
    scenario: str
    block: int
    trial: Trial

    @property
    def key(self) -> tuple[str, int]:
        """Scenario and block."""
        return self.scenario, self.block

    def cost_ms(self, usual_speed: float) -> float:
        """Return the CPU of a request in ms, at that core speed where the trial's own is known."""
        if self.trial.cpu_ms_per_request is None:
            raise MeasurementError(f"{self.lane} at {self.scenario}: no CPU was measured: {self.trial.reasons}")
        return self.trial.cpu_ms_per_request * (self.trial.speed or usual_speed) / usual_speed


@dataclass(frozen=True)
class Fit:
    """Cost of a request in ms, by block: `own` without calls, `call` for each; of the mix predicted and measured.

    `third` is the cost of a route that two others predict, `third_measured` what it was.
    """

    own: Sequence[float]
    call: Sequence[float]
    predicted: Sequence[float]
    measured: Sequence[float]
    third: Sequence[float]
    third_measured: Sequence[float]


def fit(costs: Costs, calls: Mapping[str, float], blocks: int) -> Fit:
    """Fit a line through the costs of each block, and follow it to the mix."""
    lines = [
        np.polyfit([calls[name] for name in FITTED], [costs[name, block] for name in FITTED], 1)
        for block in range(1, blocks + 1)
    ]
    own, call = [float(line[1]) for line in lines], [float(line[0]) for line in lines]
    predicted = [one + each * calls[PREDICTED] for one, each in zip(own, call, strict=True)]
    numbers = range(1, blocks + 1)
    third = [third_of({name: costs[name, block] for name in MEASURED_TWO}, calls) for block in numbers]
    measured, third_measured = ([costs[name, block] for block in numbers] for name in (PREDICTED, THIRD))
    return Fit(own, call, predicted, measured, third, third_measured)


def third_of(two: Mapping[str, float], calls: Mapping[str, float]) -> float:
    """Return the cost of a third route, on the line through the costs of two."""
    slope, own = np.polyfit([calls[name] for name in two], list(two.values()), 1)
    return float(own + slope * calls[THIRD])


def mean_calls(scenario: Scenario) -> float:
    """Return how many upstream calls a request of a scenario makes on the average."""
    made = [(route.weight, sum(map(len, route.upstream or ()))) for route in scenario.routes]
    return sum(weight * calls for weight, calls in made) / sum(weight for weight, _ in made)


def _measured(
    config: Config, lanes: Sequence[str], blocks: int, seconds: float, order: random.Random, say: Say
) -> Iterator[Measured]:
    with laboratory(config.upstream) as bench:
        for block in range(1, blocks + 1):
            places = [(lane, scenario) for lane in lanes for scenario in (*FITTED, PREDICTED)]
            for lane, scenario in order.sample(places, len(places)):
                trial = _trial(bench, config.lanes[lane], config.scenarios[scenario], seconds)
                say(f"block {block}  {lane}  {scenario}: {trial.cpu_ms_per_request or 0:.3f} ms of CPU a request")
                yield Measured(lane, scenario, block, trial)


def _trial(bench: Laboratory, lane: Lane, scenario: Scenario, seconds: float) -> Trial:
    load = Experiment(Point("open", RATE), seconds, clients=200, routes=lane.routes(scenario))
    return bench.measure_fresh(lane, load)


def _row(lane: str, found: Fit) -> Row:
    predicted, measured = fmean(found.predicted), fmean(found.measured)
    return {
        "stack": lane,
        "own ms": fmean(found.own),
        "± own": _half_width(found.own),
        "call ms": fmean(found.call),
        "± call": _half_width(found.call),
        "mix predicted ms": predicted,
        "mix measured ms": measured,
        "off %": 100 * (predicted / measured - 1),
        "third off %": 100 * (fmean(found.third) / fmean(found.third_measured) - 1),
    }


def _half_width(values: Sequence[float]) -> float | None:
    if len(values) < 2:
        return None
    critical = float(scipy.stats.t.isf((1 - CONFIDENCE) / 2, len(values) - 1))
    return critical * float(scipy.stats.sem(values))
