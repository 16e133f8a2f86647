"""Restarts as a kubelet counts them: so many misses in a row, so many seconds apart."""

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.facts.faults import Ask, Orchestrator
from harness.judge.orchestrator import outages, restarts
from harness.model.faults import restarts_of_outage

KUBELET = Orchestrator()
asks_of = st.lists(st.booleans(), min_size=1, max_size=120)


def asks(answered: list[bool], every_s: float = 1.0) -> list[Ask]:
    """Questions that were answered or not, one after another."""
    return [
        Ask(at_s=number * every_s, took_s=0.01, status=200 if good else None) for number, good in enumerate(answered)
    ]


def out(first: int, last: int, until: int) -> list[Ask]:
    """Questions of which those from the first up to the last, left out, are not answered."""
    return asks([not first <= second < last for second in range(until)])


def test_three_misses_ten_seconds_apart_are_a_restart_whenever_the_kubelet_began() -> None:
    assert restarts(out(5, 35, 60), KUBELET) == (1,) * 10


def test_an_outage_of_25_seconds_is_a_restart_only_where_three_questions_fall_into_it() -> None:
    found = restarts(out(10, 35, 60), KUBELET)

    assert found == (1, 1, 1, 1, 1, 0, 0, 0, 0, 0)


def test_an_answer_between_two_misses_begins_the_count_anew() -> None:
    rule = Orchestrator(period_s=1.0)

    assert restarts(asks([False, False, True, False, False]), rule) == (0,)
    assert restarts(asks([False, False, False, False, False]), rule) == (1,)
    assert restarts(asks([False] * 6), rule) == (2,)


def test_a_wrong_status_is_a_miss() -> None:
    rule = Orchestrator(period_s=1.0, failures=1)

    assert restarts([Ask(at_s=0, took_s=0.01, status=503)], rule) == (1,)


@settings(max_examples=50)
@given(asks_of, st.integers(1, 5))
def test_more_patience_never_means_more_restarts(answered: list[bool], failures: int) -> None:
    less, more = (Orchestrator(failures=number) for number in (failures, failures + 1))

    assert all(a >= b for a, b in zip(restarts(asks(answered), less), restarts(asks(answered), more), strict=True))


@settings(max_examples=50)
@given(st.integers(0, 60), st.integers(1, 5))
def test_the_worst_moment_of_an_outage_is_what_was_expected_of_one_as_long(seconds: int, failures: int) -> None:
    rule = Orchestrator(failures=failures)

    # an outage of n questions, a second apart, has lasted for more than n - 1 seconds
    expected = restarts_of_outage(max(0.0, seconds - 0.5), rule)
    assert max(restarts(out(20, 20 + seconds, 100), rule)) == expected


def test_outages_are_told_by_their_first_miss_and_the_first_answer_after_it() -> None:
    found = [(first.at_s, back and back.at_s) for first, back in outages(asks([True, False, False, True, False]))]

    assert found == [(1.0, 3.0), (4.0, None)]
