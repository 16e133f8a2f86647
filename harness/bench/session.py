"""`bench` from beginning to end: check, plan, announce, measure, report."""

import shlex
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.bench.options import Options, chosen, refuse_changes
from harness.bench.turns import Progress, Setting, run
from harness.errors import UsageError
from harness.facts.config import Config, Profile, Scenario, checked, pick
from harness.facts.records import Run, RunInfo, users
from harness.measure.clock import utc_now
from harness.measure.machine import commit, machine, versions
from harness.measure.probes import split_cores, stay_off_the_server
from harness.measure.server import check_command
from harness.measure.site import Site, allow_many_files, require_files, scratch_folder
from harness.measure.stub import Stub, start_stub
from harness.plan.closed_load import Delays, Plan, longest_delay, make_plan
from harness.plan.open_load import capacities, expected_capacities, make_open_plan
from harness.plan.repeats import repeats
from harness.store.read_run import read_run
from harness.store.run_folder import RunFolder, point_latest_to
from harness.studies.calibration import calibration

Announcement = Callable[[Sequence[Plan], RunInfo], Progress]


def start(options: Options) -> RunInfo:
    """Return the description of a new run, or of the one that is to be resumed."""
    if options.resume is not None:
        refuse_changes(options)
        return _resumed(RunFolder(options.resume).read_info(), options.resume)
    config, started = chosen(options), utc_now()
    return RunInfo(
        name=f"{started.replace(':', '')}-{options.profile}",
        status="running",
        profile=options.profile,
        scenario=next(iter(config.scenarios)),
        seed=config.upstream.seed,
        delay=config.upstream.delay,
        started_utc=started,
        config=config.model_dump(mode="json"),
        versions=versions(),
        machine=machine(split_cores()),
        commit=commit(),
        command=shlex.join(["python", "-m", "harness", *sys.argv[1:]]),
    )


def circumstances() -> dict[str, str]:
    """Return what a calibration holds for: this machine, these versions, this commit."""
    return {**machine(split_cores()), **versions(), "commit": commit()}


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

    @property
    def profile(self) -> Profile:
        """The profile with the request's own values in it."""
        return pick(self.config.profiles, self.info.profile, "profile")

    @property
    def scenario(self) -> Scenario:
        """What the users do."""
        return pick(self.config.scenarios, self.info.scenario, "scenario")

    def calibrate(self, say: Callable[[str], None]) -> None:
        """Note what the instrument can do here, if the profile wants it and it is not noted yet."""
        if self.profile.calibrate and self.info.calibration is None:
            self.note(calibration=calibration(self.folder.path.parent, circumstances(), say))

    def note(self, **changes: object) -> None:
        """Change run.json."""
        self.info = self.info.model_copy(update=changes)
        self.folder.write_info(self.info)

    def run(self, plan: Plan, setting: Setting) -> None:
        """Note the plan's trials in run.json, and measure those that are not finished yet."""
        self.note(plan=list(dict.fromkeys([*self.info.plan, *(planned.name for planned in plan.trials)])))
        run(plan, setting)


def outlook(options: Options) -> tuple[tuple[Plan, Plan], RunInfo]:
    """Return what `bench` would measure, closed and open load, without measuring or writing anything."""
    info = start(options)
    session = OngoingRun(info, RunFolder(options.results / info.name))
    allow_many_files()
    with scratch_folder() as scratch:
        site = Site(scratch, split_cores())
        for name, lane in session.config.lanes.items():
            check_command(name, lane, site)
        with start_stub(session.config.upstream, site) as stub:
            return _plans(session, Delays.of(stub.delays())), info


def bench(options: Options, progress: Announcement, say: Callable[[str], None]) -> tuple[Path, Run]:
    """Measure; return the run and its folder. `progress` is told the plans before anything is measured.

    Whatever ends it, finished trials stay, and run.json says that the run was interrupted.
    """
    info = start(options)
    folder = RunFolder((options.resume or options.results / info.name).resolve())
    session = OngoingRun(info, folder)
    allow_many_files()
    cores = split_cores()
    stay_off_the_server(cores)
    with scratch_folder() as scratch:
        site = Site(scratch, cores)
        for name, lane in session.config.lanes.items():
            check_command(name, lane, site)
        with start_stub(session.config.upstream, site) as stub:
            plans = _plans(session, Delays.of(stub.delays()))
            with folder.lock():
                session.calibrate(say)
                _measure(session, plans[0], _setting(session, plans[0], site, stub, progress(plans, info)))
                folder.write_locust_reports()
    return folder.path, read_run(folder.path)


def _plans(session: OngoingRun, delays: Delays) -> tuple[Plan, Plan]:
    """Return the plan of closed load, and what theory expects of open load; UsageError where they cannot be kept."""
    config, profile, scenario = session.config, session.profile, session.scenario
    plan = make_plan(config, profile, scenario, delays)
    expected = expected_capacities(config, profile, scenario, delays)
    outlook = make_open_plan(config, profile, scenario, delays, expected, 1)
    asked = [planned for planned in outlook.trials if planned.point.level in profile.rates]
    require_files(max(planned.clients for planned in (*plan.trials, *asked)))
    return plan, outlook


def _setting(session: OngoingRun, plan: Plan, site: Site, stub: Stub, watcher: Progress) -> Setting:
    return Setting(
        config=session.config,
        profile=session.profile,
        scenario_name=session.info.scenario,
        scenario=session.scenario,
        delays=Delays.of(stub.delays()),
        site=site,
        stub=stub,
        folder=session.folder,
        progress=watcher,
        judged=frozenset((lane, users(plan.verdict_users)) for lane in plan.judged_lanes),
    )


def _measure(session: OngoingRun, plan: Plan, setting: Setting) -> None:
    session.note(
        skipped=list(plan.skipped),
        primaries=[primary.model_dump() for primary in plan.primaries],
        controls=[control.model_dump() for control in plan.controls],
        verdict_users=plan.verdict_users,
    )
    point_latest_to(session.folder.path)
    began, before_s = time.monotonic(), session.info.wall_s
    try:
        _run_all(session, plan, setting)
    except BaseException as stopped:
        session.note(status="interrupted")
        stopped.add_note(f"go on with: make bench RESUME={session.folder.path}")
        raise
    finally:
        load_s = sum(trial.warmup_s + trial.window_s for trial in session.folder.read_trials())
        session.note(wall_s=before_s + time.monotonic() - began, load_s=load_s, finished_utc=utc_now())
        setting.progress.close()
    session.note(status="complete")


def _run_all(session: OngoingRun, plan: Plan, setting: Setting) -> None:
    """Run the plan; then the pairs that invalid trials have cost; then open load, at rates that follow from it."""
    config, profile, scenario, delays = setting.config, setting.profile, setting.scenario, setting.delays
    longest_s = max((longest_delay(config.lanes[name], scenario, delays) for name in plan.judged_lanes), default=0.0)
    session.run(plan, setting)
    extra = Plan(())
    while (wanted := repeats(plan, session.folder.read_trials(), profile.verdict_blocks, longest_s)) != extra:
        session.run(extra := wanted, setting)
    capacity = capacities(session.folder.read_trials())
    first = max(plan.blocks, extra.blocks) + 1
    session.run(make_open_plan(config, profile, scenario, delays, capacity, first), setting)
