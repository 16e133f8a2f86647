"""The doubts about a comparison, in words."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from harness.compare.settings import different_circumstances
from harness.compare.sides import Mark, Side
from harness.facts.figures import ENOUGH_BEYOND, LEAST_BEYOND

ONE_TRIAL = "One trial a side allows no verdict: better and worse compare two values, not what chance would do."
REPEATED = (
    "Each report of a side is one repetition: counts are sums, the maximum is that of all, and all else the geometric "
    "mean. Primary are throughput and p95 of the row Aggregated, with p adjusted over both (Holm). What the reports do "
    "not say, nobody knows: whether they come from one machine, one version, one load."
)
SUMMED = (
    "Counts are sums, memory is the median and all else the geometric mean over the valid trials of a point. Better, "
    "worse and same beside a figure compare two values; that is no verdict."
)
WITHIN_A_RUN = (
    "The interval knows how blocks vary within a run, not how the machine varies from run to run: to exclude that, "
    "measure both as lanes of one run."
)
PRIMARY = (
    "Primary are the metrics that both runs declared, for both lanes of the pair at the verdict point, with p adjusted "
    "over these (Holm). All else is exploratory, adjusted over all else: it says where to look, and decides nothing."
)
NO_PRIMARY = (
    "No primary was declared in both runs, so every verdict is exploratory, with p adjusted over all of them (Holm): "
    "it says where to look, and decides nothing."
)
MARKS: dict[Mark, str] = {
    "few": "* marks a thin percentile: on a side, fewer than ten requests lie beyond it, so a few slow requests can "
    "move it.",
    "thin": f"~ marks a thin percentile: fewer than {ENOUGH_BEYOND} requests lie beyond it.",
    "too few": f"A percentile with fewer than {LEAST_BEYOND} requests beyond it is left out.",
    "at least": "\N{GREATER-THAN OR EQUAL TO} marks a percentile that failed or censored requests reach: it is at "
    "least as long, has no ratio, and is worse than any that they do not reach.",
}


def notes(a: Side, b: Side, marks: Collection[Mark], earlier: Sequence[Side] = ()) -> tuple[str, ...]:
    """Return every doubt about two sides of one kind, and of the runs before them, each as a sentence.

    `marks` are those in the common rows of the two.
    """
    marked = [note for mark, note in MARKS.items() if mark in marks]
    sides = {f"run {number}": side for number, side in enumerate(earlier, start=1)} | {"A": a, "B": b}
    return (*_figures(a, b), *_verdicts(a, b), *_of_sides(sides), *_differences(a, b), *marked)


def _figures(a: Side, b: Side) -> Iterator[str]:
    if a.replicates and b.replicates:
        yield REPEATED
    elif a.kind == "locust":
        yield ONE_TRIAL
    else:
        yield SUMMED


def _verdicts(a: Side, b: Side) -> Iterator[str]:
    if not (a.repeated and b.repeated):
        return
    from harness.compare.verdicts import primaries_of  # statistics: only where there are verdicts

    if a.kind == "locust":
        yield _rule("reports", "reports")
        return
    yield _rule("valid blocks", "blocks")
    yield WITHIN_A_RUN
    yield PRIMARY if primaries_of(a) & primaries_of(b) else NO_PRIMARY


def _rule(compared: str, repetitions: str) -> str:
    """Return how verdicts are made: what is compared, and what the repetitions of a side are called."""
    from harness.judge.statistics import EQUIVALENCE, SIGNIFICANCE
    from harness.judge.verdict import LEAST_PAIRS

    return (
        f"Verdicts compare the {compared} of B with those of A, unpaired (Welch's t on the logs): equivalent if the "
        f"90 % interval of B/A lies within a ratio of {EQUIVALENCE} either way, else better or worse if the adjusted p "
        f"is at most {SIGNIFICANCE}, else inconclusive; always inconclusive with fewer than {LEAST_PAIRS} "
        f"{repetitions} on a side, or where one lacks the figure."
    )


def _of_sides(sides: Mapping[str, Side]) -> Iterator[str]:
    """Yield the notes of the sides, one that holds for several only once."""
    for note in dict.fromkeys(note for side in sides.values() for note in side.notes):
        whose = [name for name, side in sides.items() if note in side.notes]
        yield f"{' and '.join(whose)}: {note}."


def _differences(a: Side, b: Side) -> Iterator[str]:
    """Yield what the two sides were measured with, where both say it and it is not alike."""
    if a.users and b.users and a.users != b.users:
        yield f"A had {a.users:,g} users at most, B {b.users:,g}: what differs may be the load."
    if changed := different_circumstances(a, b):
        yield f"A and B were not measured alike: {'; '.join(changed)}."
