"""Made-up runs for the tests of the report: figures of the right size, the same every time."""

import math
import statistics
from collections.abc import Callable, Iterator
from pathlib import Path

from made_up_trials import FULL, QUICK, Lane, Recipe, seconds_of, trials_of

from harness.records import PointSummary, Run, RunInfo, Skipped, Trial, Verdict

Published = Callable[[Callable[[], Run]], Path]  # publishes a made-up run and returns its folder

A_QUICK_RUN = Recipe()
HOSTILE = "</script><img src=x onerror=alert(1)>|`*_=cmd\x1b[31m\n'\"&"


def make_run(recipe: Recipe = A_QUICK_RUN) -> Run:
    """Return a finished run."""
    trials = tuple(trials_of(recipe))
    return Run(
        info=_info(recipe, trials),
        trials=trials,
        seconds={trial.trial: tuple(seconds_of(trial)) for trial in trials},
        summaries=tuple(_summaries(recipe, trials)),
        verdicts=_verdicts(max(recipe.points)),
    )


def full_run() -> Run:
    """Return a run of seven lanes with waits of up to 30 s."""
    return make_run(Recipe(lanes=FULL, points=(1, 4, 16, 64, 100, 200, 300), max_wait_s=30))


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
    sentence = f"inconclusive: {verdict.metric} of quart: fewer than two blocks are valid for both."
    return verdict.model_copy(update=nothing | {"pairs": 0, "verdict": "inconclusive", "sentence": sentence})


def _interrupted(run: Run, after: int) -> Run:
    trials = run.trials[:after]
    points = {(trial.lane, trial.users) for trial in trials}
    return run.model_copy(
        update={
            "info": run.info.model_copy(update={"status": "interrupted", "finished_utc": None}),
            "trials": trials,
            "seconds": {trial.trial: run.seconds[trial.trial] for trial in trials},
            "summaries": tuple(
                point.model_copy(update={"blocks": 1}) for point in run.summaries if (point.lane, point.users) in points
            ),
            "verdicts": tuple(_open(verdict) for verdict in run.verdicts),
        }
    )


def _summaries(recipe: Recipe, trials: tuple[Trial, ...]) -> Iterator[PointSummary]:
    for name, lane in recipe.lanes.items():
        for users in recipe.points:
            wait_s = lane.wait_s(users)
            yield _summary(
                name,
                users,
                [trial for trial in trials if (trial.lane, trial.users) == (name, users)],
                wait_s if wait_s > recipe.max_wait_s else None,
            )


def _summary(lane: str, users: int, trials: list[Trial], wait_s: float | None) -> PointSummary:
    valid = [trial for trial in trials if trial.status == "valid"]
    throughputs = [trial.throughput_rps for trial in valid if trial.throughput_rps]
    middle = valid[len(valid) // 2] if valid else None
    throughput = statistics.median(throughputs) if valid else None
    return PointSummary(
        lane=lane,
        users=users,
        blocks=len(valid),
        invalid=len(trials) - len(valid),
        throughput_rps=throughput,
        throughput_low_rps=min(throughputs, default=None),
        throughput_high_rps=max(throughputs, default=None),
        latency_p50_ms=middle and middle.latency_p50_ms,
        latency_p95_ms=middle and middle.latency_p95_ms,
        latency_p99_ms=middle and middle.latency_p99_ms,
        latency_max_ms=middle and middle.latency_max_ms,
        samples=sum(trial.window_ok for trial in valid),
        limit_rps=middle and middle.limit_rps,
        limit_by=middle.limit_by if middle else "",
        limit_share=throughput / middle.limit_rps if throughput and middle and middle.limit_rps else None,
        cpu_ms_per_request=middle and middle.cpu_ms_per_request,
        rss_mib=middle and middle.rss_mib,
        threads=middle and middle.threads,
        wait_beyond_limit_s=wait_s,
    )


def _verdicts(users: int) -> tuple[Verdict, ...]:
    pair = {"lane": "quart", "baseline": "flask-threads-300", "users": users, "pairs": 10}
    return (
        Verdict(
            **pair,
            metric="throughput",
            ratio=1.884,
            low=1.871,
            high=1.897,
            p=3.1e-12,
            verdict="better",
            sentence=f"At {users} users quart answers 1.88 times as many requests as flask-threads-300 "
            "(95 % interval 1.87 to 1.90): better.",
        ),
        Verdict(
            **pair,
            metric="p95",
            ratio=0.412,
            low=0.405,
            high=0.42,
            p=3.1e-12,
            verdict="better",
            sentence=f"At {users} users the p95 latency of quart is 0.41 times that of flask-threads-300 "
            "(95 % interval 0.41 to 0.42): better.",
        ),
    )


def _slots(lane: Lane) -> object:
    return "unbounded" if math.isinf(lane.slots) else round(lane.slots)


def _info(recipe: Recipe, trials: tuple[Trial, ...]) -> RunInfo:
    lanes = {
        name: {"command": f"serve {name} --bind 127.0.0.1:{{port}}", "slots": _slots(lane)}
        for name, lane in recipe.lanes.items()
    }
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
        config={"profile": {"blocks": recipe.blocks, "window_s": 2.5}, "lanes": lanes},
        plan=[trial.trial for trial in trials],
        verdict_users=max(recipe.points),
        skipped=[
            Skipped(lane=name, users=users, wait_s=lane.wait_s(users))
            for name, lane in recipe.lanes.items()
            for users in recipe.points
            if lane.wait_s(users) > recipe.max_wait_s
        ],
        versions={"python": "3.11.7", "flask": "3.1.2", "quart": "0.22.0", "locust": "2.47.1"},
        machine={"cpu": "2 x Example 3.0 GHz", "memory": "8 GiB", "kernel": "Linux 6.1"},
        commit="0123abc",
        command="python -m harness bench --profile quick",
    )
