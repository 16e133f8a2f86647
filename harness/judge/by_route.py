"""What each route of a mix, or each name of a user's own locustfile, did: counted by trial, compared over blocks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from harness.facts.config import Primary
from harness.facts.figures import too_few_beyond
from harness.facts.point import Place
from harness.facts.route import OfRoute, RouteCounts
from harness.facts.trial import Trial
from harness.judge.rows import Flags, Requests
from harness.judge.statistics import geometric_mean, paired_ratio

Counts = Mapping[str, Sequence[RouteCounts]]  # by trial
ByBlock = Mapping[int, RouteCounts]


def counts_of_routes(requests: Requests, window: Flags, window_s: float) -> tuple[RouteCounts, ...]:
    """Return what each route did in the window; nothing where there is one alone, since it is all of it."""
    labels = np.asarray(requests.route, dtype=object)
    names = sorted(set(labels[window].tolist()))
    return tuple(_counted(name, requests, window & (labels == name), window_s) for name in names if len(names) > 1)


def _counted(route: str, requests: Requests, which: Flags, window_s: float) -> RouteCounts:
    good = which & requests.are("ok")
    latency_ms, lost = np.sort(requests.latency_s[good]) * 1000, int(np.sum(which & ~good))
    return RouteCounts(
        route=route,
        ok=len(latency_ms),
        lost=lost,
        throughput_rps=len(latency_ms) / window_s,
        p50_ms=_percentile(latency_ms.tolist(), lost, 50),
        p95_ms=_percentile(latency_ms.tolist(), lost, 95),
    )


def _percentile(good_ms: Sequence[float], lost: int, percent: float) -> float | None:
    """Return a percentile by nearest rank, lost requests being slowest; None where it is lost, or about luck."""
    every = len(good_ms) + lost
    rank = int(np.ceil(percent / 100 * every))
    return None if too_few_beyond(percent, every) or rank > len(good_ms) else good_ms[rank - 1]


def of_routes(trials: Sequence[Trial], counts: Counts, primaries: Iterable[Primary]) -> tuple[OfRoute, ...]:
    """Return each route on both lanes of each pair that is judged, at its point, with the ratio over paired blocks.

    Exploratory: each interval is of 95 % by itself, and no route has a verdict of its own.
    """
    pairs = dict.fromkeys((pair.places[0], pair.places[1]) for pair in primaries)
    return tuple(row for ours, theirs in pairs for row in _of_pair(ours, theirs, trials, counts))


def _of_pair(ours: Place, theirs: Place, trials: Sequence[Trial], counts: Counts) -> Iterator[OfRoute]:
    lane, baseline = _by_route(ours, trials, counts), _by_route(theirs, trials, counts)
    for route in sorted({*lane, *baseline}):
        yield _row(route, theirs, baseline.get(route, {}), {})
        yield _row(route, ours, lane.get(route, {}), baseline.get(route, {}))


def _by_route(place: Place, trials: Sequence[Trial], counts: Counts) -> dict[str, dict[int, RouteCounts]]:
    found: dict[str, dict[int, RouteCounts]] = {}
    for trial in trials:
        if trial.place == place and trial.status == "valid":
            for one in counts.get(trial.trial, ()):
                found.setdefault(one.route, {})[trial.block] = one
    return found


def _row(route: str, place: Place, blocks: ByBlock, baseline: ByBlock) -> OfRoute:
    both = [(blocks[block].p95_ms, baseline[block].p95_ms) for block in sorted(blocks.keys() & baseline.keys())]
    ratio = paired_ratio([(ours, theirs) for ours, theirs in both if ours and theirs])
    every = blocks.values()
    throughput = geometric_mean(one.throughput_rps for one in every)
    p50, p95 = geometric_mean(one.p50_ms for one in every), geometric_mean(one.p95_ms for one in every)
    return OfRoute(
        route=route,
        lane=place[0],
        point=place[1],
        blocks=len(blocks),
        throughput_rps=throughput.value if throughput else None,
        p50_ms=p50.value if p50 else None,
        p95_ms=p95.value if p95 else None,
        lost=sum(one.lost for one in every),
        ratio=ratio.value if ratio else None,
        low=ratio.low if ratio else None,
        high=ratio.high if ratio else None,
    )
