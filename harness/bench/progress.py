"""What is said while a run goes on: the plan, a bar with the remaining time, a line for each trial."""

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from harness.facts.run import RunInfo
from harness.facts.trial import Trial
from harness.judge.looks import declared
from harness.plan.blocks import PlannedTrial
from harness.plan.closed_load import Plan, describe

FIRST_PROBES = 3  # of a lane; more follow where the model is off, or held and missed are not near yet
PROBE_OVERHEAD_S = 6.0  # of a probe: warm-up, start of Locust and of a server, drain


class Watcher:
    """Follows a run on a console."""

    def __init__(self, console: Console) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            refresh_per_second=2,
        )
        self._task = self._bar.add_task("starting", total=0)
        self._total, self._console = 0, console
        self._bar.start()

    def expects(self, trials: int) -> None:
        """Make the bar longer by so many trials."""
        self._total += trials
        self._bar.update(self._task, total=self._total)

    def begins(self, planned: PlannedTrial) -> None:
        """Name the trial that runs."""
        self._bar.update(self._task, description=f"block {planned.block}  {planned.lane}  {planned.point}")

    def ended(self, trial: Trial, planned: PlannedTrial) -> None:
        """Say in one line what a trial found."""
        first_attempt = planned.attempt == 1
        self._bar.advance(self._task, 1 if first_attempt else 0)
        self._console.print(_line(trial), highlight=False, markup=False, soft_wrap=True)

    def close(self) -> None:
        """Take the bar away."""
        self._bar.stop()


def announce(plans: Sequence[Plan], info: RunInfo, console: Console) -> Watcher:
    """Say what will be done and how long it will take; return who follows it."""
    for line in outlook_lines(plans, info):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    return Watcher(console)


def outlook_lines(plans: Sequence[Plan], info: RunInfo) -> list[str]:
    """Return what a run will do and how long it will take, then what it leaves out."""
    skipped = (
        f"skipped: {point.lane} at {point.users} users, beyond its limit: it would wait {point.wait_s:.1f} s"
        for plan in plans
        for point in plan.skipped
    )
    return [
        f"profile {info.profile}, scenario {info.scenario}, upstream {info.delay}: {describe(plans)}",
        *_targets(plans, info),
        *_looks(info),
        *_probes(info),
        *skipped,
    ]


def _targets(plans: Sequence[Plan], info: RunInfo) -> list[str]:
    """Return whom a run will load that it has not started, and how much."""
    trials = [trial for plan in plans for trial in plan.trials]
    apart = [f"{told}, {_most(trials)} at most" for told in (info.machine.get("loads"),) if told and trials]
    return apart + [
        f"loads {lane.url} (lane {name}), which this run does not start, with up to {max(loads)}"
        for name, lane in info.config.lanes.items()
        if lane.url and (loads := [trial.point for trial in trials if trial.lane == name])
    ]


def _probes(info: RunInfo) -> list[str]:
    """Return what follows where the rate that keeps an SLO is searched for, and about how long that takes."""
    if (slo := info.slo) is None:
        return []
    profile = info.config.profiles[info.profile]
    trial_s = profile.window_of_open_load_s + PROBE_OVERHEAD_S
    minutes = FIRST_PROBES * profile.verdict_blocks * len(profile.lanes) * trial_s / 60
    return [f"then each lane is probed in open load for the rate that keeps {slo}: at least {minutes:.0f} min"]


def _most(trials: Sequence[PlannedTrial]) -> str:
    """Return the highest load of each kind."""
    most = {load: max((t.point for t in trials if t.point.load == load), default=None) for load in ("closed", "open")}
    return " and ".join(str(point) for point in most.values() if point is not None)


def _looks(info: RunInfo) -> list[str]:
    """Return after how many pairs a verdict may be there before the last, where the plan has such looks."""
    profile = info.config.profiles[info.profile]
    *early, last = declared(profile.judged_blocks).pairs
    if not info.config.primaries or not [look for look in early if look >= profile.ladder_blocks]:
        return []
    return [
        f"a verdict is sought after {', '.join(map(str, early))} and {last} pairs; once it is sure, the rest is saved"
    ]


def lane_lines(plans: Sequence[Plan]) -> list[str]:
    """Return a line for each lane: the users and the arrivals a second that it is measured with, in how many blocks."""
    blocks = Counter((trial.lane, trial.point) for plan in plans for trial in plan.trials)
    alike: dict[tuple[str, str, int], list[str]] = {}
    for (lane, point), count in sorted(blocks.items()):
        alike.setdefault((lane, "users" if point.load == "closed" else "open load", count), []).append(point.label)
    said: dict[str, list[str]] = {}
    for (lane, load, count), labels in alike.items():
        said.setdefault(lane, []).append(f"{load} {', '.join(labels)} in {count} block{'s' * (count > 1)}")
    return [f"{lane:<28} {'; '.join(said[lane])}" for lane in said]


def _line(trial: Trial) -> str:
    where = f"{trial.trial:<28}"
    if trial.status == "invalid":
        return f"{where} INVALID: {trial.reasons}"
    if trial.sustained is False:
        return f"{where} {trial.throughput_rps:8,.1f} req/s   not sustained: the backlog grew"
    return f"{where} {trial.throughput_rps:8,.1f} req/s   p95 {_ms(trial.latency_p95_ms)}   {trial.failed} failed"


def _ms(value: float | None) -> str:
    return "    -   " if value is None else f"{value:,.0f} ms".rjust(8)
