"""What a run's probes say: each lane's capacity, and what a load of that size takes in instances and money."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.capacity.probe import probe_of
from harness.facts.capacity import Exceeded, LaneCapacity, Probe
from harness.facts.slo import Slo
from harness.facts.trial import Trial

MILLION = 1e6
HOUR_S = 3600


def held_rates(
    trials: Sequence[Trial], seen: Mapping[str, Exceeded], slo: Slo, named: Mapping[str, float]
) -> tuple[LaneCapacity, ...]:
    """Return what the probes of each lane say; `seen` is by trial, `named` by lane (0: no rate keeps the SLO)."""
    probed = [trial for trial in trials if trial.load == "open" and trial.trial in seen]
    return tuple(
        LaneCapacity(lane=lane, slo=str(slo), named_rps=rate or None, probes=tuple(_probes(lane, probed, seen, slo)))
        for lane, rate in named.items()
    )


def _probes(lane: str, trials: Iterable[Trial], seen: Mapping[str, Exceeded], slo: Slo) -> list[Probe]:
    blocks: dict[float, list[tuple[Trial, Exceeded]]] = {}
    for trial in trials:
        if trial.lane == lane:
            blocks.setdefault(trial.point.level, []).append((trial, seen[trial.trial]))
    return [probe_of(rate, blocks[rate], slo) for rate in sorted(blocks)]


@dataclass(frozen=True)
class Needs:
    """How many instances, each as large as the one that was measured, serve a peak; and what a million requests cost.

    The cost is at the peak where there is one, else at the rate that one instance holds; None without a price.
    """

    instances: int | None
    per_million: float | None


def needs(held_rps: float, peak_rps: float | None, price_hour: float | None) -> Needs:
    """Return what is needed where one instance holds a rate; the price is that of one instance for an hour."""
    instances = None if peak_rps is None else math.ceil(round(peak_rps / held_rps, 9))
    rate = held_rps if peak_rps is None or instances is None else peak_rps / instances
    return Needs(instances, None if price_hour is None else price_hour / (rate * HOUR_S) * MILLION)
