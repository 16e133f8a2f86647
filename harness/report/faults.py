"""What each fault cost each lane, seen beside expected, and how much it answers in time at each rate."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from harness.document.numbers import ABSENT, count, figure, percent
from harness.document.table import LANE, Cells, Column, Table, table
from harness.facts.faults import Damage, Expected, UnderFault
from harness.facts.run import Run

TITLE = "When things go wrong"
ABOUT = (
    "Seen, and in brackets what theory expected before the trial. Medians over the valid trials of a lane, or over all "
    "where none is valid (marked *).",
    "Lost: arrivals of the window without a right answer within their caller's patience; of other routes: "
    "of those that do not call what is sick. Seconds count from the beginning of the fault. Out: how long /health was "
    "not answered in time, asked once a second; restarts: those of a kubelet that began to ask at the worst moment. "
    "Recovered: from when on p95 is back within a tenth of that before the fault. Zombie calls: upstream calls that "
    "began when the caller of their request had hung up.",
)


ABOUT_GOODPUT = (
    "Goodput: arrivals a second that had a right answer within their caller's patience, over the whole window. Medians "
    "over the valid trials of a lane, or over all where none is valid (marked *)."
)


@dataclass(frozen=True)
class Together:
    """The trials of one lane under one fault at one rate."""

    trials: tuple[UnderFault, ...]

    @property
    def name(self) -> str:
        """The lane, marked where none of its trials is valid."""
        first = self.trials[0]
        return first.lane if first.valid else f"{first.lane} *"

    @property
    def rate_rps(self) -> float:
        """Arrivals a second, before the fault."""
        return self.trials[0].rate_rps

    @property
    def offered_rps(self) -> float:
        """Arrivals a second that there were: chance makes them a little more or fewer than the rate."""
        return median(fmean(second.offered for second in one.seconds) for one in self.trials)

    @property
    def goodput_rps(self) -> float:
        """Good answers in time a second, of the window's whole seconds."""
        return median(fmean(second.good for second in one.seconds) for one in self.trials)

    def seen(self, read: Callable[[Damage], float | None]) -> float | None:
        """Return the median of a figure; None where any trial has none."""
        values = [read(one.damage) for one in self.trials]
        return median(value for value in values if value is not None) if None not in values else None

    def expected(self, read: Callable[[Expected], float | None]) -> float | None:
        """Return the median of what was expected; None where any trial expects that it does not happen."""
        values = [read(one.expected) for one in self.trials]
        return median(value for value in values if value is not None) if None not in values else None


def together(run: Run) -> list[Together]:
    """Return all trials under faults, those of a lane, fault and rate together: fault by fault, lane by lane."""
    groups: dict[tuple[str, str, float], list[UnderFault]] = {}
    lanes, names = list(run.info.config.lanes), list(run.info.config.faults)
    for one in sorted(run.under_faults, key=lambda one: (names.index(one.fault), one.rate_rps, lanes.index(one.lane))):
        groups.setdefault((one.fault, one.lane, one.rate_rps), []).append(one)
    return [Together(tuple([one for one in group if one.valid] or group)) for group in groups.values()]


def _damaged(run: Run) -> list[Together]:
    return [group for group in together(run) if not run.info.config.faults[group.trials[0].fault].is_steady]


def steady(run: Run) -> dict[tuple[str, str], list[Together]]:
    """Return what was measured at several rates without a change, by fault and lane, the lowest rate first."""
    found: dict[tuple[str, str], list[Together]] = {}
    for group in together(run):
        if run.info.config.faults[group.trials[0].fault].is_steady:
            found.setdefault((group.trials[0].fault, group.trials[0].lane), []).append(group)
    return found


def damage_table(run: Run) -> Table:
    """Return a row for each lane under each fault at each rate; none of a steady load."""
    return table(CELLS, _damaged(run))


def goodput_table(run: Run) -> Table:
    """Return a row for each lane at each rate of every steady load."""
    return goodput_rows([group for groups in steady(run).values() for group in groups])


def goodput_rows(groups: Sequence[Together]) -> Table:
    """Return a row for each of these lanes and rates."""
    return table(GOODPUT, groups)


def goodput_sentences(run: Run) -> Iterator[str]:
    """Yield, lane by lane, the most that it answers in time, and what is left of that at the highest rate."""
    for (fault, lane), groups in steady(run).items():
        best, last = max(groups, key=lambda group: group.goodput_rps), groups[-1]
        yield (
            f"Under {fault}: {lane} answers up to {_goodput(best)} in time; of "
            f"{count(last.rate_rps)} arrivals/s it answers {figure(last.goodput_rps)}/s{_doubt(last)}."
        )


def sentences(run: Run) -> Iterator[str]:
    """Yield, fault by fault, what became of /health: who would have been restarted, and who would not."""
    groups = _damaged(run)
    for name in dict.fromkeys(group.trials[0].fault for group in groups):
        alike = [group for group in groups if group.trials[0].fault == name]
        out = [group for group in alike if group.seen(lambda damage: damage.outage_s)]
        well = [group for group in alike if group not in out]
        said = [f"{_who(group)} did not answer /health for {_seconds(group)}{_restarted(group)}" for group in out]
        if well:
            always = ", ".join(dict.fromkeys(group.trials[0].lane for group in well))
            said.append(f"{always} always answered in time" if out else "every lane answered /health in time")
        yield f"Under {name}: {'; '.join(said)}."


def _goodput(group: Together) -> str:
    return f"{figure(group.goodput_rps)}/s of {count(group.rate_rps)} arrivals/s{_doubt(group)}"


def _doubt(group: Together) -> str:
    return "" if group.trials[0].valid else " (no trial of it is valid)"


def _who(group: Together) -> str:
    return f"{group.trials[0].lane} at {count(group.rate_rps)}/s"


def _seconds(group: Together) -> str:
    return f"{figure(group.seen(lambda damage: damage.outage_s))} s"


def _restarted(group: Together) -> str:
    times = group.seen(lambda damage: damage.restarts) or 0
    return f", and would have been restarted {'once' if times == 1 else f'{count(times)} times'}" if times else ""


def _both(seen: str, expected: str) -> str:
    return f"{seen} ({expected})"


def _share(part: Callable[[Damage], int], whole: Callable[[Damage], int]) -> Callable[[Together], str]:
    return lambda group: percent(group.seen(lambda damage: part(damage) / whole(damage) if whole(damage) else None))


def _outage(group: Together) -> str:
    dead, back = group.expected(lambda one: one.dead_s), group.expected(lambda one: one.back_s)
    expected = "0" if dead is None else ABSENT if back is None else figure(back - dead)
    return _both(figure(group.seen(lambda damage: damage.outage_s)), expected)


def _moment(
    read: Callable[[Damage], float | None], foreseen: Callable[[Expected], float | None]
) -> Callable[[Together], str]:
    def text(group: Together) -> str:
        expected = group.expected(foreseen)
        return _both(figure(group.seen(read)), ABSENT if expected is None else figure(expected))

    return text


CELLS: Cells[Together] = (
    (Column("fault", numeric=False), lambda group: group.trials[0].fault),
    (LANE, lambda group: group.name),
    (Column("arrivals/s", lines="per s"), lambda group: count(group.rate_rps)),
    (Column("lost"), lambda group: count(group.seen(lambda damage: damage.lost))),
    (Column("lost %", wide=True), _share(lambda damage: damage.lost, lambda damage: damage.offered)),
    (
        Column("of other routes %", wide=True),
        _share(lambda damage: damage.other_lost, lambda damage: damage.other_offered),
    ),
    (Column("/health in time %", wide=True), _share(lambda damage: damage.in_time, lambda damage: damage.asked)),
    (Column("/health out s", lines="out s"), _outage),
    (
        Column("restarts"),
        lambda group: _both(
            count(group.seen(lambda damage: damage.restarts)), count(group.expected(lambda one: one.restarts))
        ),
    ),
    (Column("longest gap s", wide=True), lambda group: figure(group.seen(lambda damage: damage.longest_gap_s))),
    (Column("dead after s", wide=True), _moment(lambda damage: damage.dead_s, lambda one: one.dead_s)),
    (Column("recovered s"), _moment(lambda damage: damage.recovered_s, lambda one: one.recovered_s)),
    (Column("most in flight", wide=True), lambda group: count(group.seen(lambda damage: damage.most_in_flight))),
    (Column("zombie calls", wide=True), lambda group: count(group.seen(lambda damage: damage.zombie_calls))),
)

GOODPUT: Cells[Together] = (
    (Column("fault", numeric=False), lambda group: group.trials[0].fault),
    (LANE, lambda group: group.name),
    (Column("arrivals/s"), lambda group: count(group.rate_rps)),
    (Column("goodput/s"), lambda group: figure(group.goodput_rps)),
    (Column("lost %"), _share(lambda damage: damage.lost, lambda damage: damage.offered)),
    (Column("/health in time %", wide=True), _share(lambda damage: damage.in_time, lambda damage: damage.asked)),
    (Column("most in flight", wide=True), lambda group: count(group.seen(lambda damage: damage.most_in_flight))),
    (Column("zombie calls"), lambda group: count(group.seen(lambda damage: damage.zombie_calls))),
)
