"""Two services that are named on the command line: the shortest way to a first answer, without a bench.toml."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.errors import UsageError
from harness.facts.config import Config, Lane
from harness.facts.parsing import checked

PATHS = "paths"  # what the scenario of the paths that were named is called
LOCUSTFILE = "locustfile"
SHORTER = ("smoke", "quick", "capacity")
PAIR = 2
SOURCE = "the command line"


def asked(paths: Sequence[str] | None, locustfile: Path | None) -> str | None:
    """Return the name of the scenario that the command line describes; None where it describes none."""
    return LOCUSTFILE if locustfile else PATHS if paths else None


def completed(tables: Mapping[str, Any], ours: Mapping[str, Any]) -> dict[str, Any]:
    """Return a bench.toml with what it leaves out: our bounds, and our shorter profiles with all of its lanes.

    Its users then do what its first scenario says; of two lanes the second is judged against the first; and commands
    run in its own folder.
    """
    lanes, scenarios = list(tables.get("lanes", ())), list(tables.get("scenarios", ()))
    found = {"validity": ours["validity"], **tables}
    if "profiles" in tables or not lanes or not scenarios:
        return found
    usual = {"lanes": lanes, "scenario": scenarios[0]}
    shorter = {name: {**ours["profiles"][name], **usual, "aa": []} for name in SHORTER}
    found["lanes"] = {
        name: {"cwd": ".", **lane} if "command" in lane else lane for name, lane in tables["lanes"].items()
    }
    found["profiles"] = {name: {**profile, "ladder_blocks": 0} for name, profile in shorter.items()}
    return {"primaries": _judged(lanes) if len(lanes) == PAIR else [], **found}


def with_services(
    config: Config,
    services: Mapping[str, str],
    paths: Sequence[str] | None,
    locustfile: Path | None,
    cwd: Path | None = None,
) -> Config:
    """Return the configuration with these services as its lanes, and a scenario of these paths or of that file's users.

    A service is a command with {port} in it, which runs in the folder `cwd`, or the url of one that runs. Two of them
    are judged: the second against the first. UsageError where a command or a path cannot be used.
    """
    scenario = asked(paths, locustfile)
    if scenario is None and not services:
        return config
    tables = config.model_dump(mode="json", exclude_unset=True)
    if locustfile is not None:
        tables["scenarios"] |= {LOCUSTFILE: {"locustfile": str(locustfile.resolve())}}
    elif paths is not None:
        tables["scenarios"] |= {PATHS: {"routes": [{"path": path} for path in paths]}}
    if services:
        if scenario is None:
            raise UsageError("nothing is asked of the services", hint="name what: PATHS=/a,/b (--paths /a,/b)")
        ready = paths[0] if paths else "/"
        tables["lanes"] |= {name: _lane(name, served, ready, cwd) for name, served in services.items()}
        tables["primaries"] = _judged(list(services))
        tables["steps"] = []
    return checked(tables, SOURCE)


def _lane(name: str, served: str, ready: str, cwd: Path | None) -> dict[str, object]:
    if served.startswith(("http://", "https://")):
        return {"url": served, "ready": ready}
    if "{port}" not in served:
        raise UsageError(
            f"the command of {name} does not say where it is to listen: {served}",
            hint="write {port} in it, where its port stands",
        )
    folder = None if cwd is None else str(cwd.resolve())
    return Lane(command=served, ready=ready, cwd=folder).model_dump(mode="json", exclude_unset=True)


def _judged(lanes: Sequence[str]) -> list[dict[str, object]]:
    """Return the primaries of bench.toml for the two lanes; none for one."""
    if len(lanes) < 2:
        return []
    pair = {"baseline": lanes[0], "lane": lanes[1]}
    metrics = (("throughput_adjusted", "closed"), ("p95", "open"), ("cpu_adjusted", "open"))
    return [{**pair, "metric": metric, "load": load} for metric, load in metrics]
