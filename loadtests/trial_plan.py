"""When a trial does what, on CLOCK_MONOTONIC."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from loadtests.arrivals import Arrivals, Surge
from loadtests.scenarios import NO_DATA, Requests, Route, Target

CONNECT_S = 0.002  # between two users
HEAD_START_S = 0.3  # from the timeline's announcement to the first connection: workers hear of it, users are made


@dataclass(frozen=True)
class Thinking:
    """How long a user thinks between an answer and the next request: `mean_s`, always or on average; seeded."""

    mean_s: float
    law: Literal["constant", "exponential"] = "constant"
    seed: str = "1"

    def seconds(self, user: int) -> Iterator[float]:
        """Yield a user's times, one after another, in seconds."""
        luck = random.Random(f"think {self.seed} {user}")
        while True:
            yield self.mean_s if self.law == "constant" else luck.expovariate(1 / self.mean_s)


@dataclass(frozen=True)
class Callers:
    """How long a caller of open load waits for an answer before it hangs up (None: as long as the trial lasts).

    And how often it then asks again.
    """

    timeout_s: float | None = None
    retries: int = 0


@dataclass(frozen=True)
class TrialPlan:
    """What the harness asks of one trial: whom to load, how, how long, and where to write the rows.

    Users connect by asking for `ready`, one after another, and send `setup`, for which they have `setup_s`. In closed
    load they then start spread over `spread_s`; `pace_s` is the least time between two requests of one of them, and
    `think` draws the time from an answer to the next request. In open load they are the senders, idle until an
    arrival is due: `users` caps what is in flight. After `warmup_s` the window opens for `window_s`; sending goes
    on for `after_s`; then nothing more falls due, and answers are awaited for at most `drain_s`. The clock of a
    worker is `ahead_s` before its master's.
    """

    target: Target
    ready: str
    requests: Requests
    users: int
    spread_s: float
    warmup_s: float
    window_s: float
    after_s: float
    drain_s: float
    out: str
    setup: tuple[Route, ...] = ()
    setup_s: float = 0.0
    arrivals: Arrivals | None = None
    pace_s: float = 0.0
    think: Thinking | None = None
    callers: Callers = field(default_factory=Callers)
    ahead_s: float = 0.0

    @classmethod
    def parse(cls, plan: dict[str, Any]) -> "TrialPlan":
        """Return the plan that the harness gave as JSON."""
        fields = {key: plan[key] for key in ("users", "spread_s", "warmup_s", "window_s", "after_s", "drain_s", "out")}
        arrivals, thinking, callers = plan.get("arrivals"), plan.get("think"), plan.get("callers")
        return cls(
            target=Target(plan["url"], plan["identity"]),
            ready=plan["ready"],
            requests=Requests(
                [Route(**route) for route in plan["routes"]], plan.get("data") or NO_DATA, plan.get("data_seed", "")
            ),
            setup=tuple(Route(**route) for route in plan.get("setup", ())),
            setup_s=plan.get("setup_s", 0.0),
            arrivals=_arrivals(**arrivals) if arrivals else None,
            callers=Callers(**callers) if callers else Callers(),
            pace_s=plan.get("pace_s", 0.0),
            think=Thinking(**thinking) if thinking else None,
            ahead_s=plan.get("ahead_s", 0.0),
            **fields,
        )


def _arrivals(surge: dict[str, float] | None = None, **usual: Any) -> Arrivals:
    return Arrivals(**usual, surge=Surge(**surge) if surge else None)


@dataclass(frozen=True)
class OwnPlan:
    """What the harness asks of a trial with the user's own locustfile: whom to load, how long, where to write rows."""

    url: str
    warmup_s: float
    window_s: float
    after_s: float
    drain_s: float
    out: str

    @classmethod
    def parse(cls, plan: dict[str, Any]) -> "OwnPlan":
        """Return the plan that the harness gave as JSON."""
        return cls(**{name: plan[name] for name in cls.__dataclass_fields__})


@dataclass(frozen=True)
class Timeline:
    """A plan placed in time; all in seconds of CLOCK_MONOTONIC."""

    plan: TrialPlan
    start_s: float

    @property
    def window(self) -> tuple[float, float]:
        """Return when the window opens and closes."""
        opens = self.start_s + self.plan.warmup_s
        return opens, opens + self.plan.window_s

    @property
    def load_s(self) -> float:
        """Return how long requests are sent: in warm-up and window, and a while after it."""
        return self.plan.warmup_s + self.plan.window_s + self.plan.after_s

    @property
    def last_s(self) -> float:
        """Return when the last request may be sent."""
        return self.start_s + self.load_s

    @property
    def give_up_s(self) -> float:
        """Return when an answer that is still missing is censored."""
        return self.last_s + self.plan.drain_s

    def in_window_s(self, start_s: float, end_s: float) -> float:
        """Return how many seconds of a stretch of time lie in the window."""
        opens, closes = self.window
        return max(0.0, min(end_s, closes) - max(start_s, opens))

    def connect_s(self, user: int) -> float:
        """Return when a user opens its connection: one after another, before the load."""
        return self.start_s - self.plan.setup_s - CONNECT_S * (self.plan.users - user)

    def first_request_s(self, user: int) -> float:
        """Return when a user sends the first request: users start evenly spread, not together."""
        return self.start_s + self.plan.spread_s * user / self.plan.users
