"""How often an orchestrator restarts a pod: so many misses in a row, as a kubelet counts them."""

from collections.abc import Iterator, Sequence

from harness.facts.faults import Ask, Orchestrator


def restarts(asks: Sequence[Ask], orchestrator: Orchestrator) -> tuple[int, ...]:
    """Return the restarts for each moment at which a kubelet may have begun to ask, one after another.

    It asks every `period_s`, and we asked more often: so each of its moments is one of ours. It restarts the pod at so
    many misses in a row, then counts anew.
    """
    step = max(1, round(orchestrator.period_s / orchestrator.every_s))
    return tuple(_restarts(asks[first::step], orchestrator.failures) for first in range(min(step, len(asks)) or 1))


def outages(asks: Sequence[Ask]) -> Iterator[tuple[Ask, Ask | None]]:
    """Yield each stretch without an answer in time: its first question, and the first that was answered after it."""
    first: Ask | None = None
    for ask in asks:
        if first is None and not ask.in_time:
            first = ask
        elif first is not None and ask.in_time:
            yield first, ask
            first = None
    if first is not None:
        yield first, None


def _restarts(asks: Sequence[Ask], failures: int) -> int:
    count = misses = 0
    for ask in asks:
        misses = 0 if ask.in_time else misses + 1
        if misses == failures:
            count, misses = count + 1, 0
    return count
