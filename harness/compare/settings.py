"""What two runs were asked to do, with what they were measured, and in what that differs."""

from collections.abc import Iterator, Mapping

from harness.compare.sides import Side
from harness.errors import UsageError
from harness.facts.config import Profile

SAME_PLAN = "measure B as A was: the same scenario, delay, seed and times; lanes, points, rates and blocks may differ"
SHOWN = 40  # characters of what is not alike; a longer one is named only
TIMING = ("window_s", "processes", "cold")
OPEN_TIMING = ("open_window_s", "arrivals")
AMOUNT = frozenset(Profile.model_fields) - {*TIMING, *OPEN_TIMING}
REQUESTS = (".path", ".upstream_calls")  # a lane's own routes
_DEFAULTS = {name: field.default for name, field in Profile.model_fields.items() if not field.is_required()}

Settings = Mapping[str, object]


def reject_different_plans(a: Side, b: Side) -> None:
    """Raise UsageError where the trials of two runs did different work, with each key and both values.

    That is scenario and routes, delay, seed, length of the windows, arrivals and number of senders, as far as both
    sides know them. Lanes, points, rates and blocks may differ, and so may all else.
    """
    if different := _different_work(a, b):
        raise UsageError(f"A and B are runs of different plans: {'; '.join(different)}", hint=SAME_PLAN)


def _different_work(a: Side, b: Side) -> list[str]:
    return [
        f"{name} is {_said(ours, name)} in A and {_said(theirs, name)} in B"
        for part in (_scenario, _randomness, _routes, _requests, _timing)
        if (ours := part(a, b)) and (theirs := part(b, a))
        for name in {**ours, **theirs}
        if _said(ours, name) != _said(theirs, name)
    ]


def different_circumstances(a: Side, b: Side) -> list[str]:
    """Say what else differs: profile, commit, settings of lanes and profile, bounds, machine, versions."""
    ours, theirs = _circumstances(a), _circumstances(b)
    return [_change(name, ours[name], theirs[name]) for name in ours if name in theirs and ours[name] != theirs[name]]


def _said(settings: Settings, name: str) -> str:
    return repr(settings[name]) if name in settings else "absent"


def _change(name: str, ours: object, theirs: object) -> str:
    values = f"{ours} / {theirs}"
    return name if len(values) > SHOWN else f"{name} {values}"


def _scenario(side: Side, _: Side) -> Settings:
    return {"scenario": side.scenario}


def _randomness(side: Side, _: Side) -> Settings:
    return {"seed": side.info.seed, "delay": side.info.delay} if side.info else {}


def _routes(side: Side, other: Side) -> Settings:
    """Return the scenario's routes; of another scenario they are another matter."""
    routes = _table(_table(_config(side), "scenarios"), side.scenario).get("routes")
    if side.scenario != other.scenario or not isinstance(routes, list):
        return {}
    return dict(_flat(f"scenarios.{side.scenario}.routes", {str(place): route for place, route in enumerate(routes)}))


def _requests(side: Side, other: Side) -> Settings:
    """Return what is asked of the lanes that both have, where that is not the scenario's routes."""
    lanes, theirs = _table(_config(side), "lanes"), _table(_config(other), "lanes")
    return {
        f"lanes.{lane}{key}": _table(lanes, lane).get(key[1:]) for lane in lanes if lane in theirs for key in REQUESTS
    }


def _timing(side: Side, other: Side) -> Settings:
    """Return what the profile says of time and senders; of open load only where both measured some."""
    if not (profile := _profile(side)):
        return {}
    known = {**_DEFAULTS, **profile}
    known["open_window_s"] = known["open_window_s"] or known.get("window_s")
    both_open = all(any(trial.load == "open" for trial in one.trials) for one in (side, other))
    return {name: known.get(name) for name in ((*TIMING, *OPEN_TIMING) if both_open else TIMING)}


def _circumstances(side: Side) -> Settings:
    info = side.info
    if info is None:
        return {}
    declared: Settings = {"profile": info.profile, "verdict_users": info.verdict_users, "commit": info.commit}
    tables = {name: _config(side).get(name) for name in ("lanes", "primaries", "validity")}
    settings = {"profile": {key: value for key, value in _profile(side).items() if key in AMOUNT}, **tables}
    given = {name: table for name, table in settings.items() if table}
    known = {path: value for path, value in _flat("", given) if not path.endswith(REQUESTS)}
    return {**declared, **known, **info.machine, **info.versions}


def _config(side: Side) -> Settings:
    return side.info.config if side.info else {}


def _profile(side: Side) -> Settings:
    return _table(_table(_config(side), "profiles"), side.info.profile if side.info else "")


def _table(settings: Settings, name: str) -> Settings:
    """Return a table of a configuration; an empty one where there is none."""
    found = settings.get(name)
    return found if isinstance(found, Mapping) else {}


def _flat(path: str, value: object) -> Iterator[tuple[str, object]]:
    """Yield every setting below a table with its dotted path."""
    if not isinstance(value, Mapping) or not value:
        yield path, value
        return
    for name, inner in value.items():
        yield from _flat(f"{path}.{name}" if path else str(name), inner)
