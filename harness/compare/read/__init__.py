"""Reading one side, whatever the user names."""

import json
from dataclasses import replace
from glob import glob
from pathlib import Path

from harness.compare.read.locust import OLD_STATS, STATS, is_locust, locust_side
from harness.compare.read.table import Table, read_table
from harness.compare.sides import Side
from harness.errors import UsageError

_OTHERS = ("_stats_history.csv", "_failures.csv", "_exceptions.csv", "_distribution.csv", ".json", ".html", ".log")
_OURS = {"trial", "lane", "load"}  # no other tool has a table with two of them
_HOW_TO_MATCH = "quote the pattern, and try it with ls; a bracket of a name is written [[]"
_WHAT_TO_GIVE = "give a run's folder, a trials.csv, or Locust's ..._stats.csv, its prefix or its folder"


def read_reports(text: str, *, skip_damaged: bool = False) -> list[Side]:
    """Read what a side names: a run's folder, a trials.csv, or Locust's stats, their prefix or their folder.

    Several Locust reports are a folder with several, or a pattern (`runs/before/*`). UsageError with the remedy on
    anything else; with `skip_damaged` a report that cannot be read is left out and noted.
    """
    paths = _paths(text)
    if len(paths) == 1:
        return [read_side(paths[0])]
    sides, damaged = [], []
    for path in paths:
        try:
            sides.append(read_side(path))
        except UsageError as error:
            if not skip_damaged:
                hint = f"{error.hint}; or leave it out with --skip-damaged (make compare SKIP_DAMAGED=1)"
                raise UsageError(str(error), hint=hint) from None
            damaged.append(f"left out, since it cannot be read: {error}")
    if not sides:
        raise UsageError(f"{text}: none of {len(paths)} reports can be read", hint=_WHAT_TO_GIVE)
    return [replace(side, notes=(*side.notes, *damaged)) for side in sides]


def _paths(text: str) -> list[Path]:
    """Return what a side's text names: itself, the reports of a folder that has several, or what a pattern matches."""
    path = Path(text)
    if not path.exists() and set("*?[") & set(text):
        matched = map(Path, sorted(glob(text)))  # noqa: PTH207 - Path.glob takes no absolute pattern
        found = [name for name in matched if not name.name.endswith(_OTHERS)]
        if not found:
            raise UsageError(f"nothing matches {text}", hint=_HOW_TO_MATCH)
        return list(dict.fromkeys(one for name in found for one in (_paths(str(name)) if name.is_dir() else [name])))
    if not path.is_dir() or _is_run(path) or _has_trials(path):
        return [path]
    reports = sorted(report for end in (STATS, OLD_STATS) for report in path.glob(f"*{end}"))
    return reports if len(reports) > 1 else [path]


def read_side(path: Path) -> Side:
    """Read one run or one report; UsageError with the remedy on anything else."""
    try:
        return _read(path)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", hint=_WHAT_TO_GIVE) from None


def _read(path: Path) -> Side:
    if path.is_dir():
        return _read_folder(path)
    if path.exists():
        return _side(str(path), read_table(path))
    prefixed = [found for end in (STATS, OLD_STATS) if (found := path.with_name(path.name + end)).exists()]
    if not prefixed:
        raise UsageError(f"there is no {path}", hint=_WHAT_TO_GIVE)
    return _side(str(path), read_table(prefixed[0]))


def _read_folder(folder: Path) -> Side:
    if _is_run(folder):
        from harness.compare.read.run import side_of_folder  # statistics and records, which Locust's reports do without

        return side_of_folder(folder)
    tables = [table for path in sorted(folder.glob("*.csv*")) if (table := _table(path)) is not None]
    if ours := [table for table in tables if table.path.name == "trials.csv" and _is_trials(table)]:
        return _side(str(folder), ours[0])
    found = [table for table in tables if is_locust(table)]
    if len(found) == 1:
        return _side(str(folder), found[0])
    if found:
        raise UsageError(
            f"{folder} has {len(found)} Locust reports", hint=f"give one of them, for example {found[0].path}"
        )
    if named := [*folder.glob(f"*{STATS}"), *folder.glob(f"*{OLD_STATS}")]:
        return _side(str(folder), read_table(min(named)))  # and be told what is wrong with it
    raise UsageError(
        f"{folder} has no run of ours and no Locust report",
        hint=f"Locust's *{STATS} is missing beside {_beside(folder)}; {_WHAT_TO_GIVE}",
    )


def _is_run(folder: Path) -> bool:
    """Say whether a folder holds a run of ours; another tool's run.json is not in the way.

    A damaged one is another tool's where a Locust report lies beside it: ours are a folder below.
    """
    try:
        found = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    except ValueError:
        return not any(folder.glob(f"*{STATS}"))
    return isinstance(found, dict) and len({"format", "profile", "plan"} & found.keys()) > 1


def _has_trials(folder: Path) -> bool:
    """Say whether a folder has a trials.csv of ours; one of another tool is not in the way."""
    table = _table(folder / "trials.csv")
    return table is not None and _is_trials(table)


def _table(path: Path) -> Table | None:
    """Return a CSV of a folder; None for what is none."""
    try:
        return read_table(path)
    except (OSError, UsageError):
        return None


def _beside(folder: Path) -> str:
    return ", ".join(sorted(path.name for path in folder.glob("*.csv*"))) or "nothing"


def _side(name: str, table: Table) -> Side:
    if not _is_trials(table):
        return locust_side(name, table)
    from harness.compare.read.run import side_of_table

    return side_of_table(name, table)


def _is_trials(table: Table) -> bool:
    """Say whether this is meant to be a trials.csv."""
    return len(_OURS & set(table.columns)) > 1
