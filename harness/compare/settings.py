"""With what two runs were measured, and in what that differs."""

from collections.abc import Iterator, Mapping

from harness.compare.sides import Side

SHOWN = 40  # characters of a value; a longer one is named only


def different_work(a: Side, b: Side) -> list[str]:
    """Say in what the work differs that the lanes were given: scenario, its routes, delay; verdicts need the same."""
    return _changes(_work(a), _work(b))


def different_circumstances(a: Side, b: Side) -> list[str]:
    """Say what else differs: profile, seed, settings of lanes and profile, machine, versions."""
    return _changes(_circumstances(a), _circumstances(b))


def _changes(ours: Mapping[str, object], theirs: Mapping[str, object]) -> list[str]:
    """Return what both sides say and say differently."""
    return [_change(name, ours[name], theirs[name]) for name in ours if name in theirs and ours[name] != theirs[name]]


def _change(name: str, ours: object, theirs: object) -> str:
    values = f"{ours} / {theirs}"
    return name if len(values) > SHOWN else f"{name} {values}"


def _work(side: Side) -> dict[str, object]:
    work: dict[str, object] = {"scenario": side.scenario}
    if side.info is None:
        return work
    return work | {"delay": side.info.delay} | _leaves(f"scenarios.{side.scenario}", side.info.config)


def _circumstances(side: Side) -> dict[str, object]:
    info = side.info
    if info is None:
        return {}
    declared: dict[str, object] = {"profile": info.profile, "seed": info.seed, "verdict_users": info.verdict_users}
    tables = ("lanes", "primaries", f"profiles.{info.profile}", "validity")
    settings = {name: value for table in tables for name, value in _leaves(table, info.config).items()}
    return declared | settings | info.machine | info.versions


def _leaves(path: str, config: Mapping[str, object]) -> dict[str, object]:
    """Return the settings under a dotted path of a configuration, by their own dotted paths."""
    return {name: value for name, value in _flat("", config) if name == path or name.startswith(f"{path}.")}


def _flat(path: str, value: object) -> Iterator[tuple[str, object]]:
    if not isinstance(value, Mapping) or not value:
        yield path, value
        return
    for name, inner in value.items():
        yield from _flat(f"{path}.{name}" if path else str(name), inner)
