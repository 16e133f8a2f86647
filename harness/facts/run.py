"""A run: what run.json says of it, and all that was read back from its folder."""

from collections.abc import Callable
from statistics import median
from typing import Literal

from pydantic import Field

from harness.facts.capacity import LaneCapacity
from harness.facts.config import Config, Primary
from harness.facts.faults import UnderFault
from harness.facts.host import ALL_HERE, Hosts
from harness.facts.ladder import Ladder
from harness.facts.point import Point
from harness.facts.prediction import Predictions
from harness.facts.record import Record
from harness.facts.route import OfRoute
from harness.facts.slo import Slo, parse_slo
from harness.facts.summary import PointSummary, SpectrumPoint
from harness.facts.trial import Second, Trial
from harness.facts.verdict import Resolution, Verdict


class Skipped(Record):
    """A point beyond a lane's limit: it was not measured, because the theoretical wait exceeds the profile's bound."""

    lane: str
    users: int
    wait_s: float


class RunInfo(Record):
    """What run.json holds: enough to repeat the run and to know where its figures come from."""

    format: Literal[2, 3] = 3
    name: str
    status: Literal["running", "interrupted", "complete"]
    profile: str
    scenario: str
    seed: int
    delay: str
    started_utc: str
    finished_utc: str | None = None
    wall_s: float = 0.0
    load_s: float = 0.0
    config: Config  # the part of bench.toml that was used
    plan: list[str] = Field(default_factory=list)  # the names of the planned trials, in order
    primaries: tuple[Primary, ...] = ()
    controls: tuple[Primary, ...] = ()
    calibration: dict[str, float | str | None] | None = None
    verdict_point: Point | None = None  # None: nothing was planned yet
    skipped: list[Skipped] = Field(default_factory=list)
    named: dict[str, float] = Field(
        default_factory=dict
    )  # by lane, arrivals/s at which the model keeps the SLO; 0: none
    versions: dict[str, str]
    machine: dict[str, str]
    hosts: Hosts = ALL_HERE
    commit: str
    command: str

    @property
    def slo(self) -> Slo | None:
        """What a search for the rate was to keep; None in a run that searched for none."""
        profile = self.config.profiles.get(self.profile)
        return parse_slo(profile.slo) if profile and profile.slo else None

    @property
    def judged_blocks(self) -> int | None:
        """In how many blocks what gets a verdict was planned, with looks at fewer; None in a run without looks."""
        profile = self.config.profiles.get(self.profile) if self.format > 2 else None
        return profile.judged_blocks if profile else None


class Run(Record):
    """A run read back from its folder, summarised and judged: all that a report shows."""

    info: RunInfo
    trials: tuple[Trial, ...]
    seconds: dict[str, tuple[Second, ...]]  # by trial
    summaries: tuple[PointSummary, ...]
    verdicts: tuple[Verdict, ...]
    controls: tuple[Verdict, ...] = ()  # A/A: a lane against itself
    resolutions: tuple[Resolution, ...] = ()
    ladders: tuple[Ladder, ...] = ()  # one in each metric
    predictions: Predictions | None = None  # of its other points, from two of each lane
    held_rates: tuple[LaneCapacity, ...] = ()  # by lane, of a run that searched for them
    routes: tuple[OfRoute, ...] = ()  # of each pair that is judged, where there are several
    under_faults: tuple[UnderFault, ...] = ()  # each trial with a fault
    logs: dict[str, str] = Field(default_factory=dict)  # the end of what a server said, by trial; of invalid trials
    spectra: dict[str, tuple[SpectrumPoint, ...]] = Field(default_factory=dict)  # by lane, at the verdict point

    @property
    def lanes(self) -> tuple[str, ...]:
        """The lanes that were measured or skipped, in the order of bench.toml."""
        order = list(self.info.config.lanes)
        named = dict.fromkeys([*(point.lane for point in self.summaries), *(trial.lane for trial in self.trials)])
        return tuple(sorted(named, key=lambda lane: order.index(lane) if lane in order else len(order)))

    @property
    def invalid(self) -> list[Trial]:
        """The invalid trials."""
        return [trial for trial in self.trials if trial.status == "invalid"]

    def points_of(self, lane: str) -> list[PointSummary]:
        """Return what a lane did at each point, closed load first."""
        return sorted((point for point in self.summaries if point.lane == lane), key=lambda point: point.point)

    def valid_at(self, lane: str, point: Point) -> list[Trial]:
        """Return the valid trials of a lane at a point."""
        valid = (trial for trial in self.trials if trial.status == "valid")
        return [trial for trial in valid if trial.place == (lane, point)]

    def median_at(self, lane: str, point: Point, figure: Callable[[Trial], float | None]) -> float | None:
        """Return the median of a figure over the valid trials that have it; None without any."""
        known = [value for trial in self.valid_at(lane, point) if (value := figure(trial)) is not None]
        return median(known) if known else None
