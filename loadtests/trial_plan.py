"""When a trial does what, on CLOCK_MONOTONIC."""

from dataclasses import dataclass
from typing import Any

from loadtests.arrivals import Arrivals
from loadtests.scenarios import Route, Target, spread

CONNECT_S = 0.002  # between two users


@dataclass(frozen=True)
class TrialPlan:
    """What the harness asks of one trial: whom to load, how, how long, and where to write the rows.

    Users connect by asking for `ready`, one after another. In closed load they then start spread over `spread_s`, and
    `pace_s` is the least time between two requests of one of them. In open load they are the senders, idle until an
    arrival is due: `users` caps what is in flight. After `warmup_s` the window opens for `window_s`; sending goes
    on for `after_s`; then nothing more falls due, and answers are awaited for at most `drain_s`.
    """

    target: Target
    ready: str
    cycle: tuple[Route, ...]
    users: int
    spread_s: float
    warmup_s: float
    window_s: float
    after_s: float
    drain_s: float
    out: str
    arrivals: Arrivals | None = None
    pace_s: float = 0.0

    @classmethod
    def parse(cls, plan: dict[str, Any]) -> "TrialPlan":
        """Return the plan that the harness gave as JSON."""
        fields = {key: plan[key] for key in ("users", "spread_s", "warmup_s", "window_s", "after_s", "drain_s", "out")}
        arrivals = plan.get("arrivals")
        return cls(
            target=Target(plan["url"], plan["identity"]),
            ready=plan["ready"],
            cycle=spread([Route(**route) for route in plan["routes"]]),
            arrivals=Arrivals(**arrivals) if arrivals else None,
            pace_s=plan.get("pace_s", 0.0),
            **fields,
        )


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

    def connect_s(self, user: int) -> float:
        """Return when a user opens its connection: one after another, before the load."""
        return self.start_s - CONNECT_S * (self.plan.users - user)

    def first_request_s(self, user: int) -> float:
        """Return when a user sends the first request: users start evenly spread, not together."""
        return self.start_s + self.plan.spread_s * user / self.plan.users
