"""Made-up runs for the tests of the report: figures of the right size, the same every time."""

import math
import shlex
from collections.abc import Callable
from functools import cache
from pathlib import Path

from bounds import config_of
from made_up_figures import Lane
from made_up_trials import FULL, QUICK, Recipe, answers_of, seconds_of, trials_of

from harness.facts.config import Config, Profile
from harness.facts.config import Lane as LaneSettings
from harness.facts.point import users
from harness.facts.routes import Route, Scenario
from harness.facts.run import Run, RunInfo, Skipped
from harness.facts.trial import Trial
from harness.facts.verdict import Resolution, Verdict
from harness.judge.summary import spectra, summaries

Published = Callable[[Callable[[], Run]], Path]  # publishes a made-up run and returns its folder

A_QUICK_RUN = Recipe()
HOSTILE = "</script><img src=x onerror=alert(1)>|`*_=cmd\x1b[31m\n'\"&"


RESOLUTIONS = (
    Resolution(metric="throughput", pairs=10, effect=0.0213, low=0.0151, high=0.0367, equality=0.99),
    Resolution(metric="p95", pairs=10, effect=0.0481, low=0.034, high=0.083, equality=0.41),
)
CONTROLS = tuple(
    Verdict(
        lane="quart-again",
        baseline="quart",
        metric=metric,
        point=users(300),
        pairs=10,
        ratio=ratio,
        low=ratio - 0.015,
        high=ratio + 0.015,
        p=0.61,
        word="equivalent",
    )
    for metric, ratio in (("throughput", 1.003), ("p95", 0.995))
)


def make_run(recipe: Recipe = A_QUICK_RUN) -> Run:
    """Return a finished run."""
    trials = tuple(trials_of(recipe))
    answers = {trial.trial: answers_of(trial) for trial in trials}
    info = _info(recipe, trials)
    return Run(
        info=info,
        trials=trials,
        seconds={trial.trial: tuple(seconds_of(trial)) for trial in trials},
        summaries=summaries(trials, info.skipped, answers),
        verdicts=_verdicts(max(recipe.points)),
        spectra=spectra(trials, users(max(recipe.points)), answers),
    )


@cache
def full_run() -> Run:
    """Return a run as large as the profile `full`: ten lanes, waits of up to 30 s, open load, A/A, a calibration.

    A lane whose users wait 15 s has many seconds.
    """
    lanes = {**FULL, "quart-again": FULL["quart"]}
    rates = (10, 160, 400, 700, 1000, 1400)
    return _with_evidence(Recipe(lanes=lanes, points=(1, 4, 16, 64, 100, 200, 300), rates=rates, max_wait_s=30))


@cache
def open_run() -> Run:
    """Return a run of two lanes with open load, of which the slower one does not sustain the highest rate."""
    lanes = {name: QUICK[name] for name in ("flask-threads-64", "quart")}
    return _with_evidence(Recipe(lanes=lanes, points=(16, 300), rates=(100, 300, 400), spoiled=()))


def _with_evidence(recipe: Recipe) -> Run:
    """Return a run with A/A, what it can see, and a calibration."""
    run = make_run(recipe)
    figures = {"measured_utc": "2026-01-31T11:59:00Z", "floor_p50_ms": 0.6123, "generator_ceiling_rps_per_core": 2913.4}
    known = {"calibration": {**figures, "recorder_share_of_bare_generator": None}}
    return run.model_copy(
        update={"info": run.info.model_copy(update=known), "controls": CONTROLS, "resolutions": RESOLUTIONS}
    )


@cache
def hostile_run() -> Run:
    """Return a run in which a lane and a reason are meant to break the page."""
    lanes = {HOSTILE: Lane(slots=4, cpu_ms=1, rss_mib=50), "quart": QUICK["quart"]}
    return make_run(Recipe(lanes=lanes, points=(1, 4), reason=HOSTILE, spoiled=(1,)))


def all_invalid_run() -> Run:
    """Return a run without a valid trial."""
    run = make_run(Recipe(points=(1, 300), verdict_blocks=3, spoiled=tuple(range(100))))
    return run.model_copy(update={"verdicts": tuple(_open(verdict) for verdict in run.verdicts)})


def empty_run() -> Run:
    """Return a run that was interrupted before its first trial was finished."""
    return _interrupted(make_run(), after=0)


def single_trial_run() -> Run:
    """Return a run that was interrupted after one valid trial."""
    run = make_run(Recipe(lanes={"quart": QUICK["quart"]}, points=(300,), spoiled=()))
    return _interrupted(run.model_copy(update={"verdicts": ()}), after=1)


def _open(verdict: Verdict) -> Verdict:
    nothing = dict.fromkeys(("ratio", "low", "high", "p"))
    return verdict.model_copy(update=nothing | {"pairs": 0, "word": "inconclusive", "doubts": ("few blocks",)})


def _interrupted(run: Run, after: int) -> Run:
    trials = run.trials[:after]
    answers = {trial.trial: answers_of(trial) for trial in trials}
    return run.model_copy(
        update={
            "info": run.info.model_copy(update={"status": "interrupted", "finished_utc": None}),
            "trials": trials,
            "seconds": {trial.trial: run.seconds[trial.trial] for trial in trials},
            "summaries": summaries(trials, (), answers),
            "spectra": spectra(trials, users(300), answers),
            "verdicts": tuple(_open(verdict) for verdict in run.verdicts),
        }
    )


def _verdicts(level: int) -> tuple[Verdict, ...]:
    pair = {"lane": "quart", "baseline": "flask-threads-300", "point": users(level), "pairs": 10}
    return (
        Verdict(
            **pair,
            metric="throughput",
            ratio=1.884,
            low=1.871,
            high=1.897,
            p=3.1e-12,
            word="better",
        ),
        Verdict(
            **pair,
            metric="p95",
            ratio=0.412,
            low=0.405,
            high=0.42,
            p=3.1e-12,
            word="better",
        ),
    )


def _config(recipe: Recipe) -> Config:
    """Return the configuration of a recipe; a lane's name may be one that bench.toml cannot have."""
    lanes = {
        name: LaneSettings(
            command=f"serve {shlex.quote(name)} --bind 127.0.0.1:{{port}}",
            slots="unbounded" if math.isinf(lane.slots) else round(lane.slots),
        )
        for name, lane in recipe.lanes.items()
    }
    profile = Profile(
        lanes=tuple(lanes),
        points=recipe.points,
        blocks=recipe.blocks,
        verdict_blocks=recipe.verdict_blocks,
        window_s=2.5,
        max_wait_s=recipe.max_wait_s,
        rates=recipe.rates,
    )
    route = Route(path="/sun", upstream=(("location",), ("sun",)))
    return config_of(scenarios={"sun": Scenario(routes=(route,))}).model_copy(
        update={"lanes": lanes, "profiles": {"quick": profile}}
    )


def _info(recipe: Recipe, trials: tuple[Trial, ...]) -> RunInfo:
    return RunInfo(
        name="2026-01-31T120000Z-quick",
        status="complete",
        profile="quick",
        scenario="sun",
        seed=1,
        delay="fixed:0.1",
        started_utc="2026-01-31T12:00:00Z",
        finished_utc="2026-01-31T12:07:31Z",
        wall_s=451.0,
        load_s=333.0,
        config=_config(recipe),
        plan=[trial.trial for trial in trials],
        verdict_point=users(max(recipe.points)),
        skipped=[
            Skipped(lane=name, users=level, wait_s=lane.wait_s(level))
            for name, lane in recipe.lanes.items()
            for level in recipe.points
            if lane.wait_s(level) > recipe.max_wait_s
        ],
        versions={"python": "3.11.7", "flask": "3.1.2", "quart": "0.22.0", "locust": "2.47.1"},
        machine={"cpu": "2 x Example 3.0 GHz", "memory": "8 GiB", "kernel": "Linux 6.1"},
        commit="0123abc",
        command="python -m harness bench --profile quick",
    )
