"""The raw counts and sums of one trial: with its histograms they are all that its row in trials.csv is made of."""

from pydantic import Field

from harness.facts.faults import Trouble
from harness.facts.point import Load
from harness.facts.record import Record
from harness.facts.route import RouteCounts
from harness.facts.trial import Interference
from harness.plan.timing import Timing


class Sent(Record):
    """What the generator counts: requests begun, the window's arrivals that found no free sender, lost workers."""

    started: int
    waited: int = 0
    thought_s: float = 0.0  # of the window, in which users of closed load thought
    setup_faults: dict[str, int] = Field(default_factory=dict)  # wrong answers to setup requests, by what was wrong
    lost_workers: int = 0
    by_worker: tuple[int, ...] = ()  # how many requests each Locust process began, where there are several
    own: bool = False  # by a locustfile of the user's own: without ids, users wait as they like, the rest is not known
    bodies: dict[str, str] = Field(default_factory=dict)  # by error: how the body of the first such answer begins


class Cost(Record):
    """What the window cost: CPU seconds of server, generator and stub; the server's memory and threads.

    `edges_s` are the moments (CLOCK_MONOTONIC, in s) at which the two readings were taken; None: at the window's edges.
    Memory and threads belong to this point, and not to what the server has done before it.
    """

    cpu_s: float | None  # None: it is not known which processes serve
    edges_s: tuple[float, float] | None = None
    pss_mib: float | None = None  # proportional set size, shared pages divided among who shares them; None: not known
    threads: int | None = None
    generator_cpu_s: float
    stub_cpu_s: float
    busiest_generator_s: float  # CPU seconds of the Locust process that used most
    generator_queue_s: float = 0.0  # the longest that a Locust process was ready to run while another ran
    stub_queue_s: float | None = None  # the same of the stub; None: an older run, which did not look
    driver_cores: int = 1  # that generator and stub share
    cores: int = 1  # that the server may use


class Wire(Record):
    """Another machine of the trial, and the way to it.

    Its CLOCK_MONOTONIC is `ahead_s` before ours, give or take `uncertainty_s`; between a look before the trial and one
    after it that has changed by `stepped_s`, of which clocks that run at their own pace explain `allowed_s`.
    """

    name: str
    parts: tuple[str, ...] = ()
    ahead_s: float
    uncertainty_s: float
    stepped_s: float = 0.0
    allowed_s: float = 0.0


class Watched(Record):
    """What the harness saw while the trial ran."""

    wires: tuple[Wire, ...] = ()  # a run of one machine has none
    rtt_s: tuple[float, float] | None = None  # least time to the server and back, before and after; None: one machine

    stub_max_in_flight: int | None = None
    cost: Cost | None = None
    interference: Interference = Interference()
    accept_queue_max: int | None = None
    listen_overflows: int | None = None
    unknown_calls: dict[str, int] = Field(default_factory=dict)  # of the stub, that it does not answer
    kept_extra_ms: float | None = None
    still_s: float | None = None  # for how long it stood still at most, and saw nothing
    faults: tuple[str, ...] = ()  # what failed while the trial ran
    trouble: Trouble | None = None  # what was made to fail, and what the orchestrator saw of it


class Span(Record):
    """A stretch of time within a request, in seconds; `start_s` counts from the moment that its latency counts from."""

    name: str
    start_s: float
    duration_s: float


class Anatomy(Record):
    """One good answer of the window taken apart: what the client, the app and the stub say of it, on one clock.

    `percent` is its rank among the window's good answers. `spans` are the app's own words (Server-Timing), the handler
    included; `calls` the stub's log.
    """

    percent: float
    request_id: str
    route: str
    late_s: float
    latency_s: float
    spans: tuple[Span, ...]
    calls: tuple[Span, ...]


class Part(Record):
    """Answers in one part of the trial; closed load by when they ended, open load by when they were due."""

    ok: int
    failed: int


class WrongAnswers(Record):
    """How many requests failed with this error, and how the first such body begins."""

    error: str
    count: int
    body: str = ""


class Observed(Record):
    """One trial added up; times and sums in seconds, over the window's good answers unless they say otherwise."""

    load: Load
    timing: Timing
    window_s: float
    drain_s: float
    sent: Sent
    watched: Watched
    # every request
    ok: int
    failed: int
    censored: int
    distinct_ids: int
    warmup: Part
    window: Part
    drain: Part
    window_censored: int
    slowest_lost_s: float | None = None  # the longest that a failed or censored request of the window took at least
    # the window
    completed: int  # good answers that ended in it
    shares: float  # good answers, each by the share of its duration inside
    overlap_s: float  # of all requests with it
    latency_s: float
    late_users: int | None = None  # closed load: users without an answer when it opened
    backlog: tuple[float, float] | None = None  # open load: mean requests in progress, first and last third
    # the app's own words (Server-Timing), where it says something
    timed: int = 0
    handler_s: float = 0.0
    client_wait_s: float = 0.0  # upstream spans of the app beyond those of the stub, for the same calls
    # upstream
    upstream_calls: int
    matched: bool = True  # calls belong to requests by their ids; else they are only counted
    delivered: int = 0  # good answers of the whole trial whose calls are known
    critical_s: float = 0.0  # the delivered delays along their critical paths
    calls_s: float = 0.0  # the delivered delays of all their calls
    stub_lateness_p99_s: float | None = None
    early_answers: int = 0  # upstream spans of the app that are shorter than the stub's own
    # disagreements
    wrong_calls: int = 0
    wrong_examples: tuple[str, ...] = ()
    wrong_identity: int = 0
    wrong_answers: tuple[WrongAnswers, ...] = ()  # the most frequent errors first
    edge_late_s: float | None = None  # how long after its edge of the window CPU was read, the later of the two
    # of each route, where there are several
    routes: tuple[RouteCounts, ...] = ()
    # single requests
    anatomies: tuple[Anatomy, ...] = ()
