"""Whether everything that a run says follows from its rows: counts, histograms, trials, Locust's reports, reports."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel

from harness.errors import UsageError
from harness.facts.config import Config
from harness.facts.names import pick
from harness.facts.run import RunInfo
from harness.facts.trial import Trial
from harness.judge.counting import count_trial
from harness.judge.counts import Observed
from harness.judge.trial_row import times, trial_row
from harness.judge.window import intervals
from harness.plan.blocks import PlannedTrial
from harness.report import documents
from harness.report.publish import chart_files
from harness.store.hlog import start_of, trial_lines
from harness.store.packed import Packed, unpack
from harness.store.read_run import read_run
from harness.store.run_folder import COUNTS, HISTOGRAMS, ROWS, RunFolder

SHOWN = 3  # figures of a trial that are named


def differences(path: Path) -> Iterator[str]:
    """Yield every difference between a run's files and what follows from its rows.

    UsageError where it is no run, where it is being measured, or where the rows cannot be read.
    """
    folder = RunFolder(path)
    info = folder.read_info()
    with folder.lock():
        trials = folder.read_trials()
        missing = set(info.plan) - {trial.trial for trial in trials} if info.status == "complete" else set()
        yield from (f"{name} was planned, and is not there" for name in sorted(missing))
        yield from _of_trials(folder, trials, info)
        yield from _of_locust(folder)
        yield from _of_reports(path)


def _of_trials(folder: RunFolder, trials: Sequence[Trial], info: RunInfo) -> Iterator[str]:
    counts, log = folder.read_counts(), _log(folder)
    for trial, rows in zip(trials, folder.read_rows(trials), strict=True):
        try:
            observed, expected, lines = _again(trial, rows, info.config, info.scenario, log)
        except (ArithmeticError, LookupError, ValueError, AssertionError) as error:
            yield f"{trial.trial}: {ROWS} cannot be counted: {error!r}"
            continue
        yield from _different(f"{trial.trial}: {COUNTS}", counts.get(trial.trial), observed)
        if [line for line in log if line.startswith(f"Tag={trial.trial}/")] != lines:
            yield f"{trial.trial}: {HISTOGRAMS} is not what its rows say"
        yield from _different(trial.trial, trial, expected)


def _log(folder: RunFolder) -> list[str]:
    try:
        return (folder.path / HISTOGRAMS).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {folder.path / HISTOGRAMS}: {error}", hint="measure again") from None


def _again(
    trial: Trial, rows: Packed, config: Config, scenario: str, log: Sequence[str]
) -> tuple[Observed, Trial, list[str]]:
    """Return a trial's counts, its row and its lines of the log, made anew from its rows."""
    lane, evidence = pick(config.lanes, trial.lane, "lane in run.json"), unpack(rows)
    routes = lane.routes(pick(config.scenarios, scenario, "scenario in run.json"))
    planned = PlannedTrial(trial.block, trial.lane, trial.point, rows.meta.timing, 0, trial.attempt)
    observed = count_trial(planned, routes, evidence)
    row = trial_row(
        planned,
        lane,
        routes,
        observed,
        times(evidence),
        config.validity,
        scenario=trial.scenario,
        started_utc=trial.started_utc,
    )
    cut = intervals(evidence.requests, evidence.window, evidence.load)
    return observed, row, trial_lines(trial.trial, cut, rows.meta.opened_at - start_of(log))


def _different(place: str, written: BaseModel | None, expected: BaseModel) -> Iterator[str]:
    if written is None:
        yield f"{place} does not hold it"
        return
    wrong = [name for name in type(expected).model_fields if getattr(written, name) != getattr(expected, name)]
    for name in wrong[:SHOWN]:
        yield f"{place}: {name} is {getattr(written, name)}, its rows say {getattr(expected, name)}"
    if len(wrong) > SHOWN:
        yield f"{place}: and {len(wrong) - SHOWN} more figures"


def _of_locust(folder: RunFolder) -> Iterator[str]:
    expected = dict(folder.locust_reports())
    yield from _of_files(folder.path, expected)
    for path in sorted((folder.path / "locust").glob("*.csv")):
        if (name := str(path.relative_to(folder.path))) not in expected:
            yield f"{name} is of no valid trial"


def _of_reports(path: Path) -> Iterator[str]:
    try:
        run = read_run(path)
    except UsageError as error:
        yield str(error)
        return
    yield from _of_files(path, documents(run) | dict(chart_files(run)))


def _of_files(path: Path, expected: dict[str, str]) -> Iterator[str]:
    for name, text in expected.items():
        written = path / name
        if not written.exists():
            yield f"{name} is missing (`make report` writes it)"
        elif written.read_bytes() != text.encode():
            yield f"{name} is not what `make report` writes of these trials today"
