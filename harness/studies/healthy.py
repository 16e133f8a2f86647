"""Made-up trials of closed load in which nothing is wrong: a rule of validity that rejects one is too strict."""

import math
from dataclasses import dataclass

import numpy as np
import scipy  # its parts load when they are used

from harness.facts.config import Bounds, Lane
from harness.facts.point import users
from harness.facts.routes import Route
from harness.judge.counting import count_trial
from harness.judge.counts import Sent, Watched
from harness.judge.rows import Calls, Evidence, Requests
from harness.judge.rule import Case
from harness.judge.trial_row import times, trial_row
from harness.plan.blocks import PlannedTrial
from harness.plan.closed_load import CPU_S
from harness.plan.timing import Timing, timing

EXPECTED = 0.9999  # longer waits, one in 10,000, are not to be expected
WINDOW_S = 2.5
LANE, ROUTE = Lane(command="{port}", slots="unbounded"), Route(path="/")


@dataclass(frozen=True)
class Healthy:
    """Users of closed load, mean and log deviation of their log-normal waits, and how long they rest between two."""

    users: int
    wait_s: float
    sigma: float
    idle_s: tuple[float, float] = (0.00005, 0.0002)  # what a generator that keeps up needs

    @property
    def timing(self) -> Timing:
        """How the plan would time such a trial, knowing the distribution of the waits."""
        longest_s = self.wait_s * math.exp(self.sigma * float(scipy.stats.norm.ppf(EXPECTED)) - self.sigma**2 / 2)
        return timing(max(self.wait_s, self.users * CPU_S), longest_s, WINDOW_S)


def healthy_case(kind: Healthy, bounds: Bounds, luck: np.random.Generator) -> Case:
    """Return a trial to be judged in which users do nothing but wait, as the harness would hand it to its rules."""
    requests = _requests(kind, luck)
    planned = PlannedTrial(1, "healthy", users(kind.users), kind.timing, kind.users)
    window = (kind.timing.warmup_s, kind.timing.warmup_s + kind.timing.window_s)
    evidence = Evidence(
        "closed", window, Sent(started=len(requests.id)), requests, Calls([], [], [], [], []), Watched()
    )
    observed = count_trial(planned, [ROUTE], evidence)
    trial = trial_row(
        planned,
        LANE,
        [ROUTE],
        observed,
        times(evidence),
        bounds,
        scenario="healthy",
        started_utc="2026-01-01T00:00:00Z",
    )
    return Case(observed, trial, LANE, [ROUTE], bounds)


def _requests(kind: Healthy, luck: np.random.Generator) -> Requests:
    """Return what users send from their first request, at their place in the spread, until the last is sent."""
    shape = (kind.users, 20 + math.ceil(2 * kind.timing.load_s / kind.wait_s))
    latency_s = kind.wait_s * luck.lognormal(-(kind.sigma**2) / 2, kind.sigma, shape)
    turns_s = latency_s + luck.uniform(*kind.idle_s, shape)
    first_s = kind.timing.spread_s * np.arange(kind.users) / kind.users
    start_s = first_s[:, np.newaxis] + np.cumsum(turns_s, axis=1) - turns_s
    sent = start_s < kind.timing.load_s
    count = int(sent.sum())
    return Requests(
        id=[f"{user}-{k}" for user, k in np.argwhere(sent).tolist()],
        route=[ROUTE.path] * count,
        start_s=start_s[sent],
        late_s=np.zeros(count),
        latency_s=latency_s[sent],
        outcome=np.full(count, "ok"),
        error=[""] * count,
        bytes=np.zeros(count),
        server_timing=[""] * count,
    )
