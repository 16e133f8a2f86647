"""`bench` from beginning to end: check, plan, announce, measure, report."""

import shlex
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.config import Config, checked, parse_config, pick
from harness.errors import UsageError
from harness.measure.bench import Progress, Setting, run
from harness.measure.clock import utc_now
from harness.measure.machine import commit, machine, versions
from harness.measure.probes import split_cores, stay_off_the_server
from harness.measure.server import check_command
from harness.measure.site import ROOT, Site, allow_many_files
from harness.measure.stub import Stub, start_stub
from harness.plan.plan import Delays, Plan, make_plan
from harness.records import Run, RunInfo
from harness.store.run_folder import RunFolder, point_latest_to

COMMAND_LINE = "bench.toml with the command line's values"


@dataclass(frozen=True)
class Request:
    """What the user asked for; None leaves bench.toml's word."""

    profile: str = "quick"
    lanes: Sequence[str] | None = None
    points: Sequence[int] | None = None
    blocks: int | None = None
    seed: int | None = None
    scenario: str = "sun"
    processes: int | None = None
    delay: str | None = None
    config: Path = ROOT / "bench.toml"
    results: Path = ROOT / "results"
    resume: Path | None = None


def load_config(path: Path) -> Config:
    """Return the checked configuration of a file; UsageError where it cannot be read."""
    try:
        return parse_config(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {error}", hint="give a bench.toml with --config") from None


def chosen(request: Request) -> Config:
    """Return the part of the configuration that a run uses, with the request's own values in it, checked again."""
    config = load_config(request.config)
    profile = pick(config.profiles, request.profile, "profile")
    scenario = pick(config.scenarios, request.scenario, "scenario")
    lanes = {name: pick(config.lanes, name, "lane") for name in request.lanes or profile.lanes}
    amount = {
        "lanes": list(lanes),
        "points": request.points,
        "blocks": request.blocks,
        "verdict_blocks": request.blocks,
        "processes": request.processes,
    }
    tables = {
        "upstream": config.upstream.model_dump() | _given({"seed": request.seed, "delay": request.delay}),
        "scenarios": {request.scenario: scenario.model_dump()},
        "lanes": {name: lane.model_dump() for name, lane in lanes.items()},
        "primaries": [
            primary.model_dump() for primary in config.primaries if {primary.lane, primary.baseline} <= lanes.keys()
        ],
        "profiles": {request.profile: profile.model_dump() | _given(amount)},
        "validity": config.validity.model_dump(),
    }
    return checked(tables, COMMAND_LINE)


def _given(values: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}


def start(request: Request) -> RunInfo:
    """Return the description of a new run, or of the one that is to be resumed."""
    if request.resume is not None:
        return _resumed(RunFolder(request.resume).read_info(), request.resume)
    config, started = chosen(request), utc_now()
    return RunInfo(
        name=f"{started.replace(':', '')}-{request.profile}",
        status="running",
        profile=request.profile,
        scenario=request.scenario,
        seed=config.upstream.seed,
        delay=config.upstream.delay,
        started_utc=started,
        config=config.model_dump(mode="json"),
        versions=versions(),
        machine=machine(split_cores()),
        commit=commit(),
        command=shlex.join(["python", "-m", "harness", *sys.argv[1:]]),
    )


def _resumed(info: RunInfo, folder: Path) -> RunInfo:
    if info.status == "complete":
        raise UsageError(f"{folder} is complete", hint=f"see it with `make report RUN={folder}`")
    now = {**versions(), **machine(split_cores()), "commit": commit()}
    then = {**info.versions, **info.machine, "commit": info.commit}
    if changed := [name for name in now if then.get(name) != now[name]]:
        raise UsageError(f"{folder} was begun with another {', '.join(changed)}", hint="begin a new run")
    return info.model_copy(update={"status": "running"})


@dataclass
class OngoingRun:
    """A run that is going on: its description, its folder, its configuration."""

    info: RunInfo
    folder: RunFolder

    @property
    def config(self) -> Config:
        """The configuration that the run uses."""
        return checked(self.info.config, "run.json")

    def note(self, **changes: object) -> None:
        """Change run.json."""
        self.info = self.info.model_copy(update=changes)
        self.folder.write_info(self.info)


def bench(request: Request, progress: Callable[[Plan, RunInfo], Progress]) -> tuple[Path, Run]:
    """Measure; return the run and its folder. `progress` is told the plan before anything is measured.

    Whatever ends it, finished trials stay, and run.json says that the run was interrupted.
    """
    info = start(request)
    folder = RunFolder((request.resume or request.results / info.name).resolve())
    session = OngoingRun(info, folder)
    allow_many_files()
    cores = split_cores()
    stay_off_the_server(cores)
    with folder.lock(), tempfile.TemporaryDirectory(prefix="flask-vs-quart-") as scratch:
        site = Site(Path(scratch), cores)
        for name, lane in session.config.lanes.items():
            check_command(name, lane, site)
        with start_stub(session.config.upstream, site) as stub:
            _measure(session, site, stub, progress)
    return folder.path, folder.read()


def _measure(session: OngoingRun, site: Site, stub: Stub, progress: Callable[[Plan, RunInfo], Progress]) -> None:
    config, info = session.config, session.info
    profile, scenario = config.profiles[info.profile], config.scenarios[info.scenario]
    delays = Delays.of(stub.delays())
    plan = make_plan(config, profile, scenario, delays)
    session.note(
        plan=[planned.name for planned in plan.trials],
        skipped=list(plan.skipped),
        primaries=[primary.model_dump() for primary in plan.primaries],
        verdict_users=plan.verdict_users,
    )
    point_latest_to(session.folder.path)
    watcher = progress(plan, info)
    began, before_s = time.monotonic(), info.wall_s
    try:
        run(plan, Setting(config, profile, info.scenario, scenario, delays, site, stub, session.folder, watcher))
    except BaseException as stopped:
        session.note(status="interrupted")
        stopped.add_note(f"go on with: make bench RESUME={session.folder.path}")
        raise
    finally:
        watcher.close()
        load_s = sum(trial.warmup_s + trial.window_s for trial in session.folder.read_trials())
        session.note(wall_s=before_s + time.monotonic() - began, load_s=load_s, finished_utc=utc_now())
    session.note(status="complete")
