"""Rows whose names hold ids, as one row: `/orders/17` and a thousand others are `/orders/{id}`."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from harness.compare.metrics import KNOWN
from harness.compare.sides import Key, Merged, Row, Side, plain
from harness.errors import UsageError
from harness.facts.figures import Metric

ADDED = tuple(KNOWN[name] for name in ("requests", "failures", "throughput"))
EXAMPLE = r"write it like '/orders/\d+ => /orders/{id}'"
ID = re.compile(r"(?<=/)(?:\d+|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|[0-9a-fA-F]{16,})(?=[/?#]|$)")
PLACE = "{id}"


@dataclass(frozen=True)
class Group:
    """Names that `pattern` matches are called `name`, which may use what it has captured (`\\\\1`)."""

    pattern: re.Pattern[str]
    name: str

    def renamed(self, name: str) -> str | None:
        """Return what a name is called; None where the pattern does not match."""
        found = self.pattern.fullmatch(name)
        return found.expand(self.name) if found else None


@dataclass(frozen=True)
class Ids:
    """Every part of a path that is a number, a UUID or a long hexadecimal number is called {id}."""

    def renamed(self, name: str) -> str | None:
        """Return what a name is called; None where it holds no id."""
        called = ID.sub(PLACE, name)
        return called if called != name else None


Rule = Group | Ids


def group_of_ids(names: Iterable[str], called: str) -> str:
    """Return the group, as it can be given, that makes `called` of these names and of all others with such ids."""
    numbers = all(found.isdecimal() for name in names for found in ID.findall(name))
    pattern = (r"\d+" if numbers else "[0-9a-fA-F-]+").join(map(re.escape, called.split(PLACE)))
    return f"{pattern} => " + called.replace("\\", r"\\")


def parse_group(text: str) -> Group:
    """Return the group that `PATTERN => NAME` says; UsageError where it is none."""
    pattern, arrow, name = text.partition("=>")
    if not arrow or not pattern.strip() or not name.strip():
        raise UsageError(f"{text!r} is no group", hint=EXAMPLE)
    try:
        group = Group(re.compile(pattern.strip()), name.strip())
        group.pattern.sub(group.name, "")  # a reference to what is not captured
        re.compile(group.pattern.pattern + "|").fullmatch("").expand(group.name)  # type: ignore[union-attr]
    except (re.error, IndexError) as error:
        raise UsageError(f"{text!r} is no group: {error}", hint=EXAMPLE) from None
    return group


def reject_idle(rules: Iterable[Rule], sides: Sequence[Side]) -> None:
    """Raise UsageError for a rule that renames no row of any side."""
    for rule in rules:
        if not any(_renamed(key, [rule]) != key for side in sides for key in side.rows):
            what = rule.pattern.pattern if isinstance(rule, Group) else "an id"
            raise UsageError(f"no row has a name that is {what}", hint=f"names are without the method: {_names(sides)}")


def grouped(side: Side, rules: Sequence[Rule]) -> Side:
    """Return a side (not yet merged of several reports) with the rows that a rule renames as one."""
    members: dict[Key, list[Key]] = {}
    for key in side.rows:
        members.setdefault(_renamed(key, rules), []).append(key)
    rows = {key: _as_one([side.rows[one] for one in keys]) for key, keys in members.items()}
    merged = {key: Merged(_says(key, keys, rules), tuple(keys)) for key, keys in members.items() if keys != [key]}
    several = any(len(keys) > 1 for keys in members.values())
    note = ("a group has no percentiles: those of its rows cannot be averaged",) if several else ()
    return replace(side, rows=rows, notes=(*side.notes, *note), merged=merged)


def _says(key: Key, members: Iterable[Key], rules: Iterable[Rule]) -> str:
    """Return the group that made one row of the members that it renamed; a row may have had the name before."""
    names = [str(name) for _, name in members if name != key[1]]
    rule = next(rule for rule in rules if rule.renamed(names[0]) is not None)
    return f"{rule.pattern.pattern} => {rule.name}" if isinstance(rule, Group) else group_of_ids(names, str(key[1]))


def _renamed(key: Key, rules: Iterable[Rule]) -> Key:
    method, name = key
    if not isinstance(name, str):
        return key
    for rule in rules:
        if (called := rule.renamed(name)) is not None:
            return method, called
    return key


def _as_one(rows: Sequence[Row]) -> Row:
    """Return rows as one: counts and rates are added, the mean is weighted, the maximum is that of all."""
    if len(rows) == 1:
        return rows[0]
    values: dict[Metric, float] = {metric: sum(row.values.get(metric, 0.0) for row in rows) for metric in ADDED}
    requests, failures = values[KNOWN["requests"]], values[KNOWN["failures"]]
    if requests:
        values[KNOWN["failure_share"]] = 100 * failures / requests
        means = [(row.values.get(KNOWN["mean"], 0.0), row.values.get(KNOWN["requests"], 0.0)) for row in rows]
        values[KNOWN["mean"]] = sum(mean * number for mean, number in means) / requests
        values[KNOWN["max"]] = max(row.values.get(KNOWN["max"], 0.0) for row in rows)
    return Row(values)


def _names(sides: Sequence[Side]) -> str:
    names = dict.fromkeys(plain(name) for side in sides for _, name in side.rows if isinstance(name, str))
    return ", ".join(list(names)[:3])
