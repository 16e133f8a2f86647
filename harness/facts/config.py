"""What bench.toml may say: its tables, each checked on its own and against the others."""

import math
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, JsonValue, field_validator, model_validator

from harness.facts.faults import Fault, Orchestrator, Share
from harness.facts.figures import JUDGED
from harness.facts.names import pick
from harness.facts.point import Load, Place, Point
from harness.facts.record import Section
from harness.facts.routes import Phases, Route, Scenario

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
LOOPBACK = "127.0.0.1"
# What both apps of this project, and the limits around them, read of a lane's env.
READ_TIMEOUT, READ_TIMEOUT_S = "UPSTREAM_READ_TIMEOUT_S", 30.0  # and what holds where a lane does not say
LIMIT = "MOST_IN_FLIGHT"  # requests beyond it are refused at once, but for those to /health
OWN_ENDPOINTS = ("location", "sun", "weather")  # of the stub, for the two apps


def _judged(name: str) -> str:
    if name not in JUDGED:
        raise ValueError(f"a verdict is on one of: {', '.join(JUDGED)}")
    return name


MetricName = Annotated[str, AfterValidator(_judged)]


class Upstream(Section):
    """How long the stub's calls wait, the seed of everything random, and what else the stub answers.

    `endpoints` are checked by the stub (upstream/endpoints.py). With a `url`, the apps call that service instead: its
    calls are neither delayed nor counted.
    """

    delay: str = "fixed:0.1"
    seed: int = 1
    endpoints: dict[Name, dict[str, JsonValue]] = Field(default_factory=dict)
    url: str | None = Field(default=None, pattern="^https?://")


class Lane(Section):
    """One way to serve an app. What is not given is not checked.

    A `command` starts it, with {host}, {port} and {upstream} filled in: in the folder `cwd`, with the commands of the
    environment whose interpreter is `python`, on `cores` cores that nothing else of a run uses, unless it is not
    `pinned`. Or it runs already, at `url`; `pid`, or a file with it, tells whose CPU and memory are its.
    """

    command: str = ""
    url: str | None = Field(default=None, pattern=r"^https?://[^/]+/?$")
    pid: Annotated[int, Field(ge=1)] | None = None
    pid_file: str | None = None
    cwd: str | None = None
    python: str | None = None
    slots: Annotated[int, Field(ge=1)] | Literal["unbounded"] = "unbounded"
    env: dict[str, str] = Field(default_factory=dict)
    identity: str | None = None
    ready: str = Field(default="/health", pattern="^/")
    ready_s: float = Field(default=20.0, gt=0)
    path: str | None = Field(default=None, pattern="^/")
    upstream_calls: Phases | None = None
    upstream_pool: Annotated[int, Field(ge=1)] | None = None
    pinned: bool = True
    cores: int = Field(default=1, ge=1)

    @field_validator("command")
    @classmethod
    def _can_be_split(cls, command: str) -> str:
        shlex.split(command)  # its ValueError says what is wrong with the quotes
        return command

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if bool(self.command) == bool(self.url):
            raise ValueError("a lane has a command that starts it, or the url of a server that runs: one of the two")
        if self.url is None and (self.pid or self.pid_file):
            raise ValueError("pid and pid_file are those of a server that runs: give its url")
        if self.url is not None and (self.env or self.cwd or self.python):
            raise ValueError("env, cwd and python are for a command: a server that runs has its own")
        if self.cores > 1 and not self.is_pinned:
            raise ValueError("cores are those of a server that is started and pinned")
        if self.command and not any("{port}" in text for text in (self.command, *self.env.values())):
            raise ValueError("the command, or a variable of env, must say {port}, where the server is to listen")
        return self

    @property
    def most_in_flight(self) -> float:
        """How many requests it has in service at most, others being refused or left waiting; inf: unbounded."""
        slots = math.inf if self.slots == "unbounded" else self.slots
        return float(self.env.get(LIMIT, slots))

    @property
    def upstream_timeout_s(self) -> float:
        """How long its app waits for an upstream's answer."""
        return float(self.env.get(READ_TIMEOUT, READ_TIMEOUT_S))

    @property
    def has_own_health(self) -> bool:
        """Whether another server, at {health_port}, answers for its health."""
        return "{health_port}" in self.command

    @property
    def refuses(self) -> bool:
        """Whether requests that find no slot are refused at once."""
        return LIMIT in self.env

    @property
    def keeps_health_apart(self) -> bool:
        """Whether requests that wait keep no /health waiting: it has its own server, or slots beyond a limit."""
        return self.has_own_health or self.refuses

    @property
    def says_host(self) -> bool:
        """Whether it can listen at an address other than loopback: its command, or a variable of env, says {host}."""
        return any("{host}" in text for text in (self.command, *self.env.values()))

    @property
    def is_pinned(self) -> bool:
        """Whether it gets cores of its own: a server that runs already stays where it is."""
        return self.pinned and self.url is None

    @property
    def is_probed(self) -> bool:
        """Whether the speed of its core can be known: it has exactly one."""
        return self.is_pinned and self.cores == 1

    def argv(self, *, port: int, upstream: str, host: str = LOOPBACK, health_port: int = 0) -> list[str]:
        """Return the command's words with address, ports and the upstream's URL filled in."""
        words = shlex.split(self.command)
        return [_fill(word, host, port, upstream).replace("{health_port}", str(health_port)) for word in words]

    def environment(self, *, port: int, upstream: str, host: str = LOOPBACK) -> dict[str, str]:
        """Return the lane's own environment variables; the apps of this project read UPSTREAM_URL."""
        own = {name: _fill(value, host, port, upstream) for name, value in self.env.items()}
        return {"UPSTREAM_URL": upstream, **own}

    def routes(self, scenario: Scenario) -> tuple[Route, ...]:
        """Return what is requested of this lane: the scenario's routes, or the lane's own path."""
        if self.path is None:
            return scenario.routes
        return (Route(path=self.path, upstream=self.upstream_calls),)

    def calls_at_once(self, scenario: Scenario) -> int:
        """Return the most upstream calls that one request makes together; 1 where they are not known."""
        return max((len(phase) for route in self.routes(scenario) for phase in route.upstream or ()), default=1)


def most_cores(lanes: Iterable[Lane]) -> int:
    """Return how many cores are kept for servers: those of the lane with most, so that every lane gets equal load."""
    return max(lane.cores for lane in lanes)


def _fill(word: str, host: str, port: int, upstream: str) -> str:
    return word.replace("{host}", host).replace("{port}", str(port)).replace("{upstream}", upstream)


class Against(Section):
    """Two lanes that are compared: `lane` against `baseline`."""

    lane: str
    baseline: str

    @property
    def lanes(self) -> tuple[str, str]:
        """The two lanes."""
        return self.lane, self.baseline


class Pair(Against):
    """What bench.toml declares to be judged: `lane` against `baseline` in `metric`.

    In closed load at the profile's highest point; in open load at the highest rate that both lanes are given.
    """

    metric: MetricName
    load: Load = "closed"

    def at(self, point: Point) -> "Primary":
        """Return the pair as a run judges it."""
        return Primary(lane=self.lane, baseline=self.baseline, metric=self.metric, point=point)


class Primary(Against):
    """A figure that gets a verdict: `lane` against `baseline` in `metric` at `point`."""

    metric: MetricName
    point: Point

    @property
    def places(self) -> tuple[Place, Place]:
        """The two lanes at the point."""
        return (self.lane, self.point), (self.baseline, self.point)


class Step(Against):
    """A rung of the ladder: `lane` differs from `baseline` in one thing, which `change` names.

    The rungs follow one another, from the first lane to the last; one that stands `aside` is a branch.
    """

    change: str
    aside: bool = False


def judged_places(pairs: Iterable[Primary]) -> frozenset[Place]:
    """Return every lane that has a part in a pair, at the pair's point."""
    return frozenset(place for pair in pairs for place in pair.places)


MOST_BLOCKS = 100  # of one kind: the names and the seeds of their repeats follow from it
Rate = Annotated[float, Field(gt=0, le=100_000)]
Bound = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Bounds = Mapping[str, float]  # what a valid trial keeps, by the names that the rules give


class Profile(Section):
    """How much is measured: lanes, points (users) and blocks; what gets a verdict in up to `verdict_blocks`.

    `ladder_blocks` is in how many blocks every lane of the ladder is measured, each at its highest point.

    `scenario` and `delay` are the profile's own, for a run that is asked for no others. A `cold` window opens as the
    load starts, with all users at once: its figures are those of a beginning, and get no verdict.

    Open load follows: arrivals a second, or shares of the capacity that closed load has found, of the lane's own or of
    the smaller one of its pair. Then come trials under `faults`, each at every rate of `fault_rates`.
    """

    lanes: tuple[str, ...] = Field(min_length=1)
    points: tuple[Annotated[int, Field(ge=1, le=1000)], ...] = Field(min_length=1)
    blocks: int = Field(ge=1, le=MOST_BLOCKS)
    verdict_blocks: int = Field(ge=1, le=MOST_BLOCKS)
    ladder_blocks: int = Field(default=0, ge=0, le=MOST_BLOCKS)
    window_s: float = Field(ge=0.5)
    max_wait_s: float | None = Field(default=None, gt=0)  # points beyond it are skipped; None: no point is
    scenario: str | None = None
    delay: str | None = None
    cold: bool = False
    processes: int = Field(default=1, ge=1)  # Locust processes that send
    rates: tuple[Rate, ...] = ()
    pair_shares: tuple[Share, ...] = ()
    own_shares: tuple[Share, ...] = ()
    faults: tuple[str, ...] = ()
    fault_rates: tuple[Rate, ...] = ()
    open_window_s: float | None = Field(default=None, ge=0.5)  # None: as for closed load
    arrivals: Literal["poisson", "constant"] = "poisson"
    aa: tuple[Load, ...] = ()  # measure the first primary's lane a second time, as a control, in these loads
    slo: str | None = (
        None  # search the rate that keeps it, by probes of open load at rates that follow from closed load
    )
    calibrate: bool = True  # rely on a calibration of this machine, and make one where there is none

    @field_validator("aa", mode="before")
    @classmethod
    def _was_yes_or_no(cls, written: object) -> object:
        """Read a run of format 2, which says whether there is a control in closed load."""
        return (("closed",) if written else ()) if isinstance(written, bool) else written

    @property
    def judged_blocks(self) -> int:
        """In how many blocks what gets a verdict is measured, unless a look before the last decides it."""
        return max(self.verdict_blocks, self.ladder_blocks)

    @property
    def window_of_open_load_s(self) -> float:
        """The least window of open load, in seconds."""
        return self.open_window_s or self.window_s


class Saturation(Section):
    """From where on something is what holds a lane back; harness/judge/bottleneck.py has the rules."""

    cpu_share: Share = 0.9  # of the server's cores: it has no more to give
    cpu_waiting_share: Share = 0.7  # the same where requests wait though no slot is lacking
    slots_share: Share = 0.9  # of the slots had a request in service, and others waited for one
    uneven_share: Share = 0.5  # the same where slots are shared out among processes, and some stand empty
    waiting_share: Share = 0.1  # of the mean latency: a shorter wait holds nobody back; and ...
    waiting_ms: Bound = 10.0  # ... at least so long, for an idle server takes some milliseconds itself
    accept_share: Share = 0.5  # of those that wait outside the app were not accepted yet
    client_share: Share = 0.66  # of all waits beyond the upstream's are for the app's own client; and ...
    pool_share: Share = 0.6  # ... of the most upstream calls at once is their mean: something bounds them


class Config(Section):
    """All of bench.toml."""

    upstream: Upstream = Upstream()
    scenarios: dict[Name, Scenario]
    lanes: dict[Name, Lane]
    thresholds: tuple[str, ...] = ()  # what a run must keep; harness/compare/thresholds.py has their grammar
    primaries: tuple[Pair, ...] = Field(default=(), max_length=3)
    controls: tuple[Pair, ...] = ()  # A/A: a lane against itself, under another name
    steps: tuple[Step, ...] = ()
    faults: dict[Name, Fault] = Field(default_factory=dict)
    orchestrator: Orchestrator = Orchestrator()
    profiles: dict[Name, Profile]
    bottleneck: Saturation = Saturation()
    validity: dict[str, Bound]  # by name; harness/judge/validity.py has the rules that name them

    @property
    def only_controls(self) -> frozenset[str]:
        """The lanes that are measured as a control alone."""
        return frozenset(control.lane for control in self.controls)

    @property
    def ladder_lanes(self) -> tuple[str, ...]:
        """The lanes of the ladder, in its order."""
        return tuple(dict.fromkeys(lane for step in self.steps for lane in (step.baseline, step.lane)))

    @property
    def compared(self) -> list[list[tuple[str, str]]]:
        """The pairs of lanes in two groups: those of primaries and controls, then those of the ladder's steps."""
        judged, steps = (*self.primaries, *self.controls), self.steps
        return [list(dict.fromkeys(pair.lanes for pair in pairs)) for pairs in (judged, steps)]

    @model_validator(mode="after")
    def _names_exist(self) -> "Config":
        for name, profile in self.profiles.items():
            for lane in profile.lanes:
                pick(self.lanes, lane, f"lane (in profile {name})")
            if profile.scenario is not None:
                pick(self.scenarios, profile.scenario, f"scenario (in profile {name})")
            for wanted in profile.faults:
                pick(self.faults, wanted, f"fault (in profile {name})")
        for name, fault in self.faults.items():
            for lane in fault.remedies:
                pick(self.lanes, lane, f"lane (in fault {name})")
            for injected in fault.inject:
                endpoints = dict.fromkeys(("*", *OWN_ENDPOINTS, *self.upstream.endpoints))
                pick(endpoints, injected.endpoint, f"endpoint (in fault {name})")
        compared: dict[str, Iterable[Against]] = {"primaries": (*self.primaries, *self.controls), "steps": self.steps}
        for table, pairs in compared.items():
            for lane in (lane for pair in pairs for lane in pair.lanes):
                pick(self.lanes, lane, f"lane (in {table})")
        for url, times in Counter(lane.url.rstrip("/") for lane in self.lanes.values() if lane.url).items():
            if times > 1:
                raise ValueError(f"{times} lanes are the same server, {url}")
        for endpoint in self._called():
            pick(dict.fromkeys((*OWN_ENDPOINTS, *self.upstream.endpoints)), endpoint, "endpoint of the upstream")
        return self

    def _called(self) -> Iterator[str]:
        """Yield every endpoint that a route or a lane is said to call."""
        routes = (route.upstream or () for scenario in self.scenarios.values() for route in scenario.routes)
        lanes = (lane.upstream_calls or () for lane in self.lanes.values())
        return (endpoint for phases in (*routes, *lanes) for phase in phases for endpoint in phase)
