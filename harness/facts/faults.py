"""What goes wrong in a trial, who watches /health meanwhile, and what was predicted and seen of the damage."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from harness.facts.record import Record, Section
from harness.facts.routes import Route

Share = Annotated[float, Field(gt=0, le=2)]
Seconds = Annotated[float, Field(ge=0, le=3600)]


class Injected(Section):
    """A fault of the stub (upstream/faults.py): what it does to a share of the calls of one endpoint, or of all (`*`).

    `extra_s` and `cap_s` are how much longer a call waits, and after how long one that hangs is broken off.
    """

    kind: Literal["error", "garbage", "hang", "reset", "slow", "brown-out"]
    endpoint: str = "*"
    share: Annotated[float, Field(ge=0, le=1)] = 1.0
    status: int | None = None
    body: str | None = None
    extra_s: Seconds | None = None
    cap_s: Seconds | None = None

    def concerns(self, endpoint: str) -> bool:
        """Say whether calls of this endpoint may meet it."""
        return self.endpoint in ("*", endpoint)

    def order(self) -> dict[str, JsonValue]:
        """Return it in the stub's words."""
        return self.model_dump(exclude_none=True)


class Fault(Section):
    """What goes wrong in a trial of open load: from `start_s` after the window has opened, for `length_s`.

    `inject` is what the stub does to its calls meanwhile; `load` multiplies the arrivals. The window goes on until
    `tail_s` after theory expects the last trace of it. An answer that comes later than `patience_s` is lost to its
    caller. `shares` are rates of its own, of each lane's capacity. `remedies` are lanes that are measured under this
    fault beside the profile's.

    Callers wait as long as they must, unless `timeout_s` is given: they then hang up, and ask again up to `retries`
    times.
    """

    inject: tuple[Injected, ...] = ()
    load: Annotated[float, Field(gt=0, le=10)] = 1.0
    start_s: Annotated[float, Field(ge=1, le=600)] = 4.0
    length_s: Annotated[float, Field(gt=0, le=600)] = 10.0
    tail_s: Annotated[float, Field(ge=0, le=600)] = 4.0
    patience_s: Annotated[float, Field(gt=0, le=600)] = 2.0
    shares: tuple[Share, ...] = ()
    timeout_s: Annotated[float, Field(gt=0, le=600)] | None = None
    retries: Annotated[int, Field(ge=0, le=10)] = 0
    remedies: tuple[str, ...] = ()

    @property
    def end_s(self) -> float:
        """When it is over, in seconds since the window's opening."""
        return self.start_s + self.length_s

    @property
    def is_steady(self) -> bool:
        """Whether nothing changes when it begins: what it shows is how much a lane answers in time at a rate."""
        return not self.inject and self.load == 1

    def touches(self, route: Route) -> bool:
        """Say whether requests of this route may meet it: they call an endpoint that is sick."""
        calls = [endpoint for phase in route.upstream or () for endpoint in phase]
        return any(injected.concerns(endpoint) for injected in self.inject for endpoint in calls)


class Orchestrator(Section):
    """Who watches a pod: asks `path` every `every_s`, on a connection of its own, and waits for `timeout_s`.

    A kubelet asks every `period_s` and restarts a pod after `failures` misses in a row (Kubernetes' own defaults: 10 s
    and 3, with a timeout of 1 s). Asking more often shows what a kubelet would have done whenever it began.
    """

    path: str = Field(default="/health", pattern="^/")
    every_s: Annotated[float, Field(gt=0, le=60)] = 1.0
    timeout_s: Annotated[float, Field(gt=0, le=60)] = 1.0
    period_s: Annotated[float, Field(gt=0, le=600)] = 10.0
    failures: Annotated[int, Field(ge=1, le=100)] = 3


class Ask(Record):
    """One question of the orchestrator's: when, in s since the window's opening, how long it took, and the status.

    The status is None where no answer came in time.
    """

    at_s: float
    took_s: float
    status: int | None = None

    @property
    def in_time(self) -> bool:
        """Whether it was answered well, and in time."""
        return self.status == 200


class Expected(Record):
    """What theory expects of a lane under a fault; seconds since the fault began, None: it does not happen.

    `dead_s`: /health is not answered in time any more; `back_s`: it is again; `recovered_s`: no request waits longer
    than before the fault. `restarts`: of a kubelet whose first question comes at the worst moment; None: for as long as
    the load goes on.
    """

    dead_s: float | None = None
    back_s: float | None = None
    recovered_s: float | None = None
    restarts: int | None = 0


class Trouble(Record):
    """What was expected, done and seen under a fault.

    The fault was set and cleared so many seconds after the window's opening; None: the load alone was at fault.
    """

    expected: Expected = Expected()
    set_s: float | None = None
    cleared_s: float | None = None
    asks: tuple[Ask, ...] = ()


class Damage(Record):
    """What a fault cost in one trial; seconds since the fault began, None: it did not happen.

    `lost` of the `offered` arrivals had no good answer within their callers' patience; `other_lost` of
    `other_offered` are those whose routes do not call what is sick. `in_time` of `asked` questions to /health were
    answered in time; `outage_s` is how long it was not, `longest_gap_s` the longest time between two answers.
    `restarts` are those of a kubelet that began at the worst moment, `restarting` the share of moments with at least
    one. `zombie_calls` are upstream calls that began when their caller had gone.
    """

    offered: int
    lost: int
    other_offered: int
    other_lost: int
    asked: int
    in_time: int
    outage_s: float
    longest_gap_s: float
    restarts: int
    restarting: float
    dead_s: float | None = None
    back_s: float | None = None
    recovered_s: float | None = None
    most_in_flight: int = 0
    zombie_calls: int = 0


class FaultSecond(Record):
    """One second of a trial under a fault: the arrivals that were due in it, and what became of them.

    `at_s` is its middle, since the fault began. Percentiles are of right answers, however late; `in_flight` is how
    many requests had no answer in its middle. `other_good`: of routes that do not call what is sick.
    """

    at_s: float
    offered: int
    good: int
    other_good: int
    p50_ms: float | None
    p95_ms: float | None
    in_flight: int


class UnderFault(Record):
    """One trial under a fault as reports show it. `fault_s` is how long the fault was in force."""

    trial: str
    lane: str
    fault: str
    rate_rps: float
    valid: bool
    fault_s: float
    expected: Expected
    damage: Damage
    seconds: tuple[FaultSecond, ...]
    asks: tuple[Ask, ...]
