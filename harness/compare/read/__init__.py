"""Reading one side, whatever the user names."""

from pathlib import Path

from harness.compare.points import side_of_trials
from harness.compare.read.locust import STATS, locust_side
from harness.compare.read.table import Table, read_table
from harness.compare.read.trials import is_trials, trials_in
from harness.compare.sides import Side
from harness.errors import UsageError
from harness.store.run_folder import RunFolder

_WHAT_TO_GIVE = "give a run's folder, a trials.csv, or Locust's ..._stats.csv, its prefix or its folder"


def read_side(path: Path) -> Side:
    """Read a run's folder, a trials.csv, or Locust's stats; UsageError with the remedy on anything else."""
    try:
        return _read(path)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", hint=_WHAT_TO_GIVE) from None


def _read(path: Path) -> Side:
    if path.is_dir():
        return _read_folder(path)
    if path.exists():
        return _side(str(path), read_table(path))
    prefixed = path.with_name(path.name + STATS)
    if not prefixed.exists():
        raise UsageError(f"there is no {path}", hint=_WHAT_TO_GIVE)
    return _side(str(path), read_table(prefixed))


def _read_folder(folder: Path) -> Side:
    if (folder / "run.json").exists():
        return _read_run(folder)
    if (folder / "trials.csv").exists():
        return _side(str(folder), read_table(folder / "trials.csv"))
    found = sorted(folder.glob("*" + STATS))
    if len(found) == 1:
        return _side(str(folder), read_table(found[0]))
    if found:
        raise UsageError(f"{folder} has {len(found)} Locust reports", hint=f"give one of them, for example {found[0]}")
    raise UsageError(f"{folder} has no run.json, no trials.csv and no *{STATS}", hint=_WHAT_TO_GIVE)


def _read_run(folder: Path) -> Side:
    info = RunFolder(folder).read_info()
    if not (folder / "trials.csv").exists():
        raise UsageError(f"the run {folder} has no finished trial", hint=f"finish it with `make bench RESUME={folder}`")
    trials = trials_in(read_table(folder / "trials.csv"))
    return side_of_trials(str(folder), trials, info, _a_report(folder))


def _side(name: str, table: Table) -> Side:
    if is_trials(table):
        return side_of_trials(name, trials_in(table), None, _a_report(table.path.parent))
    return locust_side(name, table)


def _a_report(folder: Path) -> str:
    return str(min((folder / "locust").glob("*" + STATS), default=""))
