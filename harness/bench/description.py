"""What a run is, before it begins: chosen anew, or taken up where another was broken off."""

import shlex
import sys
from pathlib import Path

from harness.bench.options import AGAIN, Options, chosen, load_config, refuse_changes
from harness.bench.starts import unstarted
from harness.errors import UsageError
from harness.facts.config import Config, most_cores
from harness.facts.host import Hosts
from harness.facts.run import RunInfo
from harness.measure.clock import utc_now
from harness.measure.machine import commit, machine, versions
from harness.measure.probes import Cores, split_cores
from harness.measure.site import ROOT
from harness.store.run_folder import RunFolder


def start(options: Options) -> RunInfo:
    """Return the description of a new run, or of the one that is to be resumed."""
    if options.resume is not None:
        refuse_changes(options)
        return _resumed(RunFolder(options.resume), options)
    config, started = chosen(options), utc_now()
    return RunInfo(
        name=f"{started.replace(':', '')}-{options.profile}",
        status="running",
        profile=options.profile,
        scenario=next(iter(config.scenarios)),
        seed=config.upstream.seed,
        delay=config.upstream.delay,
        started_utc=started,
        config=config,
        versions=versions(),
        machine=machine(_our_cores(config, options.hosts)),
        hosts=options.hosts,
        commit=commit(),
        command=shlex.join(["python", "-m", "harness", *sys.argv[1:]]),
    )


def _our_cores(config: Config, hosts: Hosts) -> Cores:
    """Return the cores of this machine that serve and drive; none is kept for a server on another one."""
    return split_cores(most_cores(config.lanes.values())) if hosts.server.is_local else Cores()


def circumstances(serve: int = 1) -> dict[str, str]:
    """Return what a calibration holds for: this machine and `serve` of its cores for servers, versions, commit."""
    return {**machine(split_cores(serve)), **versions(), "commit": commit()}


def how_to_resume(options: Options, folder: Path) -> str:
    """Return the command that goes on with a run."""
    config = "" if options.config == ROOT / "bench.toml" else f" CONFIG={shlex.quote(str(options.config))}"
    remote = " REMOTE=1" if options.allow_remote else ""
    return f"make bench RESUME={shlex.quote(str(folder))}{config}{remote}"


def _resumed(folder: RunFolder, options: Options) -> RunInfo:
    """Return the description of a run that goes on; lanes that never started are taken from bench.toml anew."""
    info = folder.read_info()
    lanes = unstarted(folder.read_trials())
    if info.status == "complete" and not lanes:
        raise UsageError(f"{folder.path} is complete", hint=f"see it with `make report RUN={folder.path}`")
    now = {**machine(_our_cores(info.config, info.hosts)), **versions(), "commit": commit()}
    then = {**info.versions, **info.machine, "commit": info.commit}
    if changed := [name for name in now if then.get(name) != now[name]]:
        raise UsageError(f"{folder.path} was begun with another {', '.join(changed)}", hint="begin a new run")
    return info.model_copy(update={"status": "running", "config": _corrected(info, lanes, options)})


def _corrected(info: RunInfo, lanes: list[str], options: Options) -> Config:
    """Return the run's configuration with today's settings of some lanes."""
    if not lanes:
        return info.config
    config, today = info.config, load_config(options.config).lanes
    corrected = {name: today.get(name.removesuffix(AGAIN), config.lanes[name]) for name in lanes}
    return config.model_copy(update={"lanes": config.lanes | corrected})
