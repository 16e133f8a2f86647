"""Small runs for the tests of comparisons, written as the harness writes them."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from bounds import config_of

from harness.facts.point import users
from harness.facts.run import RunInfo, Skipped
from harness.facts.trial import Trial
from harness.judge.window import Interval
from harness.store.files import csv_text
from harness.store.hlog import log_head, trial_lines

COLUMNS = tuple(Trial.model_fields)
DATA = Path(__file__).parents[1] / "compare" / "data"
LOCUST_1, LOCUST_2 = DATA / "locust1_stats.csv", DATA / "locust2_stats.csv"
WRONG_CALLS = "3 requests with wrong upstream calls"


def make_trial(lane: str, users: int | None, block: int = 1, **changes: object) -> Trial:
    """Return a valid trial of 500 requests; `changes` replace its fields."""
    fields: dict[str, object] = {
        "trial": f"b{block:02}-{lane}-u{users}",
        "block": block,
        "attempt": 1,
        "lane": lane,
        "scenario": "sun",
        "load": "closed",
        "users": users,
        "started_utc": "2026-01-02T03:04:05Z",
        "status": "valid",
        "warmup_s": 1.0,
        "window_s": 2.5,
        "drain_s": 0.2,
        **dict.fromkeys(("started", "ok"), 700),
        **dict.fromkeys(("failed", "censored", "warmup_failed", "window_failed", "drain_failed"), 0),
        "warmup_ok": 180,
        "window_ok": 500,
        "drain_ok": 20,
        "throughput_rps": 200.0,
        "latency_mean_ms": 204.0,
        "latency_p50_ms": 203.0,
        "latency_p95_ms": 211.0,
        "latency_p99_ms": 230.0,
        "latency_max_ms": 260.0,
        "cpu_ms_per_request": 0.6,
        "pss_mib": 75.0,
    }
    return Trial.model_validate(fields | changes)


def make_open_trial(lane: str, rate: float, block: int = 1, **changes: object) -> Trial:
    """Return a valid, sustained trial of open load; `changes` replace its fields."""
    load = {"trial": f"b{block:02}-{lane}-r{rate:g}", "load": "open", "rate_rps": rate}
    return make_trial(lane, None, block, **{**load, "sustained": True, **changes})


def overloaded() -> dict[str, object]:
    """Return what a trial of open load lacks where the server did not keep up."""
    latencies = ("mean", "p50", "p95", "p99", "max")
    return {"sustained": False, **dict.fromkeys(f"latency_{name}_ms" for name in latencies)}


def make_info(trials: Sequence[Trial], **changes: object) -> RunInfo:
    """Return the run.json of a complete run of these trials; `changes` replace its fields."""
    fields: dict[str, object] = {
        "name": "run",
        "status": "complete",
        "profile": "quick",
        "scenario": "sun",
        "seed": 1,
        "delay": "fixed:0.1",
        "started_utc": "2026-01-02T03:04:05Z",
        "config": config_of(),
        "plan": [trial.trial for trial in trials],
        "versions": {"quart": "0.22.0"},
        "machine": {"cores": "2"},
        "commit": "0123456789ab",
        "command": "python -m harness bench",
    }
    return RunInfo.model_validate(fields | changes)


def write_trials(path: Path, trials: Sequence[Trial]) -> Path:
    """Write a trials.csv."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(csv_text(COLUMNS, [[getattr(trial, name) for name in COLUMNS] for trial in trials]))
    return path


def write_run(folder: Path, trials: Sequence[Trial], **changes: object) -> Path:
    """Write a run's folder; `changes` are those of its run.json."""
    write_trials(folder / "trials.csv", trials)
    write_histograms(folder / "histograms.hlog", trials)
    (folder / "run.json").write_text(make_info(trials, **changes).model_dump_json())
    return folder


def write_histograms(path: Path, trials: Sequence[Trial]) -> Path:
    """Write the histograms of trials: as many good answers as each counts, at its own percentiles."""
    lines = log_head(1_700_000_000.0)
    for trial in trials:
        steps = (trial.latency_p50_ms, trial.latency_p95_ms, trial.latency_p99_ms, trial.latency_max_ms)
        made = _lines(trial.window_ok, trial.window_failed, tuple(step or 1000.0 for step in steps))
        lines += [line.replace("Tag=TRIAL/", f"Tag={trial.trial}/") for line in made]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([*lines, ""]))
    return path


@cache
def _lines(good: int, failed: int, steps_ms: tuple[float, ...]) -> list[str]:
    shares = (np.arange(good) + 0.5) / max(1, good)
    latencies_s = np.array(steps_ms)[np.searchsorted((0.5, 0.95, 0.99), shares)] / 1000
    interval = Interval("window", 0.0, 2.5, ok=latencies_s, failed=np.full(failed, 1.0))
    return trial_lines("TRIAL", [interval], 0.0)


def write_first_run(folder: Path) -> Path:
    """Write a complete run of two lanes, three blocks each, with a point beyond the limit of one."""
    trials = [
        make_trial(lane, users, block, throughput_rps=rps + block, latency_p99_ms=p99 + block)
        for lane, users, rps, p99 in (
            ("flask-sync-4", 16, 19.0, 830.0),
            ("quart", 16, 78.0, 206.0),
            ("quart", 300, 1300.0, 520.0),
        )
        for block in (1, 2, 3)
    ]
    return write_run(folder, trials, skipped=[Skipped(lane="flask-sync-4", users=300, wait_s=15.0)])


def write_verdict_run(
    folder: Path, quart: float = 1.0, flask: float = 1.0, level: int = 300, **changes: object
) -> Path:
    """Write a run of a pair with two primaries at `level` users: ten blocks at 300 users, three at 16.

    `quart` and `flask` are how much faster these lanes are than they were: in throughput, and so in latency.
    """
    trials = [
        make_trial(lane, users, block, throughput_rps=rps * wobble, **_slower(300_000 / rps / wobble))
        for lane, rps in (("flask-threads-300", 900.0 * flask), ("quart", 1300.0 * quart))
        for users, blocks in ((16, 3), (300, 10))
        for block in range(1, blocks + 1)
        for wobble in [1 + 0.004 * (block % 4)]
    ]
    pair = {"lane": "quart", "baseline": "flask-threads-300", "point": users(level)}
    primaries = [{**pair, "metric": "throughput"}, {**pair, "metric": "p95"}]
    return write_run(folder, trials, **{"primaries": primaries, "verdict_point": users(level), **changes})


def _slower(p95_ms: float) -> dict[str, float]:
    return {"latency_p95_ms": p95_ms, "latency_p99_ms": 1.1 * p95_ms, "latency_max_ms": 1.2 * p95_ms}


def write_open_run(folder: Path, quart: float = 1.0, **changes: object) -> Path:
    """Write a run of open load at two rates, in three blocks; with `quart` below 1 it does not sustain the higher one.

    At the lower rate one request in fifty fails.
    """
    failing: dict[str, object] = {"window_ok": 490, "window_failed": 10, "failed": 10, "ok": 690}
    trials = [
        *(make_open_trial("quart", 100, block, **failing, latency_p99_ms=None) for block in (1, 2, 3)),
        *(make_open_trial("quart", 400, block, **(overloaded() if quart < 1 else {})) for block in (1, 2, 3)),
    ]
    return write_run(folder, trials, **changes)


def write_second_run(folder: Path) -> Path:
    """Write an interrupted run with a newer Quart, an invalid point, and another that the first run skipped."""
    trials = [
        make_trial("flask-sync-4", 16, window_ok=90, window_failed=10, throughput_rps=18.0, latency_p99_ms=840.0),
        make_trial("flask-sync-4", 300, throughput_rps=20.0, latency_p99_ms=15100.0),
        make_trial("quart", 16, 1, throughput_rps=80.0),
        make_trial("quart", 16, 2, throughput_rps=90.0, status="invalid", reasons=WRONG_CALLS),
        make_trial("quart", 300, status="invalid", reasons=WRONG_CALLS),
    ]
    plan = [f"b{number:02}" for number in range(12)]
    return write_run(folder, trials, status="interrupted", plan=plan, versions={"quart": "0.23.0"})
