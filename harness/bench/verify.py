"""Whether a run's figures are what its raw counts and histograms say."""

from collections.abc import Iterator
from pathlib import Path

from harness.facts.config import Config, checked, pick
from harness.facts.records import RunInfo, Trial
from harness.judge.trial_row import Times, trial_row
from harness.plan.blocks import PlannedTrial
from harness.report import documents
from harness.store.hlog import window_histogram
from harness.store.read_run import read_run
from harness.store.run_folder import RunFolder

SHOWN = 3  # figures of a trial that are named


def differences(path: Path) -> list[str]:
    """Return every difference between a run's files and what follows from its raw data; UsageError where it is no run.

    Each row of trials.csv is made again from counts/ and histograms/, and the reports from these rows.
    """
    folder = RunFolder(path)
    info = folder.read_info()
    config = checked(info.config, "run.json")
    trials = folder.read_trials()
    missing = set(info.plan) - {trial.trial for trial in trials} if info.status == "complete" else set()
    return [
        *(f"{name} was planned, and is not there" for name in sorted(missing)),
        *(problem for trial in trials for problem in _of_trial(folder, trial, info, config)),
        *_of_reports(path),
    ]


def _of_trial(folder: RunFolder, trial: Trial, info: RunInfo, config: Config) -> Iterator[str]:
    observed, lines = folder.read_counts(trial), folder.read_log(trial)
    lane = pick(config.lanes, trial.lane, "lane in run.json")
    routes = lane.routes(pick(config.scenarios, info.scenario, "scenario in run.json"))
    is_open = trial.load == "open"
    expected = trial_row(
        PlannedTrial(trial.block, trial.lane, trial.point, observed.timing, 0, trial.attempt),
        lane,
        routes,
        observed,
        Times(
            window_histogram(lines, "ok"),
            window_histogram(lines, "service") if is_open else None,
            window_histogram(lines, "late") if is_open else None,
        ),
        config.validity,
        scenario=trial.scenario,
        started_utc=trial.started_utc,
    )
    wrong = [name for name in Trial.model_fields if getattr(trial, name) != getattr(expected, name)]
    for name in wrong[:SHOWN]:
        yield f"{trial.trial}: {name} is {getattr(trial, name)}, its raw data say {getattr(expected, name)}"
    if len(wrong) > SHOWN:
        yield f"{trial.trial}: and {len(wrong) - SHOWN} more figures"


def _of_reports(path: Path) -> Iterator[str]:
    for name, text in documents(read_run(path)).items():
        written = path / name
        if not written.exists():
            yield f"{name} is missing (`make report` writes it)"
        elif written.read_text(encoding="utf-8") != text:
            yield f"{name} is not what `make report` writes of these trials today"
