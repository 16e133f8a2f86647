"""The same random requests, sent to both live apps, get the same answers after the same number of upstream calls."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from live_servers import Answer, Server, Twins
from random_requests import Request, any_requests, waiting_requests

# Each fault, and the status of a request whose first call it hits.
FAULTS: dict[str, tuple[dict[str, object], int]] = {
    "error": ({"kind": "error"}, 502),
    "web page": ({"kind": "garbage", "body": "not-json"}, 502),
    "wrong shape": ({"kind": "garbage", "body": "wrong-shape"}, 502),
    "reset": ({"kind": "reset"}, 502),
    "slow": ({"kind": "slow", "extra_s": 0.05}, 200),
    "too slow": ({"kind": "slow", "extra_s": 0.8}, 504),
    "hang": ({"kind": "hang"}, 504),
    "brown-out": ({"kind": "brown-out", "extra_s": 0.02}, 502),
}


def examples(count: int) -> settings:
    """The same examples in every run, so that a failure is a difference between the apps and never luck."""
    return settings(max_examples=count, deadline=None, derandomize=True)


@given(request=any_requests)
@examples(300)
def test_any_request_gets_the_same_answer_from_both(twins: Twins, stubs: Twins, request: Request) -> None:
    assert asked(twins.flask, stubs.flask, request) == asked(twins.quart, stubs.quart, request)


@pytest.mark.parametrize(("fault", "expected"), FAULTS.values(), ids=FAULTS)
def test_under_each_fault_any_request_gets_the_same_answer_from_both(
    twins: Twins, stubs: Twins, fault: dict[str, object], expected: int
) -> None:
    @given(request=waiting_requests)
    @examples(6 if expected == 504 else 20)
    def same_answers(request: Request) -> None:
        assert asked(twins.flask, stubs.flask, request) == asked(twins.quart, stubs.quart, request)

    with in_force(stubs, fault | {"share": 0.5}):
        same_answers()


@pytest.mark.parametrize(("fault", "expected"), FAULTS.values(), ids=FAULTS)
def test_a_request_whose_call_is_hit_is_answered_after_no_further_call(
    app: Server, stub: Server, fault: dict[str, object], expected: int
) -> None:
    request = Request("/api/sun/97201/us", "GET", (), b"")

    with in_force([stub], fault | {"share": 1}):
        answer, calls = asked(app, stub, request)

    assert answer.status == expected
    assert calls == (2 if expected == 200 else 1)


@contextmanager
def in_force(stubs: Iterable[Server], *faults: dict[str, object]) -> Iterator[None]:
    """Set faults at the stubs while the block runs."""
    for stub in stubs:
        assert stub.ask("/control/faults", "PUT", body=json.dumps(faults).encode()).status == 200
    try:
        yield
    finally:
        for stub in stubs:
            stub.ask("/control/faults", "PUT", body=b"[]")


def asked(app: Server, stub: Server, request: Request) -> tuple[Answer, int]:
    """Return the app's answer and the number of upstream calls that it made for it."""
    before = calls_of(stub)
    answer = app.ask(*request)
    assert "x-app" in answer.headers, "the server answered, not the app"
    return answer, calls_of(stub) - before


def calls_of(stub: Server) -> int:
    """Return how many calls the stub has counted."""
    return sum(json.loads(stub.ask("/control/stats").body)["calls"].values())
