"""The nouns of a finished run: what run.json and trials.csv hold, in memory."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from harness.facts.config import Config, Primary
from harness.facts.point import Load, Place, Point, users


class Record(BaseModel):
    """A checked, immutable record; an unknown key is an error, and so is a number that is none."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Trial(Record):
    """One lane x scenario x point, measured once: a row of trials.csv.

    In open load the window holds the requests that were due in it, and latency counts from that moment.

    Units are in the names: `_s` seconds, `_ms` milliseconds, `_rps` requests per second, `_share` of one core (1 = all
    of it), `_mib` MiB. `None` (an empty cell) means that the figure does not exist, never zero. Latencies are those of
    the window's good answers.
    """

    trial: str
    block: int
    attempt: int
    lane: str
    scenario: str
    load: Load
    users: int | None = None  # closed load
    rate_rps: float | None = None  # open load: arrivals a second
    started_utc: str
    status: Literal["valid", "invalid"]
    reasons: str = ""
    not_checked: str = ""
    # how long each part of the trial took
    warmup_s: float
    window_s: float
    drain_s: float
    # every request of the trial: started = ok + failed + censored
    started: int
    ok: int
    failed: int
    censored: int
    # the same by the part of the trial in which they ended (closed load) or were due (open load)
    warmup_ok: int
    warmup_failed: int
    window_ok: int
    window_failed: int
    drain_ok: int
    drain_failed: int
    window_censored: int = 0
    slowest_lost_ms: float | None = None  # the longest that a failed or censored request of the window took at least
    upstream_calls: int | None = None
    # the window
    throughput_rps: float | None = None
    completed_rps: float | None = None
    latency_mean_ms: float | None = None
    latency_p50_ms: float | None = None
    latency_p95_ms: float | None = None
    latency_p99_ms: float | None = None
    latency_max_ms: float | None = None
    # where the mean latency goes
    handler_mean_ms: float | None = None
    queueing_mean_ms: float | None = None  # latency beyond the handler's time
    upstream_mean_ms: float | None = None  # delivered by the stub, along the critical path
    client_wait_mean_ms: float | None = None  # upstream spans beyond the stub's own: pool, event loop, connection
    # closed load
    late_users: int | None = None  # users without an answer when the window opened
    user_idle_ms: float | None = None  # how long a user was without a request, for each answer
    # a cold window: as it opens the load starts, and what follows is no steady state
    steady: bool = True
    slow_ok: int | None = None  # answers after more than 2 s, which wrk calls timeouts
    quick_mean_ms: float | None = None  # of the others, which is all that wrk's average knows
    # open load
    sustained: bool | None = None  # false: the server did not keep up, so there is no percentile
    backlog_first: float | None = None  # mean number of requests in progress, in the first and last third of the window
    backlog_last: float | None = None
    waited: int | None = None  # arrivals that found no free sender
    service_p50_ms: float | None = None  # from the moment of sending
    service_p99_ms: float | None = None
    send_lateness_p99_ms: float | None = None
    # the limit that theory sets for this trial, and which of its parts binds
    limit_rps: float | None = None
    limit_by: str = ""
    # cost and evidence
    cpu_ms_per_request: float | None = None
    cpu_share: float | None = None
    pss_mib: float | None = None  # proportional set size
    threads: int | None = None
    generator_cpu_share: float | None = None  # of the Locust process that used most
    generator_queue_share: float | None = None  # the longest that a Locust process was ready to run and did not
    driver_cpu_share: float | None = None  # generator and stub together, of all the cores that they share
    stub_cpu_share: float | None = None
    stub_lateness_p99_ms: float | None = None
    stub_max_in_flight: int | None = None
    accept_queue_max: int | None = None
    listen_overflows: int | None = None
    edge_late_ms: float | None = None  # how long after its edge of the window CPU was read, the later of the two
    # the machine meanwhile
    steal_share: float | None = None
    foreign_share: float | None = None
    memory_pressure_share: float | None = None
    io_pressure_share: float | None = None
    server_busy_share: float | None = None  # of the server's core, used by others
    throttled_share: float | None = None
    cgroup_quota_cores: float | None = None
    speed_before: float | None = None  # of the server's core, rounds of a fixed loop per ms
    speed_after: float | None = None

    @property
    def point(self) -> Point:
        """The level of load."""
        if self.users is not None:
            return Point("closed", self.users)
        assert self.rate_rps is not None  # noqa: S101 - checked below
        return Point("open", self.rate_rps)

    @property
    def place(self) -> Place:
        """The lane and the level of load."""
        return self.lane, self.point

    @property
    def window_requests(self) -> int:
        """Every request of the window: good, failed and censored."""
        return self.window_ok + self.window_failed + self.window_censored

    @property
    def speed_drift(self) -> float | None:
        """How much faster the server's core was before or after the trial: 0 for no change; None where not known."""
        if not self.speed_before or not self.speed_after:
            return None
        return max(self.speed_before, self.speed_after) / min(self.speed_before, self.speed_after) - 1

    @model_validator(mode="after")
    def _has_a_point(self) -> "Trial":
        if (self.users is None) == (self.load == "closed") or (self.rate_rps is None) == (self.load == "open"):
            raise ValueError("a trial has users (closed load) or rate_rps (open load)")
        return self

    @model_validator(mode="before")
    @classmethod
    def _empty_cell_is_none(cls, cells: object) -> object:
        """A CSV cell without text means None (or the field's default)."""
        if not isinstance(cells, dict):
            return cells
        return {name: cell for name, cell in cells.items() if cell != ""}


class Second(Record):
    """About a second of a trial, from its histograms; `at_s` counts from the opening of the window (warm-up < 0)."""

    at_s: float
    length_s: float = 1.0
    ok: int
    failed: int
    percentiles_ms: dict[str, float | None]  # by name, as in facts.figures


class Skipped(Record):
    """A point beyond a lane's limit: it was not measured, because the theoretical wait exceeds the profile's bound."""

    lane: str
    users: int
    wait_s: float


class RunInfo(Record):
    """What run.json holds: enough to repeat the run and to know where its figures come from."""

    format: Literal[2] = 2
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
    plan: list[str] = []  # the names of the planned trials, in order
    primaries: tuple[Primary, ...] = ()
    controls: tuple[Primary, ...] = ()
    calibration: dict[str, float | str | None] | None = None
    verdict_point: Point | None = None  # None: nothing was planned yet
    skipped: list[Skipped] = []
    versions: dict[str, str]
    machine: dict[str, str]
    commit: str
    command: str

    @model_validator(mode="before")
    @classmethod
    def _says_points(cls, written: object) -> object:
        """Read an older run.json, which says once at how many users every pair is judged."""
        if not isinstance(written, dict) or "verdict_users" not in written:
            return written
        known = {name: value for name, value in written.items() if name != "verdict_users"}
        point = users(written["verdict_users"])
        pairs = {name: [{**pair, "point": point} for pair in known.get(name, ())] for name in ("primaries", "controls")}
        return {**known, **pairs, "verdict_point": point}


@dataclass(frozen=True)
class Percentile:
    """A percentile in ms with its 95 % interval; an end of the interval that is no good answer is None.

    `at_least`: failed or censored requests reach it, and the value is only a lower bound (printed as ">= X").
    `thin`: fewer than a hundred requests lie beyond it.
    """

    ms: float
    low_ms: float | None
    high_ms: float | None
    at_least: bool
    thin: bool


class PointSummary(Record):
    """What one lane did at one point over its valid trials: medians, and percentiles of the merged histogram."""

    lane: str
    point: Point
    blocks: int = 0
    invalid: int = 0
    not_sustained: int = 0  # blocks of open load in which the server did not keep up
    throughput_rps: float | None = None
    throughput_low_rps: float | None = None  # the smallest and largest block
    throughput_high_rps: float | None = None
    percentiles: dict[str, Percentile | None] = {}  # by name, as in facts.figures; empty where it has none
    latency_max_ms: float | None = None
    limit_rps: float | None = None
    limit_by: str = ""
    limit_share: float | None = None  # throughput / limit
    cpu_ms_per_request: float | None = None
    pss_mib: float | None = None
    threads: float | None = None
    wait_beyond_limit_s: float | None = None  # set where the point was skipped


Word = Literal["better", "worse", "equivalent", "inconclusive"]
Doubt = Literal["incomplete", "withheld", "lacking", "failures", "few blocks"]


class Verdict(Record):
    """What the run says of one primary: `lane` against `baseline` in one metric at one point.

    `ratio` is lane / baseline with its 95 % interval `low`..`high`; `p` is adjusted by Holm over the primaries. Any
    doubt makes the word "inconclusive": the run is not complete, a lane differed from itself in this metric (A/A),
    valid trials are `lacking` the figure, too many requests of a lane failed, or the blocks are too few.
    """

    lane: str
    baseline: str
    metric: str
    point: Point
    pairs: int
    ratio: float | None
    low: float | None
    high: float | None
    p: float | None
    word: Word
    doubts: tuple[Doubt, ...] = ()
    lacking: int = 0
    failed_share: float = 0.0  # of the requests of that lane in which more failed or got no answer
    blocks_to_settle: int | None = None


class Resolution(Record):
    """What a run can see in one metric: the least effect (ratio - 1) that its pairs find with 80 % power.

    `low`..`high` is the 95 % interval that comes from the deviation's own.
    """

    metric: str
    pairs: int
    effect: float
    low: float
    high: float


class SpectrumPoint(Record):
    """One step of a percentile spectrum: that share of the answers took at most so long."""

    percent: float
    ms: float


class Run(Record):
    """A run read back from its folder, summarised and judged: all that a report shows."""

    info: RunInfo
    trials: tuple[Trial, ...]
    seconds: dict[str, tuple[Second, ...]]  # by trial
    summaries: tuple[PointSummary, ...]
    verdicts: tuple[Verdict, ...]
    controls: tuple[Verdict, ...] = ()  # A/A: a lane against itself
    resolutions: tuple[Resolution, ...] = ()
    spectra: dict[str, tuple[SpectrumPoint, ...]] = {}  # by lane, at the verdict point

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
