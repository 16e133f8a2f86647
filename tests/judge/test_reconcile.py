"""The stub's calls against the outcomes, id by id."""

from dataclasses import replace

import pytest
from trials import ROUTE, calls_for, closed_load, requests

from harness.facts.routes import Route
from harness.judge.reconcile import delivered, disagreements
from harness.judge.rows import Calls

SEEN = closed_load(4, 0.2)
SUN_ONLY = Route(path=ROUTE.path, upstream=(("sun",),))


def test_exactly_the_required_calls_agree() -> None:
    assert disagreements(SEEN, calls_for(SEEN), [ROUTE]) == []


def test_a_call_too_many_or_too_few_is_named_with_its_request() -> None:
    right = calls_for(SEEN)
    doubled = replace(right, id=["0-3", *right.id], endpoint=["sun", *right.endpoint])
    missing = replace(right, id=right.id[1:], endpoint=right.endpoint[1:])

    assert [text.split(" ")[0] for text in disagreements(SEEN, doubled, [ROUTE])] == ["0-3"]
    assert [text.split(" ")[0] for text in disagreements(SEEN, missing, [ROUTE])] == [right.id[0]]


def test_a_failed_or_censored_request_may_have_made_some_of_its_calls_but_no_more() -> None:
    seen = requests(["a", "b", "c"], [10, 10, 10], [1, 1, 1], ["failed", "censored", "failed"])
    some = Calls(
        ["a", "c", "c", "c"], ["location", "location", "sun", "sun"], [0.0] * 4, [0.1] * 4, [0.1, 0.1, 0.1, None]
    )

    assert [text.split(" ")[0] for text in disagreements(seen, some, [ROUTE])] == ["c"]


def test_calls_of_a_request_that_was_never_sent_are_found() -> None:
    strange = Calls(["z"], ["sun"], [0.0], [0.1], [0.1])

    assert disagreements(requests([], [], []), strange, [ROUTE]) == ["z: calls of no request that was sent"]


def test_the_delivered_critical_path_takes_the_longer_of_calls_made_together() -> None:
    city = Route(path=ROUTE.path, upstream=(("location",), ("sun", "weather")))
    seen = requests(["a"], [10], [1])
    calls = Calls(["a"] * 3, ["location", "sun", "weather"], [0.0] * 3, [0.1] * 3, [0.1, 0.3, 0.2])

    ((path_s, sum_s),) = delivered(seen, calls, [city])

    assert path_s == pytest.approx(0.4)
    assert sum_s == pytest.approx(0.6)


def test_an_endpoint_that_is_called_twice_counts_twice() -> None:
    twice = Route(path=ROUTE.path, upstream=(("sun",), ("sun",)))
    calls = Calls(["a"] * 2, ["sun", "sun"], [0.0] * 2, [0.1] * 2, [0.1, 0.3])

    ((path_s, sum_s),) = delivered(requests(["a"], [10], [1]), calls, [twice])

    assert path_s == pytest.approx(0.4)
    assert sum_s == pytest.approx(0.4)


def test_nothing_is_said_of_a_route_whose_calls_are_not_known() -> None:
    assert delivered(SEEN, calls_for(SEEN), [Route(path=ROUTE.path)]) == []


def without_ids(calls: Calls) -> Calls:
    return replace(calls, id=[""] * len(calls.id))


def test_calls_of_an_app_that_forwards_no_id_must_agree_in_total() -> None:
    right = without_ids(calls_for(SEEN))
    fewer = replace(right, id=right.id[1:], endpoint=right.endpoint[1:])
    more = replace(right, id=["", *right.id], endpoint=["sun", *right.endpoint])
    good = len(SEEN.id)

    assert disagreements(SEEN, right, [ROUTE]) == []
    assert disagreements(SEEN, fewer, [ROUTE]) == [f"{good - 1} calls of location, not {good}"]
    assert disagreements(SEEN, more, [ROUTE]) == [f"{good + 1} calls of sun, not {good}"]


def test_a_failed_request_of_such_an_app_may_have_made_its_calls_or_not() -> None:
    seen = requests(["a", "b"], [10, 10], [1, 1], ["ok", "failed"])

    def said(calls: int) -> list[str]:
        return disagreements(
            seen,
            without_ids(Calls([""] * calls, ["sun"] * calls, [0.0] * calls, [0.1] * calls, [0.1] * calls)),
            [SUN_ONLY],
        )

    assert said(1) == said(2) == []
    assert said(0) == ["a (ok): {} calls, not {'sun': 1}"]  # no call at all is missed by the request
    assert said(3) == ["3 calls of sun, not 1 to 2"]


def test_the_delays_of_such_an_app_are_those_of_the_mean_call() -> None:
    calls = without_ids(Calls(["", ""], ["sun", "sun"], [0.0, 0.0], [0.1, 0.3], [0.1, 0.3]))
    seen = requests(["a", "b"], [10, 10], [1, 1])

    assert delivered(seen, calls, [SUN_ONLY]) == [pytest.approx((0.2, 0.2))] * 2


def test_routes_of_one_path_are_told_apart_by_their_names() -> None:
    read = Route(path="/orders", upstream=(("sun",),))
    write = Route(path="/orders", method="POST", upstream=())
    seen = requests(["a", "b"], [10, 10], [1, 1])
    seen.route[:] = [read.label, write.label]
    calls = Calls(["a"], ["sun"], [0.0], [0.1], [0.1])

    assert (read.label, write.label) == ("/orders", "POST /orders")
    assert disagreements(seen, calls, [read, write]) == []
