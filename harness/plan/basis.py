"""What trials follow from that are planned once closed load has been measured."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.facts.config import Config, Profile
from harness.facts.routes import Scenario
from harness.plan.closed_load import Delays


@dataclass(frozen=True)
class Basis:
    """What a run is asked for, the upstream's delays, and each lane's best throughput of closed load in req/s."""

    config: Config
    profile: Profile
    scenario: Scenario
    delays: Delays
    capacity: Mapping[str, float]
