"""Whether the stub saw the calls that the answers require."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean

from harness.facts.routes import Phases, Route
from harness.judge.rows import Calls, Requests

EXAMPLES = 3
WITHOUT_ID = ""  # of readiness requests; an app that forwards no id is found by the calls that its answers lack


def calls_by_id(calls: Calls) -> dict[str, Counter[str]]:
    """Return how often each endpoint was called for each request id."""
    seen: dict[str, Counter[str]] = {}
    for request_id, endpoint in zip(calls.id, calls.endpoint, strict=True):
        seen.setdefault(request_id, Counter())[endpoint] += 1
    return seen


def disagreements(requests: Requests, calls: Calls, routes: Sequence[Route]) -> list[str]:
    """Return how the stub's calls differ from what the outcomes require; nothing where they agree or are not known.

    A good answer takes exactly its route's calls; a failed or censored request at most those; a call with an unknown
    id takes the count apart from the requests. Of an app that forwards no id, the totals must agree.
    """
    required = {route.label: _calls(route.upstream) for route in routes if route.upstream is not None}
    if len(required) < len(routes) or not routes:
        return []
    if not are_matched(calls):
        return list(_in_total(requests, calls, required))
    seen = calls_by_id(calls)
    strange = [
        f"{request_id} ({outcome}): {dict(seen.get(request_id, Counter()))} calls, not {dict(required[route])}"
        for request_id, route, outcome in zip(requests.id, requests.route, requests.outcome, strict=True)
        if not _agrees(str(outcome), seen.get(request_id, Counter()), required[route])
    ]
    strangers = seen.keys() - set(requests.id) - {WITHOUT_ID}
    strange += [f"{request_id}: calls of no request that was sent" for request_id in sorted(strangers)]
    return strange


def are_matched(calls: Calls) -> bool:
    """Say whether the calls bear ids of requests: no call at all is missed by the requests that need one."""
    return any(request_id != WITHOUT_ID for request_id in calls.id) or not calls.id


def _in_total(requests: Requests, calls: Calls, required: Mapping[str, Counter[str]]) -> Iterator[str]:
    """Yield each endpoint whose calls are fewer than the good answers take, or more than all requests do."""
    made, least, most = Counter(calls.endpoint), Counter[str](), Counter[str]()
    for route, outcome in zip(requests.route, requests.outcome, strict=True):
        most.update(required[route])
        least.update(required[route] if outcome == "ok" else ())
    for endpoint in sorted({*made, *most}):
        if not least[endpoint] <= made[endpoint] <= most[endpoint]:
            wanted = f"{least[endpoint]}" + (f" to {most[endpoint]}" if most[endpoint] > least[endpoint] else "")
            yield f"{made[endpoint]} calls of {endpoint}, not {wanted}"


def _calls(phases: Phases) -> Counter[str]:
    return Counter(endpoint for phase in phases for endpoint in phase)


def _agrees(outcome: str, seen: Counter[str], required: Counter[str]) -> bool:
    return seen == required if outcome == "ok" else seen <= required


def delivered(requests: Requests, calls: Calls, routes: Sequence[Route]) -> list[tuple[float, float]]:
    """Return critical path and sum of the delivered delays, in s, for each good answer; nothing where not known."""
    phases = {route.label: route.upstream for route in routes if route.upstream is not None}
    if len(phases) < len(routes) or not routes:
        return []
    took, usual = delays_by_id(calls), {} if are_matched(calls) else _mean_delays(calls)
    return [
        _path_and_sum(phases[route], took.get(request_id, {}) if not usual else _usual(phases[route], usual))
        for request_id, route, outcome in zip(requests.id, requests.route, requests.outcome, strict=True)
        if outcome == "ok"
    ]


def _mean_delays(calls: Calls) -> dict[str, float]:
    """Return the mean of each endpoint's delivered delays, in seconds, where no call can be told from another."""
    took: dict[str, list[float]] = {}
    for endpoint, seconds in zip(calls.endpoint, calls.delivered_s, strict=True):
        took.setdefault(endpoint, []).append(seconds or 0.0)
    return {endpoint: fmean(delays) for endpoint, delays in took.items()}


def _usual(phases: Phases, usual: Mapping[str, float]) -> dict[str, list[float]]:
    """Return the mean delays of a route's calls, as if they were its own."""
    return {endpoint: [usual.get(endpoint, 0.0)] * number for endpoint, number in _calls(phases).items()}


def _path_and_sum(phases: Phases, took: Mapping[str, Sequence[float]]) -> tuple[float, float]:
    left = {endpoint: iter(delays) for endpoint, delays in took.items()}
    waits = [[next(left.get(endpoint, iter(())), 0.0) for endpoint in phase] for phase in phases]
    return sum(max(phase) for phase in waits), sum(delay for phase in waits for delay in phase)


def delays_by_id(calls: Calls) -> dict[str, dict[str, list[float]]]:
    """Return the delivered delays by request id and endpoint, in seconds, in the order in which the calls began."""
    took: dict[str, dict[str, list[float]]] = {}
    for request_id, endpoint, seconds in zip(calls.id, calls.endpoint, calls.delivered_s, strict=True):
        took.setdefault(request_id, {}).setdefault(endpoint, []).append(seconds or 0.0)
    return took
