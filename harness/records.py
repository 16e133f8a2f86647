"""The nouns of a finished run: what run.json and trials.csv hold, in memory."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator


class Record(BaseModel):
    """A checked, immutable record; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Trial(Record):
    """One lane x scenario x point, measured once: a row of trials.csv.

    Units are in the names: `_s` seconds, `_ms` milliseconds, `_rps` requests per second, `_share` of one core (1 = all
    of it), `_mib` MiB. `None` (an empty cell) means that the figure does not exist, never zero. Latencies are those of
    the window's good answers.
    """

    trial: str
    block: int
    attempt: int
    lane: str
    scenario: str
    load: Literal["closed"]
    users: int
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
    # the same answers by the part of the trial in which they ended
    warmup_ok: int
    warmup_failed: int
    window_ok: int
    window_failed: int
    drain_ok: int
    drain_failed: int
    upstream_calls: int | None = None
    # the window
    throughput_rps: float | None = None
    completed_rps: float | None = None
    latency_mean_ms: float | None = None
    latency_p50_ms: float | None = None
    latency_p95_ms: float | None = None
    latency_p99_ms: float | None = None
    latency_max_ms: float | None = None
    handler_mean_ms: float | None = None
    upstream_mean_ms: float | None = None
    late_users: int | None = None  # users without an answer when the window opened
    user_idle_ms: float | None = None  # how long a user was without a request, for each answer
    # the limit that theory sets for this trial, and which of its parts binds
    limit_rps: float | None = None
    limit_by: str = ""
    # cost and evidence
    cpu_ms_per_request: float | None = None
    cpu_share: float | None = None
    rss_mib: float | None = None
    threads: int | None = None
    generator_cpu_share: float | None = None  # of each Locust process
    stub_cpu_share: float | None = None
    stub_lateness_p99_ms: float | None = None
    stub_max_in_flight: int | None = None
    accept_queue_max: int | None = None
    listen_overflows: int | None = None

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
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    latency_p99_ms: float | None


class Skipped(Record):
    """A point beyond a lane's limit: it was not measured, because the theoretical wait exceeds the profile's bound."""

    lane: str
    users: int
    wait_s: float


class RunInfo(Record):
    """What run.json holds: enough to repeat the run and to know where its figures come from."""

    format: Literal[1] = 1
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
    config: dict[str, object]  # the part of bench.toml that was used
    plan: list[str] = []  # the names of the planned trials, in order
    primaries: list[dict[str, object]] = []
    verdict_users: int = 0
    skipped: list[Skipped] = []
    versions: dict[str, str]
    machine: dict[str, str]
    commit: str
    command: str


class PointSummary(Record):
    """What one lane did at one point over its valid trials: medians, and percentiles of the merged histogram."""

    lane: str
    users: int
    blocks: int = 0
    invalid: int = 0
    throughput_rps: float | None = None
    throughput_low_rps: float | None = None  # the smallest and largest block
    throughput_high_rps: float | None = None
    latency_p50_ms: float | None = None
    latency_p95_ms: float | None = None
    latency_p99_ms: float | None = None
    latency_max_ms: float | None = None
    samples: int = 0  # answers in the merged histogram
    limit_rps: float | None = None
    limit_by: str = ""
    limit_share: float | None = None  # throughput / limit
    cpu_ms_per_request: float | None = None
    rss_mib: float | None = None
    threads: float | None = None
    wait_beyond_limit_s: float | None = None  # set where the point was skipped


class Verdict(Record):
    """What the run says of one primary: `lane` against `baseline` in one metric at one point.

    `ratio` is lane / baseline with its 95 % interval `low`..`high`; `p` is adjusted by Holm over the primaries.
    """

    lane: str
    baseline: str
    metric: str
    users: int
    pairs: int
    ratio: float | None
    low: float | None
    high: float | None
    p: float | None
    verdict: Literal["better", "worse", "equivalent", "inconclusive"]
    sentence: str


class Run(Record):
    """A run read back from its folder, summarised and judged: all that a report shows."""

    info: RunInfo
    trials: tuple[Trial, ...]
    seconds: dict[str, tuple[Second, ...]]  # by trial
    summaries: tuple[PointSummary, ...]
    verdicts: tuple[Verdict, ...]
