"""A run: turn after turn, trial after trial, each stored before the next begins."""

import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.bench.setting import Setting
from harness.bench.starts import DidNotStart, end_of, give_up
from harness.errors import MeasurementError
from harness.facts.trial import Trial
from harness.judge.bottleneck import is_disturbed
from harness.judge.rows import Evidence, nothing_but
from harness.measure.clock import utc_now, wall_clock
from harness.measure.generator import Generator
from harness.measure.server import Server, address_of
from harness.measure.trial import Bench, observe
from harness.measure.trouble import Troublemaker, start_asker
from harness.plan.as_measured import as_measured
from harness.plan.blocks import PlannedTrial, Turn
from harness.plan.closed_load import Plan, longest_delay
from harness.plan.fault_trials import expected_of
from harness.plan.repeats import repetition

MOST_STARTS = 2  # a lane that failed to start so often is not tried again in this run
SEEDS_APART = 1_000  # blocks of a run have seeds of their own, which another seed does not reach


def run(plan: Plan, setting: Setting) -> None:
    """Run every trial of the plan that is not yet in the folder."""
    finished = {trial.trial: trial for trial in setting.folder.read_trials()}
    due = {
        turn: [left for planned in turn.trials if (left := _still_due(planned, finished, setting))]
        for turn in plan.turns
    }
    setting.progress.expects(sum(map(len, due.values())))
    failed: dict[str, list[DidNotStart]] = {}
    for turn, trials in due.items():
        if len(failures := failed.setdefault(turn.lane, [])) == MOST_STARTS:
            give_up(trials, failures[-1], setting)
        elif trials:
            try:
                _TurnRunner(turn, setting).run(_as_measured(trials, setting))
            except DidNotStart as failure:
                failures.append(failure)
                give_up(failure.trials, failure, setting)


def block_seed(seed: int, block: int) -> int:
    """Return the seed of a block: its lanes meet the same delays, another block others."""
    return seed * SEEDS_APART + block


def _still_due(planned: PlannedTrial, finished: Mapping[str, Trial], setting: Setting) -> PlannedTrial | None:
    """Return what of a planned trial is still to be measured: itself, its repetition, or nothing."""
    due: PlannedTrial | None = planned
    while due is not None and due.name in finished:
        due = _repetition(due, finished[due.name], setting)
    return due


def _as_measured(trials: Iterable[PlannedTrial], setting: Setting) -> list[PlannedTrial]:
    """Return the trials with the time that their places were seen to need in this run."""
    done, lanes = setting.folder.read_trials(), setting.config.lanes
    return [
        as_measured(
            planned,
            done,
            longest_delay(lanes[planned.lane], setting.scenario, setting.delays),
            setting.profile.window_s,
        )
        for planned in trials
    ]


def _repetition(planned: PlannedTrial, trial: Trial, setting: Setting) -> PlannedTrial | None:
    """Return a trial of closed load to be measured again, else None; one that is judged is repeated with its pair."""
    if planned.point.load == "open" or planned.place in setting.judged:
        return None
    longest_s = longest_delay(setting.config.lanes[planned.lane], setting.scenario, setting.delays)
    return repetition(planned, trial, longest_s, is_disturbed=is_disturbed(trial, setting.config.validity))


@dataclass
class _TurnRunner:
    """One lane's turn: a fresh server, and a new one where a point leaves something behind."""

    turn: Turn
    setting: Setting
    waiting: list[PlannedTrial] = field(default_factory=list)
    prepared: Generator | None = None
    failures: int = 0

    def run(self, trials: list[PlannedTrial]) -> None:
        """Measure all trials of the turn."""
        self.waiting = list(trials)
        while self.waiting:
            with self._server() as server:
                clean = self._measure(self.waiting.pop(0), server)
                while self.waiting and clean and server.is_clean():
                    clean = self._measure(self.waiting.pop(0), server)

    @contextlib.contextmanager
    def _server(self) -> Iterator[Server]:
        """Start the server, and at the same time the generator of the first trial; end both in any case."""
        name, lane = self.turn.lane, self.setting.config.lanes[self.turn.lane]
        ground = self.setting.tools.ground
        port = ground.free_port()
        try:
            self._prepare(port)
            try:
                server = ground.start(
                    name,
                    lane,
                    port=port,
                    upstream=self.setting.upstream,
                    secrets=self.setting.work.secrets,
                )
            except MeasurementError as error:
                log = self._said(self.setting.tools.site.scratch / f"{name}.log")
                raise DidNotStart(error, self.waiting, log) from None
            with server.child:
                yield server
        finally:
            self._discard()

    def _measure(self, planned: PlannedTrial, server: Server) -> bool:
        """Measure and store one trial; put it back in front of the others if it has to be repeated.

        Say whether it left nothing behind, so that the next one may use the same server.
        """
        self.setting.progress.begins(planned)
        generator = self._generator(planned, server.port)
        started, seed = utc_now(), block_seed(self.setting.config.upstream.seed, planned.block)
        with generator, self._trouble(planned, server) as trouble:
            evidence = self._observe(Bench(server, generator, self.setting.tools, seed, trouble))
        trial = self.setting.keeper.keep(planned, evidence, started, wall_clock(evidence.window[0] or time.monotonic()))
        if trial.status == "invalid" and (log := self._said(server.child.log)):
            self.setting.folder.write_log(trial.trial, log)
        self.setting.progress.ended(trial, planned)
        if repetition := _repetition(planned, trial, self.setting):
            self.waiting.insert(0, repetition)
        return not trial.censored and not evidence.watched.faults

    @contextlib.contextmanager
    def _trouble(self, planned: PlannedTrial, server: Server) -> Iterator[Troublemaker | None]:
        """Give who makes the trial go wrong and watches /health; None where nothing is to go wrong."""
        if not planned.point.fault:
            yield None
            return
        config, tools = self.setting.config, self.setting.tools
        expected = expected_of(planned.lane, planned.point, self.setting.basis)
        with start_asker(config.orchestrator, server.health_url, tools.site) as asker:
            fault = config.faults[planned.point.fault]
            yield Troublemaker(fault, expected, config.orchestrator, tools.stub, asker)

    def _observe(self, bench: Bench) -> Evidence:
        """Return the evidence; where generator or stub fail, that they did. A second failure in a turn ends the run."""
        try:
            return observe(bench, at_close=lambda: self._prepare_after(bench))
        except MeasurementError as error:
            self.failures += 1
            if self.failures > 1 or bench.tools.stub.child.exit_code is not None:
                raise
            return nothing_but(f"the measurement failed: {error}", bench.generator.planned)

    def _generator(self, planned: PlannedTrial, port: int) -> Generator:
        """Return the generator of a trial: the prepared one, or a new one where another trial was expected."""
        if self.prepared is None or self.prepared.planned != planned:
            self._discard()
            return self._launch(planned, port)
        generator, self.prepared = self.prepared, None
        return generator

    def _prepare_after(self, bench: Bench) -> None:
        """Prepare the next trial's generator once nothing more is sent.

        Not while answers of open load are still awaited: its loading would delay them.
        """
        if bench.generator.planned.point.load == "closed":
            self._prepare(bench.server.port)

    def _prepare(self, port: int) -> None:
        """Let the next trial's Locust load while the server starts or the trial before drains."""
        if self.waiting:
            self.prepared = self._launch(self.waiting[0], port)

    def _launch(self, planned: PlannedTrial, port: int) -> Generator:
        lane = self.setting.config.lanes[planned.lane]
        return Generator(
            planned,
            lane,
            self.setting.work.of(lane),
            url=address_of(lane, port, self.setting.tools.ground.host),
            site=self.setting.tools.site,
            sending=self.setting.sending(planned.point),
            senders=self.setting.tools.senders,
        )

    def _discard(self) -> None:
        if self.prepared is not None:
            self.prepared.stop()
            self.prepared = None

    def _said(self, log: Path) -> str:
        """Return the end of a server's log, without secrets."""
        return self.setting.work.secrets.mask(end_of(log))
