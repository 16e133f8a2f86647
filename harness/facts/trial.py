"""A trial, from the records that it is made of, and its seconds."""

from typing import Literal

from pydantic import model_validator

from harness.facts.point import Load, Place, Point
from harness.facts.record import Record

RETIRED = {"speed_before", "speed_after"}


class Asked(Record):
    """What was measured, and when."""

    trial: str
    block: int
    attempt: int
    lane: str
    scenario: str
    load: Load
    users: int | None = None  # closed load
    rate_rps: float | None = None  # open load: arrivals a second
    fault: str = ""  # open load: what goes wrong meanwhile
    started_utc: str


class Judged(Record):
    """Whether it counts, why not, and what could not be checked."""

    status: Literal["valid", "invalid"]
    reasons: str = ""
    not_checked: str = ""


class Lengths(Record):
    """How long each part of the trial took."""

    warmup_s: float
    window_s: float
    drain_s: float


class Counted(Record):
    """Every request of the trial: started = ok + failed + censored.

    Then the same by the part of the trial in which they ended (closed load) or were due (open load).
    """

    started: int
    ok: int
    failed: int
    censored: int
    warmup_ok: int
    warmup_failed: int
    window_ok: int
    window_failed: int
    drain_ok: int
    drain_failed: int
    window_censored: int = 0
    slowest_lost_ms: float | None = None  # the longest that a failed or censored request of the window took at least
    upstream_calls: int | None = None


class Timed(Record):
    """Throughput of the window, and latency of its good answers."""

    throughput_rps: float | None = None
    completed_rps: float | None = None
    latency_mean_ms: float | None = None
    latency_p50_ms: float | None = None
    latency_p95_ms: float | None = None
    latency_p99_ms: float | None = None
    latency_max_ms: float | None = None


class Breakdown(Record):
    """Where the mean latency goes."""

    handler_mean_ms: float | None = None
    queueing_mean_ms: float | None = None  # latency beyond the handler's time
    upstream_mean_ms: float | None = None  # delivered by the stub, along the critical path
    client_wait_mean_ms: float | None = None  # upstream spans beyond the stub's own: pool, event loop, connection


class ClosedLoad(Record):
    """Whether the users of closed load were busy all the time."""

    late_users: int | None = None  # users without an answer when the window opened
    user_idle_ms: float | None = None  # how long a user was without a request and did not think, for each answer
    thinking_users: float | None = None  # how many thought, on average over the window


class ColdWindow(Record):
    """A cold window: as it opens the load starts, and what follows is no steady state."""

    steady: bool = True
    slow_ok: int | None = None  # answers after more than 2 s, which wrk calls timeouts
    quick_mean_ms: float | None = None  # of the others, which is all that wrk's average knows


class OpenLoad(Record):
    """How the arrivals of open load were sent and served."""

    sustained: bool | None = None  # false: the server did not keep up, so there is no percentile
    backlog_first: float | None = None  # mean number of requests in progress, in the first and last third of the window
    backlog_last: float | None = None
    waited: int | None = None  # arrivals that found no free sender
    service_p50_ms: float | None = None  # from the moment of sending
    service_p99_ms: float | None = None
    send_lateness_p99_ms: float | None = None


class Limited(Record):
    """The limit that theory sets for this trial, and which of its parts binds."""

    limit_rps: float | None = None
    limit_by: str = ""


class Spent(Record):
    """What the window cost."""

    cpu_ms_per_request: float | None = None
    cpu_share: float | None = None
    pss_mib: float | None = None  # proportional set size
    threads: int | None = None
    generator_cpu_share: float | None = None  # of the Locust process that used most
    generator_queue_share: float | None = None  # the longest that a Locust process was ready to run and did not
    stub_queue_share: float | None = None  # that the stub was ready to run and did not
    driver_cpu_share: float | None = None  # generator and stub together, of all the cores that they share
    stub_cpu_share: float | None = None


class Noted(Record):
    """What was noted meanwhile, to judge the trial by."""

    still_ms: float | None = None  # for how long the harness stood still at most, and did not watch
    stub_lateness_p99_ms: float | None = None
    stub_max_in_flight: int | None = None
    accept_queue_max: int | None = None
    listen_overflows: int | None = None
    kept_extra_ms: float | None = None  # before the load: an answer on a kept connection, beyond that on a fresh one
    edge_late_ms: float | None = None  # how long after its edge of the window CPU was read, the later of the two
    rtt_ms: float | None = None  # several machines: the least time to the server and back ...
    rtt_drift_ms: float | None = None  # ... and by how much it changed in the trial
    worker_imbalance: float | None = None  # the farthest that a Locust process is from its equal share of what is sent
    clock_uncertainty_ms: float | None = None  # of the least known clock of another machine


class Interference(Record):
    """What the machine did meanwhile, as shares of the time between two readings; None: the system does not tell."""

    steal_share: float | None = None  # of one core, taken by the hypervisor
    foreign_share: float | None = None  # of one core, used by processes that are not of this run
    memory_pressure_share: float | None = None  # some process waited for memory
    io_pressure_share: float | None = None  # some process waited for a disk
    server_busy_share: float | None = None  # of the server's core, used by processes other than the server
    throttled_share: float | None = None  # of the time, in which the cgroup's CPU quota held processes back
    cgroup_quota_cores: float | None = None  # cores that the cgroup may use; None: no quota
    speed: float | None = None  # of the server's core meanwhile, in rounds of the probe's work per ms of its CPU time
    probe_share: float | None = None  # of the server's core, used by the probe

    @model_validator(mode="before")
    @classmethod
    def _drops_what_older_runs_noted(cls, written: object) -> object:
        """Read a run of format 2, which measured the core's speed before and after a trial, and not in it."""
        if not isinstance(written, dict):
            return written
        return {name: value for name, value in written.items() if name not in RETIRED}


class Trial(
    Interference,
    Noted,
    Spent,
    Limited,
    OpenLoad,
    ColdWindow,
    ClosedLoad,
    Breakdown,
    Timed,
    Counted,
    Lengths,
    Judged,
    Asked,
):
    """One lane x scenario x point, measured once: a row of trials.csv.

    In open load the window holds the requests that were due in it, and latency counts from that moment.

    Units are in the names: `_s` seconds, `_ms` milliseconds, `_rps` requests per second, `_share` of one core (1 = all
    of it), `_mib` MiB. `None` (an empty cell) means that the figure does not exist, never zero. Latencies are those of
    the window's good answers. The columns are those of the records above, the last base's first.
    """

    @property
    def point(self) -> Point:
        """The level of load."""
        if self.users is not None:
            return Point("closed", self.users)
        assert self.rate_rps is not None  # noqa: S101 - checked below
        return Point("open", self.rate_rps, self.fault)

    @property
    def place(self) -> Place:
        """The lane and the level of load."""
        return self.lane, self.point

    @property
    def window_requests(self) -> int:
        """Every request of the window: good, failed and censored."""
        return self.window_ok + self.window_failed + self.window_censored

    @property
    def throughput_adjusted(self) -> float | None:
        """Throughput at equal core speed: requests for 1,000 rounds of the probe's work; None without a probe."""
        return self.throughput_rps / self.speed if self.throughput_rps and self.speed else None

    @property
    def cpu_adjusted(self) -> float | None:
        """CPU at equal core speed: for how many rounds of the probe's work a request stands; None without a probe."""
        return self.cpu_ms_per_request * self.speed if self.cpu_ms_per_request and self.speed else None

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


def joined(*parts: Record) -> Trial:
    """Return the trial that these records make up; what none of them says has its default."""
    return Trial(**{name: value for part in parts for name, value in part})


class Second(Record):
    """About a second of a trial, from its histograms; `at_s` counts from the opening of the window (warm-up < 0)."""

    at_s: float
    length_s: float = 1.0
    ok: int
    failed: int
    percentiles_ms: dict[str, float | None]  # by name, as in facts.figures
