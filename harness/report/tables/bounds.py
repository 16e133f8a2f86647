"""The rules that a valid trial keeps, the bounds that were declared before the run, and how near valid trials came."""

from collections.abc import Iterator

from harness.document.numbers import ABSENT, figure
from harness.document.table import Column, Row, Table
from harness.facts.config import Bounds
from harness.facts.run import Run
from harness.judge.rule import Bounded, Rule
from harness.judge.validity import declared


def bounds_table(run: Run) -> Table:
    """Return each rule with its bound and the worst value of a valid trial."""
    columns = (Column("rule", numeric=False), Column("bound", numeric=False), Column("worst valid trial"))
    return Table(columns, tuple(_rows(run)))


def _rows(run: Run) -> Iterator[Row]:
    bounds = run.info.config.validity
    for rule in declared(bounds):
        if rule.apart and not _concerns(run, rule):
            continue
        if isinstance(rule, Bounded):
            yield Row((rule.what, _allowed(rule, bounds), _worst(run, rule)))
        else:
            yield Row((rule.what, "exactly", ABSENT))


def _concerns(run: Run, rule: Rule) -> bool:
    """Say whether a run had several machines, or the senders that the rule reads of."""
    return not run.info.hosts.are_local or (isinstance(rule, Bounded) and any(map(rule.read, run.trials)))


def _allowed(rule: Bounded, bounds: Bounds) -> str:
    """Return the bound in words: in the rule's unit, and as a percentage of something where that may be more."""
    share = bounds[rule.or_share.bound] if rule.or_share else 0.0
    return rule.allowed.format(
        bound=f"{_in(rule.unit, bounds[rule.bound]):g} {rule.unit}", share=f"{_in('%', share):g} %"
    )


def _worst(run: Run, rule: Bounded) -> str:
    values = [value for trial in run.trials if trial.status == "valid" and (value := rule.read(trial)) is not None]
    return f"{figure(_in(rule.unit, max(values, key=abs)), 2)} {rule.unit}" if values else ABSENT


def _in(unit: str, value: float) -> float:
    return value if unit == "ms" else 100 * value
