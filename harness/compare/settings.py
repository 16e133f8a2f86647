"""What two runs were asked to do, with what they were measured, and in what that differs."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from harness.compare.sides import Side
from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.facts.config import Config, Profile

SAME_PLAN = "measure B as A was: the same scenario, delay, seed and times; lanes, points, rates and blocks may differ"
SHOWN = 40  # characters of what is not alike; a longer one is named only
TIMING = ("window_s", "processes", "cold")
OPEN_TIMING = ("open_window_s", "arrivals")
REQUESTS = {"path", "upstream_calls"}  # a lane's own routes

Settings = Mapping[str, object]


def reject_different_plans(a: Side, b: Side, called: str = "A") -> None:
    """Raise UsageError where the trials of two runs did different work, with each key and both values.

    That is scenario and routes, delay, seed, length of the windows, arrivals and number of senders, as far as both
    sides know them. Lanes, points, rates and blocks may differ, and so may all else. `called` is what people call A.
    """
    if different := _different_work(a, b, called):
        raise UsageError(f"{called} and B are runs of different plans: {'; '.join(different)}", hint=SAME_PLAN)


def _different_work(a: Side, b: Side, called: str) -> list[str]:
    return [
        f"{name} is {_said(ours, name)} in {called} and {_said(theirs, name)} in B"
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
    """Return what the users of the scenario do; of another scenario that is another matter. Files may lie elsewhere."""
    scenario = config.scenarios.get(side.scenario) if (config := _config(side)) else None
    if side.scenario != other.scenario or scenario is None:
        return {}
    said = scenario.model_dump(mode="json", exclude_defaults=True, exclude={"data", "locustfile"})
    lists = {
        name: {str(place): route for place, route in enumerate(said.get(name, ()))} for name in ("routes", "setup")
    }
    return dict(_flat(f"scenarios.{side.scenario}", said | {name: routes for name, routes in lists.items() if routes}))


def _requests(side: Side, other: Side) -> Settings:
    """Return what is asked of the lanes that both have, where that is not the scenario's routes."""
    ours, theirs = _config(side), _config(other)
    if ours is None or theirs is None:
        return {}
    both = {name: lane for name, lane in ours.lanes.items() if name in theirs.lanes}
    return dict(_flat("lanes", {name: lane.model_dump(mode="json", include=REQUESTS) for name, lane in both.items()}))


def _timing(side: Side, other: Side) -> Settings:
    """Return what the profile says of time and senders; of open load only where both measured some."""
    if (profile := _profile(side)) is None:
        return {}
    known = profile.model_copy(update={"open_window_s": profile.window_of_open_load_s})
    both_open = all(any(trial.load == "open" for trial in one.trials) for one in (side, other))
    return {name: getattr(known, name) for name in ((*TIMING, *OPEN_TIMING) if both_open else TIMING)}


def _circumstances(side: Side) -> Settings:
    info = side.info
    if info is None:
        return {}
    declared: Settings = {"profile": info.profile, "verdict_point": str(info.verdict_point), "commit": info.commit}
    profile = _profile(side)
    amount = profile.model_dump(mode="json", exclude={*TIMING, *OPEN_TIMING}) if profile else {}
    tables = info.config.model_dump(
        mode="json", include={"lanes", "primaries", "validity"}, exclude={"lanes": {"__all__": REQUESTS}}
    )
    given = {name: table for name, table in {"profile": amount, **tables}.items() if table}
    return {**declared, **dict(_flat("", given)), **info.machine, **info.versions}


def _config(side: Side) -> "Config | None":
    return side.info.config if side.info else None


def _profile(side: Side) -> "Profile | None":
    return side.info.config.profiles.get(side.info.profile) if side.info else None


def _flat(path: str, value: object) -> Iterator[tuple[str, object]]:
    """Yield every setting below a table with its dotted path."""
    if not isinstance(value, Mapping) or not value:
        yield path, value
        return
    for name, inner in value.items():
        yield from _flat(f"{path}.{name}" if path else str(name), inner)
