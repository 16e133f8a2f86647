"""A run of ours: its folder, or its trials.csv alone."""

from collections.abc import Sequence
from pathlib import Path

from harness.compare.points import side_of_run, side_of_trials
from harness.compare.read.locust import STATS
from harness.compare.read.table import Table, read_table
from harness.compare.read.trials import trials_in
from harness.compare.sides import Side
from harness.errors import UsageError
from harness.facts.run import RunInfo
from harness.facts.trial import Trial
from harness.store.read_run import read_run
from harness.store.run_folder import RunFolder


def side_of_table(name: str, table: Table) -> Side:
    """Return what a trials.csv says; UsageError where it is wrong."""
    return side_of_trials(name, trials_in(table), _a_report(table.path.parent))


def side_of_folder(folder: Path) -> Side:
    """Read run.json, then trials.csv with an exact word on what is wrong there, then all of it; UsageError."""
    info, table = RunFolder(folder).read_info(), folder / "trials.csv"
    if not table.exists():
        raise UsageError(f"the run {folder} has no finished trial", hint=f"finish it with `make bench RESUME={folder}`")
    _reject_damaged(folder, info, trials_in(read_table(table)))
    try:
        run = read_run(folder)
    except UsageError as error:
        raise UsageError(str(error), hint=f"{error.hint}; {table} alone can be compared") from None
    return side_of_run(str(folder), run, _a_report(folder))


def _reject_damaged(folder: Path, info: RunInfo, trials: Sequence[Trial]) -> None:
    missing = set(info.plan) - {trial.trial for trial in trials}
    if missing and info.status == "complete":
        problem = f"{folder} is damaged: run.json says complete, and trials.csv lacks {', '.join(sorted(missing))}"
        raise UsageError(problem, hint="give the run as it was written")


def _a_report(folder: Path) -> str:
    return str(min((folder / "locust").glob("*" + STATS), default=""))
