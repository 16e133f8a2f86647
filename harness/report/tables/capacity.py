"""What rate each lane holds, with what that costs, and every probe behind it."""

from collections.abc import Iterator
from dataclasses import dataclass

from harness.document.numbers import ABSENT, count, figure
from harness.document.table import LANE, Cells, Column, Table, table
from harness.facts.capacity import LaneCapacity, Probe
from harness.facts.point import Point
from harness.facts.run import Run
from harness.facts.summary import PointSummary
from harness.judge.bottleneck import bottleneck


@dataclass(frozen=True)
class Answer:
    """What a lane holds, what it did at that rate, and what held it back at the lowest rate that it misses."""

    found: LaneCapacity
    there: PointSummary | None
    held_back_by: str

    @property
    def mib_per_100(self) -> float | None:
        """Memory for 100 requests a second."""
        if self.there is None or self.there.pss_mib is None or not self.found.held_rps:
            return None
        return 100 * self.there.pss_mib / self.found.held_rps


OF_A_LANE: Cells[Answer] = (
    (LANE, lambda answer: answer.found.lane),
    (Column("holds, arrivals/s"), lambda answer: figure(answer.found.held_rps)),
    (Column("misses, arrivals/s"), lambda answer: figure(answer.found.missed_rps)),
    (Column("the model named"), lambda answer: figure(answer.found.named_rps)),
    (Column("held back by", numeric=False), lambda answer: answer.held_back_by),
    (Column("CPU ms/req"), lambda answer: figure(answer.there.cpu_ms_per_request if answer.there else None)),
    (Column("PSS MiB"), lambda answer: figure(answer.there.pss_mib if answer.there else None)),
    (Column("MiB for 100/s"), lambda answer: figure(answer.mib_per_100)),
)
OF_A_PROBE: Cells[tuple[str, Probe]] = (
    (LANE, lambda probe: probe[0]),
    (Column("probed, arrivals/s"), lambda probe: figure(probe[1].rate_rps)),
    (Column("found", numeric=False), lambda probe: probe[1].word),
    (Column("requests"), lambda probe: count(probe[1].requests)),
    (Column("beyond each bound"), lambda probe: ", ".join(map(count, probe[1].late))),
    (Column("blocks in which the backlog grew"), lambda probe: f"{probe[1].not_sustained} of {probe[1].valid}"),
)


def answers(run: Run) -> Iterator[Answer]:
    """Yield what each lane holds."""
    config = run.info.config
    for found in run.held_rates:
        there = _at(run, found.lane, found.held_rps)
        rate = found.missed_rps or found.held_rps
        trials = [trial for trial in run.trials if rate and trial.place == (found.lane, Point("open", rate))]
        cause = bottleneck(trials, config.lanes[found.lane], config.validity, config.bottleneck)
        yield Answer(found, there, cause.cause if cause else ABSENT)


def capacity_table(run: Run) -> Table:
    """Return each lane with the rate that it holds; no rows in a run that did not search for it."""
    return table(OF_A_LANE, answers(run))


def probes_table(run: Run) -> Table:
    """Return every probe, lane by lane, by rate."""
    return table(OF_A_PROBE, ((found.lane, probe) for found in run.held_rates for probe in found.probes))


def _at(run: Run, lane: str, rate: float | None) -> PointSummary | None:
    """Return what a lane did at a rate."""
    return next((one for one in run.summaries if rate and (one.lane, one.point) == (lane, Point("open", rate))), None)
