"""What the turns of a run share: configuration, processes, folder, and who is told how far it is."""

from collections.abc import Set
from dataclasses import dataclass, replace
from typing import Protocol

from harness.bench.keep import Keeper
from harness.facts.config import Config, Profile
from harness.facts.point import Place, Point
from harness.facts.routes import Scenario
from harness.facts.trial import Trial
from harness.measure.generator import Sending
from harness.measure.instruments import Instruments
from harness.measure.work import Work
from harness.plan.basis import Basis
from harness.plan.blocks import PlannedTrial
from harness.plan.closed_load import Delays
from harness.plan.open_load import capacities
from harness.store.run_folder import RunFolder


class Progress(Protocol):
    """Who wants to know how far the run is."""

    def expects(self, trials: int) -> None:
        """So many more trials are to be measured."""

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
    tools: Instruments
    folder: RunFolder
    progress: Progress
    work: Work
    judged: Set[Place] = frozenset()  # an invalid trial here costs its pair, which is repeated in a block of its own

    @property
    def keeper(self) -> Keeper:
        """What stores and judges each trial."""
        return Keeper(self.folder, self.config, self.scenario_name, self.scenario, self.work.secrets)

    @property
    def upstream(self) -> str:
        """Where the apps find the service that they call: the stub, or another that is named."""
        return self.config.upstream.url or self.tools.stub.url

    @property
    def basis(self) -> Basis:
        """What open load and trials under faults follow from, the capacities measured so far among it."""
        measured = capacities(self.folder.read_trials())
        return Basis(self.config, self.profile, self.scenario, self.delays, measured)

    def sending(self, point: Point) -> Sending:
        """Return how the load of a point is sent."""
        usual = Sending(self.profile.processes, self.profile.arrivals, self.config.upstream.seed)
        return replace(usual, fault=self.config.faults[point.fault]) if point.fault else usual
