"""A run: turn after turn, trial after trial, each stored before the next begins."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from harness.config import Config, Profile, Route, Scenario
from harness.judge.evidence import Evidence
from harness.judge.tally import tally
from harness.measure.clock import utc_now, wall_clock
from harness.measure.generator import Generator
from harness.measure.server import Server, start_server
from harness.measure.site import Site, free_port
from harness.measure.stub import Stub
from harness.measure.trial import Bench, observe
from harness.plan.blocks import PlannedTrial, Turn
from harness.plan.plan import Delays, Plan, again, longest_delay
from harness.records import Trial
from harness.store.run_folder import RunFolder

MOST_ATTEMPTS = 3


class Progress(Protocol):
    """Who wants to know how far the run is."""

    def begins(self, planned: PlannedTrial) -> None:
        """A trial begins."""

    def ended(self, trial: Trial, planned: PlannedTrial) -> None:
        """A trial was stored."""

    def close(self) -> None:
        """The run is over, or broken off."""


@dataclass(frozen=True)
class Setting:
    """What a run is made of: configuration, scenario, delays, and where its processes and its files live."""

    config: Config
    profile: Profile
    scenario_name: str
    scenario: Scenario
    delays: Delays
    site: Site
    stub: Stub
    folder: RunFolder
    progress: Progress


def run(plan: Plan, setting: Setting) -> None:
    """Run every trial of the plan that is not yet in the folder."""
    finished = {trial.trial: trial for trial in setting.folder.read_trials()}
    for turn in plan.turns:
        left = [due for planned in turn.trials if (due := _still_due(planned, finished, setting))]
        if left:
            _TurnRunner(turn, setting).run(left)


def _still_due(planned: PlannedTrial, finished: Mapping[str, Trial], setting: Setting) -> PlannedTrial | None:
    """Return what of a planned trial is still to be measured: itself, its repetition, or nothing."""
    due: PlannedTrial | None = planned
    while due is not None and due.name in finished:
        due = _repetition(due, finished[due.name], setting)
    return due


def _repetition(planned: PlannedTrial, trial: Trial, setting: Setting) -> PlannedTrial | None:
    """Return a longer trial where the requests took longer than warm-up and window were made for, else None."""
    wait_s = (trial.latency_mean_ms or 0.0) / 1000
    steady = planned.timing.suits(wait_s) and not trial.late_users
    if steady or not trial.window_ok or planned.attempt == MOST_ATTEMPTS:
        return None
    return again(planned, wait_s, longest_delay(setting.config.lanes[planned.lane], setting.scenario, setting.delays))


@dataclass
class _TurnRunner:
    """One lane's turn: a fresh server, and a new one where a point leaves something behind."""

    turn: Turn
    setting: Setting
    waiting: list[PlannedTrial] = field(default_factory=list)
    prepared: Generator | None = None

    def run(self, trials: list[PlannedTrial]) -> None:
        """Measure all trials of the turn."""
        self.waiting = list(trials)
        while self.waiting:
            with self._server() as server:
                trial = self._measure(self.waiting.pop(0), server)
                while self.waiting and not trial.censored and server.is_clean():
                    trial = self._measure(self.waiting.pop(0), server)

    @contextlib.contextmanager
    def _server(self) -> Iterator[Server]:
        """Start the server, and at the same time the generator of the first trial; end both in any case."""
        name, lane = self.turn.lane, self.setting.config.lanes[self.turn.lane]
        port = free_port()
        try:
            self._prepare(port)
            server = start_server(name, lane, self.setting.site, port=port, upstream=self.setting.stub.url)
            with server.child:
                yield server
        finally:
            self._discard()

    def _measure(self, planned: PlannedTrial, server: Server) -> Trial:
        """Measure and store one trial; put it back in front of the others if it has to be repeated."""
        self.setting.progress.begins(planned)
        generator = self._generator(planned, server.port)
        started = utc_now()
        with generator.child:
            evidence = observe(
                Bench(server, self.setting.stub, generator, self.setting.site),
                at_close=lambda: self._prepare(server.port),
            )
        trial = self._judge(planned, evidence, started)
        self.setting.folder.write_trial(trial, evidence, opened_at=wall_clock(evidence.window[0]))
        self.setting.progress.ended(trial, planned)
        if repetition := _repetition(planned, trial, self.setting):
            self.waiting.insert(0, repetition)
        return trial

    def _judge(self, planned: PlannedTrial, evidence: Evidence, started: str) -> Trial:
        return tally(
            planned,
            self.setting.config.lanes[planned.lane],
            self._routes(),
            evidence,
            self.setting.config.validity,
            scenario=self.setting.scenario_name,
            started_utc=started,
        )

    def _generator(self, planned: PlannedTrial, port: int) -> Generator:
        """Return the generator of a trial: the prepared one, or a new one where another trial was expected."""
        if self.prepared is None or self.prepared.planned != planned:
            self._discard()
            return self._launch(planned, port)
        generator, self.prepared = self.prepared, None
        return generator

    def _prepare(self, port: int) -> None:
        """Let the next trial's Locust load while the server starts or the trial before drains."""
        if self.waiting:
            self.prepared = self._launch(self.waiting[0], port)

    def _launch(self, planned: PlannedTrial, port: int) -> Generator:
        lane = self.setting.config.lanes[planned.lane]
        return Generator(
            planned,
            lane,
            self._routes(),
            url=f"http://127.0.0.1:{port}",
            site=self.setting.site,
            processes=self.setting.profile.processes,
        )

    def _discard(self) -> None:
        if self.prepared is not None:
            self.prepared.child.stop()
            self.prepared = None

    def _routes(self) -> tuple[Route, ...]:
        return self.setting.config.lanes[self.turn.lane].routes(self.setting.scenario)
