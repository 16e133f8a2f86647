"""The rate that the model names: the highest at which a lane is predicted to keep every latency of an SLO."""

import math
from collections.abc import Mapping

from harness.capacity.search import rounded
from harness.facts.run import Run
from harness.facts.slo import Slo
from harness.model.calibrate import Calibrated, calibrate
from harness.model.latency import Upstream, highest_rate
from harness.model.open_load import capacity
from harness.model.server import Served

EXTREME = 3.719  # standard deviations, beyond which a normal value in 10,000 lies: the longest delay that is expected


def named_rates(run: Run, slo: Slo, tail: float) -> dict[str, float]:
    """Return the rate by lane, in arrivals/s; 0 where not even an idle lane is quick enough.

    `tail` is the longest expected delay of an upstream call over its mean.
    """
    return {lane: _named(known, slo, sigma_of(tail)) for lane, known in calibrate(run).items()}


def _named(known: Calibrated, slo: Slo, sigma: float) -> float:
    server = known.server()
    upstream = Upstream(server.upstream_s, known.calls, sigma if known.calls else 0.0)
    bounds = [clause for clause in slo.clauses if clause.within_ms is not None]
    rates = [
        highest_rate(Served(server), upstream, 100 * (1 - clause.allowed), (clause.within_ms or 0.0) / 1000)
        for clause in bounds
    ]
    return rounded(min([*rates, capacity(server)]))


def sigma_of(tail: float) -> float:
    """Return the log-normal deviation of a delay whose 1 in 10,000 is `tail` times its mean; 0 where all are alike."""
    if tail <= 1:
        return 0.0
    room = EXTREME**2 - 2 * math.log(tail)
    return EXTREME - math.sqrt(room) if room > 0 else EXTREME


def tail_of(mean_s: Mapping[str, float], longest_s: Mapping[str, float]) -> float:
    """Return the largest ratio of longest to mean delay among the endpoints; 1 without any that waits."""
    return max((longest_s[name] / mean for name, mean in mean_s.items() if mean > 0), default=1.0)
