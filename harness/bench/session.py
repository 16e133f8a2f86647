"""`bench` from beginning to end: check, plan, announce, measure, report."""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.bench.description import circumstances, how_to_resume, start
from harness.bench.options import Options
from harness.bench.probing import climb_and_probe
from harness.bench.setting import Progress, Setting
from harness.bench.starts import unstarted
from harness.bench.turns import run as run_turns
from harness.errors import UsageError
from harness.facts.config import Config, Profile, most_cores
from harness.facts.names import pick
from harness.facts.routes import Scenario
from harness.facts.run import Run, RunInfo
from harness.hand.apart import addresses, instruments_apart, machines
from harness.judge.looks import declared
from harness.judge.verdict import is_settled
from harness.measure.clock import utc_now
from harness.measure.instruments import Instruments, instruments
from harness.measure.probes import stay_off_the_server
from harness.measure.secrets import secrets_of
from harness.measure.site import most_clients, require_files
from harness.measure.stub import Stub
from harness.measure.work import Work, describe_locustfile, work_of
from harness.plan.basis import Basis
from harness.plan.closed_load import Delays, Plan, longest_delay, make_plan
from harness.plan.fault_trials import make_fault_plan, without_rate
from harness.plan.open_load import expected_capacities, make_open_plan, with_at_most
from harness.plan.repeats import repeats
from harness.store.read_run import read_run
from harness.store.run_folder import RunFolder, new_folder, point_latest_to, reject_foreign
from harness.studies.calibration import calibration

Plans = tuple[Plan, Plan, Plan]  # closed load, and what theory expects of open load and of trials under faults
Announcement = Callable[[Sequence[Plan], RunInfo], Progress]
Say = Callable[[str], None]


def bench(options: Options, progress: Announcement, say: Say) -> tuple[Path, Run]:
    """Measure; return the run and its folder. `progress` is told the plans before anything is measured.

    Whatever ends it, finished trials stay, and run.json says that the run was interrupted.
    """
    info = start(options)
    reject_foreign((options.resume.resolve().parent if options.resume else options.results) / "latest")
    with _instruments(info) as tools:
        stay_off_the_server(tools.site.cores)
        plans = _plans(info, tools.stub)
        info = _on_machines(info, tools, options)
        watcher = progress(plans, info)
        with _folder(options, info) as folder:
            session = Session(info.model_copy(update={"name": folder.path.name}), folder, options, say)
            session.measure(plans[0], tools, watcher)
            folder.write_locust_reports()
    return folder.path, read_run(folder.path)


def outlook(options: Options) -> tuple[Plans, RunInfo]:
    """Return what `bench` would measure, without measuring or writing anything."""
    info = start(options)
    with _instruments(info) as tools:
        return _plans(info, tools.stub), _on_machines(info, tools, replace(options, allow_remote=True))


def _on_machines(info: RunInfo, tools: Instruments, options: Options) -> RunInfo:
    """Return the description with the machines of the run; UsageError where others are not allowed to be loaded."""
    if info.hosts.are_local:
        return info
    if not options.allow_remote:
        raise UsageError(
            f"this run loads other machines: {'; '.join(addresses(info.hosts, tools))}",
            hint="if you may load them, say so: --allow-remote (make bench REMOTE=1); --plan (PLAN=1) says how much",
        )
    found = machines(info.hosts, tools)
    if changed := [name for name in found if info.machine.get(name, found[name]) != found[name]]:
        raise UsageError(f"{info.name} was begun with another {', '.join(changed)}", hint="begin a new run")
    return info.model_copy(update={"machine": info.machine | found})


@contextlib.contextmanager
def _instruments(info: RunInfo) -> Iterator[Instruments]:
    """Give what is needed to measure, once it is known that every lane's command exists."""
    _work(info)
    serve = most_cores(info.config.lanes.values())
    with (
        instruments(info.config.upstream, serve)
        if info.hosts.are_local
        else instruments_apart(info.config.upstream, serve, info.hosts)
    ) as tools:
        for name, lane in info.config.lanes.items():
            tools.ground.check(name, lane)
        yield tools


def _work(info: RunInfo) -> Work:
    """Return what the users do; UsageError where a file or a variable of the environment is missing."""
    _, _, scenario = _chosen(info)
    if info.config.faults and not info.hosts.are_local:
        raise UsageError(
            "trials under faults run on this machine", hint="leave out SERVER=, UPSTREAM_HOST= and WORKERS="
        )
    if scenario.locustfile is not None:
        if info.hosts.workers:
            raise UsageError("a locustfile of your own runs on this machine", hint="leave out WORKERS=")
        describe_locustfile(scenario.locustfile)
    return work_of(scenario, secrets_of(info.config))


def _plans(info: RunInfo, stub: Stub) -> Plans:
    """Return the plans; UsageError where they cannot be kept."""
    config, profile, scenario = _chosen(info)
    delays = Delays.of(stub.delays())
    plan = make_plan(config, profile, scenario, delays)
    basis = Basis(config, profile, scenario, delays, expected_capacities(config, profile, scenario, delays))
    open_plan = make_open_plan(basis, 1)
    under_faults = make_fault_plan(basis, open_plan.blocks + 1)
    asked = [planned for planned in open_plan.trials if planned.point.level in profile.rates]
    most = max(planned.clients for planned in (*plan.trials, *asked, *under_faults.trials))
    require_files(most, _calls_at_once(info))
    for name in profile.faults:
        stub.set_faults([one.order() for one in config.faults[name].inject])
    stub.set_faults([])
    return plan, open_plan, under_faults


def _chosen(info: RunInfo) -> tuple[Config, Profile, Scenario]:
    config = info.config
    return config, pick(config.profiles, info.profile, "profile"), pick(config.scenarios, info.scenario, "scenario")


def _calls_at_once(info: RunInfo) -> int:
    """Return the most upstream calls that a request makes together."""
    config, profile, scenario = _chosen(info)
    return max(config.lanes[name].calls_at_once(scenario) for name in profile.lanes)


@contextlib.contextmanager
def _folder(options: Options, info: RunInfo) -> Iterator[RunFolder]:
    """Give the run's folder, which nobody else writes to meanwhile."""
    resumed = options.resume and RunFolder(options.resume.resolve())
    folder = resumed or new_folder(options.results.resolve(), info.name)
    with folder.lock():
        yield folder


@dataclass
class Session:
    """A run that is going on: its description, its folder, and who hears of it."""

    info: RunInfo
    folder: RunFolder
    options: Options
    say: Say

    def note(self, **changes: object) -> None:
        """Change run.json."""
        self.info = self.info.model_copy(update=changes)
        self.folder.write_info(self.info)

    def measure(self, plan: Plan, tools: Instruments, watcher: Progress) -> None:
        """Measure all that is not finished yet; note in run.json what is known of the run, however it ends."""
        with self._timed(watcher):
            self.note(
                skipped=list(plan.skipped),
                primaries=plan.primaries,
                controls=plan.controls,
                verdict_point=plan.verdict_point,
            )
            point_latest_to(self.folder.path)
            setting = self._setting(tools, watcher)
            self._say_overridden(setting.scenario)
            if setting.profile.calibrate and self.info.calibration is None:
                self.note(calibration=calibration(self.folder.path.parent, circumstances(), self.say))
            self.folder.forget_lanes(unstarted(self.folder.read_trials()))
            self._rounds(plan, setting)
        self.note(status="complete")
        for lane in unstarted(self.folder.read_trials()):
            remedy = f"correct [lanes.{lane}] in {self.options.config.name}, then: "
            self.say(f"lane {lane} did not start: {remedy}{how_to_resume(self.options, self.folder.path)}")

    def _say_overridden(self, scenario: Scenario) -> None:
        """Say which hosts of the user's own locustfile have no effect."""
        if scenario.locustfile is not None:
            for name, host in describe_locustfile(scenario.locustfile).items():
                if host:
                    self.say(f"{name} names the host {host}: each lane is asked at its own address instead")

    def _setting(self, tools: Instruments, watcher: Progress) -> Setting:
        config, profile, scenario = _chosen(self.info)
        return Setting(
            config=config,
            profile=profile,
            scenario_name=self.info.scenario,
            scenario=scenario,
            delays=Delays.of(tools.stub.delays()),
            tools=tools,
            folder=self.folder,
            progress=watcher,
            work=_work(self.info),
        )

    @contextlib.contextmanager
    def _timed(self, watcher: Progress) -> Iterator[None]:
        """Note how long the run took, and whether it was interrupted."""
        began, before_s = time.monotonic(), self.info.wall_s
        try:
            yield
        except BaseException as stopped:
            self.note(status="interrupted")
            stopped.add_note(f"go on with: {how_to_resume(self.options, self.folder.path)}")
            raise
        finally:
            load_s = sum(trial.warmup_s + trial.window_s for trial in self.folder.read_trials())
            self.note(wall_s=before_s + time.monotonic() - began, load_s=load_s, finished_utc=utc_now())
            watcher.close()

    def _rounds(self, plan: Plan, setting: Setting) -> None:
        """Run closed load, then open load at rates that follow from it: of each first what is judged."""
        if (slo := self.info.slo) is not None:
            climb_and_probe(self, plan, setting, slo)
            return
        self._judged(plan, setting)
        self.run(plan.rest, setting)
        basis = setting.basis
        most = most_clients(_calls_at_once(self.info))
        open_plan = with_at_most(most, make_open_plan(basis, plan.blocks + 1))
        self.note(primaries=(*plan.primaries, *open_plan.primaries), controls=(*plan.controls, *open_plan.controls))
        self._judged(open_plan, setting)
        self.run(open_plan.rest, setting)
        for line in without_rate(basis):
            self.say(line)
        self.run(make_fault_plan(basis, max(plan.blocks, open_plan.blocks) + 1).rest, setting)

    def _judged(self, plan: Plan, setting: Setting) -> None:
        """Measure what is judged, look by look, and the pairs that invalid trials have cost, until all is decided."""
        setting = replace(setting, judged=plan.judged)
        profile, blocks = setting.profile, sorted({turn.block for turn in plan.turns})
        looks = declared(profile.judged_blocks).pairs if plan.primaries else (profile.judged_blocks,)
        for look in looks if blocks else ():
            so_far = plan.until(blocks[min(look, len(blocks)) - 1])
            self.run(so_far, setting)
            extra = Plan(())
            while (wanted := self._repeats(so_far, setting)) != extra:
                self.run(extra := wanted, setting)
            if profile.ladder_blocks <= look < looks[-1] and self._is_settled(plan, setting):
                pairs = ", ".join(dict.fromkeys(f"{pair.lane} against {pair.baseline}" for pair in plan.primaries))
                self.say(f"{pairs} in {plan.primaries[0].point.load} load: the difference is sure after {look} pairs")
                return

    def _is_settled(self, plan: Plan, setting: Setting) -> bool:
        """Say whether every pair that was measured so far would have its verdict; those still to come count as many."""
        return is_settled(
            plan.primaries, self.folder.read_trials(), setting.profile.judged_blocks, len(setting.config.primaries)
        )

    def _repeats(self, plan: Plan, setting: Setting) -> Plan:
        """Return the pairs to be repeated; none where a lane of the pair never started."""
        done = self.folder.read_trials()
        if plan.judged_lanes & set(unstarted(done)):
            return Plan(())
        lanes = (setting.config.lanes[name] for name in plan.judged_lanes)
        longest_s = max((longest_delay(lane, setting.scenario, setting.delays) for lane in lanes), default=0.0)
        return repeats(plan, done, longest_s)

    def run(self, plan: Plan, setting: Setting) -> None:
        """Note the plan's trials in run.json, and measure those that are not finished yet."""
        self.note(plan=list(dict.fromkeys([*self.info.plan, *(planned.name for planned in plan.trials)])))
        run_turns(plan, setting)
