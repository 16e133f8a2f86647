"""What a search for the rate that keeps an SLO has found."""

from typing import Literal

from harness.facts.record import Record

Word = Literal["held", "missed", "unresolved"]


class Exceeded(Record):
    """One window's requests, and how many of them are beyond each clause of the SLO, in its order."""

    requests: int
    late: tuple[int, ...]


class Probe(Record):
    """One lane at one rate, over its blocks: `measured` of them, `valid` of which count.

    `late` is by clause of the SLO. `not_sustained` blocks are those in which the backlog grew.
    """

    rate_rps: float
    word: Word
    measured: int
    valid: int
    requests: int
    late: tuple[int, ...]
    not_sustained: int = 0


class LaneCapacity(Record):
    """A lane's probes by rate, and the rate that the model named; None where no rate keeps the SLO."""

    lane: str
    slo: str
    named_rps: float | None = None
    probes: tuple[Probe, ...] = ()

    @property
    def missed_rps(self) -> float | None:
        """The lowest rate that is missed."""
        return min((probe.rate_rps for probe in self.probes if probe.word == "missed"), default=None)

    @property
    def held_rps(self) -> float | None:
        """The highest rate that is held, below every rate that is missed."""
        missed = self.missed_rps
        held = [probe.rate_rps for probe in self.probes if probe.word == "held"]
        return max((rate for rate in held if missed is None or rate < missed), default=None)

    @property
    def contradicts(self) -> bool:
        """Whether a rate is held above one that is missed: the machine changed meanwhile."""
        missed = self.missed_rps
        return any(probe.word == "held" and missed is not None and probe.rate_rps > missed for probe in self.probes)
