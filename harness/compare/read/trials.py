"""The rows of a trials.csv, checked."""

import math

from pydantic import ValidationError

from harness.compare.read.table import Line, Table
from harness.errors import UsageError
from harness.facts.trial import Trial

_NAMED = tuple(Trial.model_fields)
_NEEDED = tuple(name for name, field in Trial.model_fields.items() if field.is_required())


def trials_in(table: Table) -> list[Trial]:
    """Return the trials; UsageError names the line and the column. Columns that are not ours are left out."""
    missing = [name for name in _NEEDED if name not in table.columns]
    if missing:
        hint = "a trials.csv is written by `make bench`; give it as it was written"
        raise UsageError(f"{table.path} lacks columns: {', '.join(missing)}", hint=hint)
    table.reject_empty()
    if table.cut_off:
        raise UsageError(f"{table.path}, {table.notes[-1]}", hint="give it as it was written")
    trials = [_trial(table, line) for line in table.lines]
    _reject_repeated(table, [trial.trial for trial in trials])
    scenarios = sorted({trial.scenario for trial in trials})
    if len(scenarios) > 1:
        raise UsageError(
            f"{table.path} mixes the scenarios {', '.join(scenarios)}", hint="give the trials of one of them"
        )
    return trials


def _trial(table: Table, line: Line) -> Trial:
    cells = {name: cell for name, cell in line.cells.items() if name in _NAMED}
    try:
        trial = Trial.model_validate(cells)
    except ValidationError as error:
        first = error.errors()[0]
        raise table.fault(line, str(first["loc"][0]), f"is wrong: {first['msg']}") from None
    for name, value in trial:
        if isinstance(value, float | int) and not (math.isfinite(value) and value >= 0):
            raise table.fault(line, name, "is not a possible figure")
    return trial


def _reject_repeated(table: Table, names: list[str]) -> None:
    lines: dict[str, int] = {}
    for name, line in zip(names, table.lines, strict=True):
        if name in lines:
            hint = "keep one of them; two runs are compared as two files"
            raise UsageError(f"{table.path}: lines {lines[name]} and {line.number} are both trial {name}", hint=hint)
        lines[name] = line.number
