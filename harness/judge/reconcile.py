"""Whether the stub saw the calls that the answers require."""

from collections import Counter
from collections.abc import Mapping, Sequence

from harness.facts.config import Phases, Route
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
    id takes the count apart from the requests.
    """
    required = {route.path: _calls(route.upstream) for route in routes if route.upstream is not None}
    if len(required) < len(routes):
        return []
    seen = calls_by_id(calls)
    strange = [
        f"{request_id} ({outcome}): {dict(seen.get(request_id, Counter()))} calls, not {dict(required[route])}"
        for request_id, route, outcome in zip(requests.id, requests.route, requests.outcome, strict=True)
        if not _agrees(str(outcome), seen.get(request_id, Counter()), required[route])
    ]
    strangers = seen.keys() - set(requests.id) - {WITHOUT_ID}
    strange += [f"{request_id}: calls of no request that was sent" for request_id in sorted(strangers)]
    return strange


def _calls(phases: Phases) -> Counter[str]:
    return Counter(endpoint for phase in phases for endpoint in phase)


def _agrees(outcome: str, seen: Counter[str], required: Counter[str]) -> bool:
    return seen == required if outcome == "ok" else seen <= required


def delivered(requests: Requests, calls: Calls, routes: Sequence[Route]) -> list[tuple[float, float]]:
    """Return critical path and sum of the delivered delays, in s, for each good answer; nothing where not known."""
    phases = {route.path: route.upstream for route in routes if route.upstream is not None}
    if len(phases) < len(routes):
        return []
    took = delays_by_id(calls)
    return [
        _path_and_sum(phases[route], took.get(request_id, {}))
        for request_id, route, outcome in zip(requests.id, requests.route, requests.outcome, strict=True)
        if outcome == "ok"
    ]


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
