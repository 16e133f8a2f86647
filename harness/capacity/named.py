"""The rate that the model names: the highest at which a lane is predicted to keep every latency of an SLO."""

from collections.abc import Mapping

from harness.capacity.search import rounded
from harness.facts.run import Run
from harness.facts.slo import Slo
from harness.model.calibrate import Calibrated, calibrate
from harness.model.latency import Upstream, highest_rate, sigma_of_longest
from harness.model.open_load import capacity
from harness.model.server import Served


def named_rates(run: Run, slo: Slo, longest: float) -> dict[str, float]:
    """Return the rate by lane, in arrivals/s; 0 where not even an idle lane is quick enough.

    `longest` is the longest expected delay of an upstream call over its mean.
    """
    return {lane: _named(known, slo, sigma_of_longest(longest)) for lane, known in calibrate(run).items()}


def _named(known: Calibrated, slo: Slo, sigma: float) -> float:
    server = known.server()
    upstream = Upstream(server.upstream_s, known.calls, sigma if known.calls else 0.0)
    bounds = [clause for clause in slo.clauses if clause.within_ms is not None]
    rates = [
        highest_rate(Served(server), upstream, 100 * (1 - clause.allowed), (clause.within_ms or 0.0) / 1000)
        for clause in bounds
    ]
    return rounded(min([*rates, capacity(server)]))


def tail_of(mean_s: Mapping[str, float], longest_s: Mapping[str, float]) -> float:
    """Return the largest ratio of longest to mean delay among the endpoints; 1 without any that waits."""
    return max((longest_s[name] / mean for name, mean in mean_s.items() if mean > 0), default=1.0)
