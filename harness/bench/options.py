"""What the user asked of `bench`, and the configuration that follows from it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlsplit

from harness.bench.services import asked, completed, with_services
from harness.compare import reject_impossible
from harness.errors import UsageError
from harness.facts.config import Config, Lane, Pair, Profile
from harness.facts.faults import Fault
from harness.facts.figures import BY_NAME
from harness.facts.host import ALL_HERE, Hosts
from harness.facts.names import pick
from harness.facts.parsing import checked, tables_of
from harness.facts.point import Load
from harness.judge.validity import check_bounds
from harness.measure.probes import split_cores
from harness.measure.site import ROOT

COMMAND_LINE = "bench.toml with the command line's values"
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
USUAL_SCENARIO = "sun"
AGAIN = "-again"  # the end of the name under which a lane is measured a second time


@dataclass(frozen=True)
class Options:
    """What the user asked for; None leaves bench.toml's word, first the profile's own."""

    profile: str = "quick"
    lanes: Sequence[str] | None = None
    points: Sequence[int] | None = None
    blocks: int | None = None
    seed: int | None = None
    scenario: str | None = None
    processes: int | None = None
    delay: str | None = None
    rates: Sequence[float] | None = None
    faults: Sequence[str] | None = None
    aa: bool | None = None
    services: Mapping[str, str] = field(default_factory=dict)  # by name: a command, or the url of one that runs
    paths: Sequence[str] | None = None  # what is asked of them
    locustfile: Path | None = None  # whose users ask
    cwd: Path | None = None  # where the services' commands run
    upstream: str | None = None
    hosts: Hosts = ALL_HERE
    allow_remote: bool = False
    config: Path = ROOT / "bench.toml"
    results: Path = ROOT / "results"
    resume: Path | None = None
    slo: str | None = None


def load_config(path: Path) -> Config:
    """Return the checked configuration of a file; UsageError where it cannot be read."""
    try:
        tables = tables_of(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {error}", hint="give a bench.toml with --config") from None
    ours = ROOT / "bench.toml"
    config = checked(
        tables if path == ours else completed(tables, tables_of(ours.read_text("utf-8"), ours.name)), path.name
    )
    check_bounds(config.validity, path.name)
    return checked(_beside(config.model_dump(mode="json"), path.resolve().parent), path.name)


FILES = {
    "body_file",
    "data",
    "locustfile",
    "pid_file",
    "cwd",
    "python",
}  # keys whose value is a path, from bench.toml's folder on


def _beside(table: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return tables with every path from that folder on."""

    def beside(name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return _beside(value, folder)
        if isinstance(value, list):
            return [beside("", one) for one in value]
        return str(folder / value) if name in FILES and isinstance(value, str) else value

    return {name: beside(name, value) for name, value in table.items()}


def chosen(options: Options) -> Config:
    """Return the part of the configuration that a run uses, with the user's own values in it, checked again."""
    config = with_services(
        load_config(options.config), options.services, options.paths, options.locustfile, options.cwd
    )
    reject_impossible(config.thresholds, config.lanes)
    profile = pick(config.profiles, options.profile, "profile")
    scenario = options.scenario or asked(options.paths, options.locustfile) or profile.scenario or USUAL_SCENARIO
    routes = pick(config.scenarios, scenario, "scenario")
    measured = options.lanes or tuple(options.services) or profile.lanes
    climbed = config.ladder_lanes if profile.ladder_blocks and not options.lanes and not options.services else ()
    faults = _faults(options, config, profile)
    remedies = [lane for fault in faults.values() for lane in fault.remedies]
    lanes = {name: pick(config.lanes, name, "lane") for name in dict.fromkeys([*measured, *climbed, *remedies])}
    declared = () if profile.cold or options.slo else config.primaries
    primaries = [
        _as_judged(primary, config, options.hosts) for primary in declared if lanes.keys() >= set(primary.lanes)
    ]
    controls = _controls(primaries, profile.aa if options.aa is None else get_args(Load) if options.aa else ())
    if options.aa and not controls:
        raise UsageError("there is no pair to control", hint="name both lanes of a primary with --lanes")
    lanes |= {control.lane: lanes[control.baseline] for control in controls}
    amount = {
        "lanes": [*measured, *(control.lane for control in controls)],
        **_amount(options, profile, rates=() if routes.locustfile else options.rates, under_faults=bool(faults)),
    }
    if routes.locustfile is not None:
        primaries = [pair.model_copy(update={"load": "closed"}) for pair in primaries]
    if not options.allow_remote:
        _refuse_remote(lanes, options.upstream or config.upstream.url)
    upstream = {"seed": options.seed, "delay": options.delay or profile.delay, "url": options.upstream}
    tables = {
        "upstream": config.upstream.model_dump() | _given(upstream),
        "scenarios": {scenario: routes.model_dump()},
        "lanes": {name: lane.model_dump() for name, lane in lanes.items()},
        "primaries": [primary.model_dump() for primary in primaries],
        "controls": [control.model_dump() for control in controls],
        "steps": [
            step.model_dump()
            for step in config.steps
            if not (profile.cold or options.slo) and lanes.keys() >= set(step.lanes)
        ],
        # what a profile says of scenario and delay has been followed or overruled: it stands above
        "profiles": {options.profile: profile.model_dump(exclude={"scenario", "delay"}) | _given(amount)},
        "faults": {name: fault.model_dump() for name, fault in faults.items()},
        "orchestrator": config.orchestrator.model_dump(),
        "bottleneck": config.bottleneck.model_dump(),
        "validity": config.validity,
        "thresholds": config.thresholds,
    }
    return checked(tables, COMMAND_LINE)


def _faults(options: Options, config: Config, profile: Profile) -> dict[str, Fault]:
    """Return the faults that are asked for; who names lanes gets these alone, without the remedies."""
    faults = {name: pick(config.faults, name, "fault") for name in options.faults or profile.faults}
    if options.lanes or options.services:
        faults = {name: fault.model_copy(update={"remedies": ()}) for name, fault in faults.items()}
    if not (profile.fault_rates or options.rates) and any(not fault.shares for fault in faults.values()):
        raise UsageError(
            f"profile {options.profile} has no rates for trials under faults",
            hint="give some with --rates 60 (RATES=60), or choose --profile faults",
        )
    return faults


def _amount(
    options: Options, profile: Profile, *, rates: Sequence[float] | None, under_faults: bool
) -> dict[str, object]:
    """Return how much is measured in place of what the profile says (None: as it says).

    Of users who send when they like there are no `rates`: open load is up to them.
    """
    amount: dict[str, object] = {
        "points": options.points,
        "blocks": None if options.slo else options.blocks,  # of closed load, which only names the rates to be probed
        "verdict_blocks": options.blocks,
        "ladder_blocks": options.blocks if profile.ladder_blocks else None,
        "processes": options.processes,
        "faults": options.faults,
        "slo": options.slo,
    }
    if rates and under_faults:
        return amount | {"fault_rates": rates}
    return amount if rates is None else amount | {"rates": rates, "pair_shares": (), "own_shares": ()}


def _refuse_remote(lanes: Mapping[str, Lane], upstream: str | None) -> None:
    """Raise UsageError where other machines would be loaded."""
    addresses = {f"lane {name}": lane.url for name, lane in lanes.items()} | {"the upstream": upstream}
    for what, url in addresses.items():
        if url is not None and urlsplit(url).hostname not in LOOPBACK:
            raise UsageError(
                f"{what} is another machine: {url}",
                hint="if you may load it, say so: --allow-remote (make bench REMOTE=1)",
            )


def _controls(primaries: Sequence[Pair], loads: Collection[Load]) -> list[Pair]:
    """Return A/A: the first primary's lane against itself, in every metric that its pair is judged by in these loads.

    And in the figure that such a metric adjusts, so that a reader sees what the adjustment does.
    """
    lane = primaries[0].lane if primaries else ""
    return [
        Pair(lane=lane + AGAIN, baseline=lane, metric=metric, load=primary.load)
        for primary in primaries
        if primary.lane == lane and primary.load in loads
        for metric in (primary.metric, BY_NAME[primary.metric].raw)
        if metric
    ]


def _as_judged(pair: Pair, config: Config, hosts: Hosts) -> Pair:
    """Return a pair with the raw figure where the speed of a server's core is not known: before a run, not after it."""
    probed = (not hosts.server.is_local or split_cores().server) and all(
        config.lanes[name].is_probed for name in pair.lanes
    )
    return pair if probed else pair.model_copy(update={"metric": BY_NAME[pair.metric].raw or pair.metric})


def _given(values: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}


def refuse_changes(options: Options) -> None:
    """Raise UsageError where a run that is to be resumed is given other values: it goes on as it began."""
    fixed = ("lanes", "points", "blocks", "seed", "scenario", "processes", "delay", "rates", "faults", "aa", "upstream")
    own = ("services", "paths", "locustfile", "cwd")
    if not options.hosts.are_local:
        raise UsageError("a resumed run keeps its machines", hint="leave out SERVER=, UPSTREAM_HOST= and WORKERS=")
    if given := [name for name in (*fixed, *own) if getattr(options, name) not in (None, {})]:
        raise UsageError(
            f"a resumed run keeps its own values, and is given {', '.join(given)}",
            hint="leave them out, or begin a new run",
        )
