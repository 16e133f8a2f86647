"""The doubts about a comparison, in words."""

from collections.abc import Iterator, Mapping

from harness.compare.sides import Side

POINT_VALUES = {
    "locust": "One trial a side allows no verdict: better and worse compare two values, not what chance would do.",
    "run": "Counts are sums and all else is the median over the valid trials of a point. Better and worse compare two "
    "values; they are no verdict.",
}
THIN = (
    "* marks a thin percentile: on a side, fewer than ten requests lie beyond it, so a few slow requests can move it."
)


def notes(a: Side, b: Side, thin: bool) -> tuple[str, ...]:
    """Return every doubt about two sides of one kind, each as a sentence; `thin`: a percentile is marked."""
    return (POINT_VALUES[a.kind], *_of_sides(a, b), *_differences(a, b), *([THIN] if thin else []))


def _of_sides(a: Side, b: Side) -> Iterator[str]:
    """Yield the notes of the sides, one that holds for both only once."""
    for note in dict.fromkeys([*a.notes, *b.notes]):
        whose = [name for name, side in (("A", a), ("B", b)) if note in side.notes]
        yield f"{' and '.join(whose)}: {note}."


def _differences(a: Side, b: Side) -> Iterator[str]:
    """Yield what the two runs were measured with, where both say it and it is not alike."""
    ours, theirs = _circumstances(a), _circumstances(b)
    changed = [name for name in ours if name in theirs and ours[name] != theirs[name]]
    if changed:
        details = "; ".join(f"{name} {ours[name]} / {theirs[name]}" for name in changed)
        yield f"A and B were not measured alike: {details}."


def _circumstances(side: Side) -> Mapping[str, str]:
    scenario = {"scenario": side.scenario}
    return {**scenario, "delay": side.info.delay, **side.info.machine, **side.info.versions} if side.info else scenario
