"""The rules that a valid trial keeps, the bounds that were declared before the run, and how near valid trials came."""

from collections.abc import Iterator

from harness.facts.config import Validity
from harness.facts.records import Run
from harness.judge.rule import Bounded
from harness.judge.validity import RULES
from harness.report.numbers import ABSENT, figure
from harness.report.tables.table import Column, Row, Table


def bounds_table(run: Run) -> Table:
    """Return each rule with its bound and the worst value of a valid trial."""
    columns = (Column("rule", numeric=False), Column("bound", numeric=False), Column("worst valid trial"))
    return Table(columns, tuple(_rows(run)))


def _rows(run: Run) -> Iterator[Row]:
    bounds = _in_words(run.info.config.validity)
    for rule in RULES:
        if isinstance(rule, Bounded):
            yield Row((rule.what, rule.allowed.format_map(bounds), _worst(run, rule)))
        else:
            yield Row((rule.what, "exactly", ABSENT))


def _in_words(bounds: Validity) -> dict[str, str]:
    """Return bounds as they are read: times in ms as they are, everything else as a share in percent."""
    return {name: f"{value:g}" if name.endswith("_ms") else f"{100 * value:g} %" for name, value in bounds}


def _worst(run: Run, rule: Bounded) -> str:
    values = [value for trial in run.trials if trial.status == "valid" and (value := rule.read(trial)) is not None]
    if not values:
        return ABSENT
    worst = max(values, key=abs)
    return f"{figure(worst if rule.unit == 'ms' else 100 * worst, 2)} {rule.unit}"
