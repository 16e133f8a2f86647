"""What a fault cost, from made-up arrivals and answers of /health."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trials import ROUTE, requests

from harness.facts.faults import Ask, Fault, Injected, Orchestrator, Trouble
from harness.facts.routes import Route
from harness.judge.counts import Sent, Watched
from harness.judge.damage import arrivals, damage, fault_seconds, longest_gap_s, recovered_s, zombie_calls
from harness.judge.rows import Calls, Evidence, Requests

FAULT = Fault(inject=(Injected(kind="hang", endpoint="location"),), start_s=2.0, length_s=3.0, patience_s=1.0)
BEGAN_S = 12.0  # the window opens at 10
NO_CALLS = Calls([], [], [], [], [])
OTHER = Route(path="/other", upstream=(("weather",),))


def every_half_second(latency_s: dict[int, float]) -> Requests:
    """Two arrivals a second for ten seconds, answered in 0.1 s but for those that are due in these seconds."""
    due = [10.0 + number / 2 for number in range(20)]
    took = [latency_s.get(int(moment) - 10, 0.1) for moment in due]
    return requests([str(number) for number in range(20)], due, took)


def of(seen: Requests, asks: tuple[Ask, ...] = (), calls: Calls = NO_CALLS) -> Evidence:
    trouble = Trouble(set_s=2.0, cleared_s=5.0, asks=asks)
    return Evidence("open", (10.0, 20.0), Sent(started=len(seen.id)), seen, calls, Watched(trouble=trouble))


def asked(answered: str) -> tuple[Ask, ...]:
    return tuple(
        Ask(at_s=float(number), took_s=0.01 if sign == "+" else 1.0, status=200 if sign == "+" else None)
        for number, sign in enumerate(answered)
    )


def test_an_answer_beyond_the_callers_patience_is_lost_and_shows_in_its_second() -> None:
    seen = every_half_second({3: 5.0, 4: 5.0})
    found = arrivals(seen, [ROUTE], FAULT, BEGAN_S)
    seconds = fault_seconds(found, 8.0, FAULT)

    assert [second.offered for second in seconds] == [2] * 10
    assert [second.good for second in seconds] == [2, 2, 2, 0, 0, 2, 2, 2, 2, 2]
    cost = damage(of(seen), found, FAULT, Orchestrator())
    assert (cost.offered, cost.lost, cost.other_offered, cost.other_lost) == (20, 4, 0, 0)
    assert cost.most_in_flight == 5  # and one that is answered at once


def test_requests_of_a_route_that_does_not_call_what_is_sick_are_counted_apart() -> None:
    seen = replace(every_half_second({2: 5.0}), route=[ROUTE.path, OTHER.path] * 10)
    found = arrivals(seen, [ROUTE, OTHER], FAULT, BEGAN_S)
    cost = damage(of(seen), found, FAULT, Orchestrator())

    assert (cost.lost, cost.other_offered, cost.other_lost) == (2, 10, 1)


def test_an_arrival_that_is_answered_at_its_second_attempt_is_one_good_arrival_as_late_as_that() -> None:
    seen = requests(["7", "7.1", "7.2", "8"], [12.0, 12.4, 12.8, 12.0], [0.4] * 4, ["failed", "failed", "ok", "failed"])
    found = arrivals(seen, [ROUTE], FAULT, BEGAN_S)

    assert found.latency_s.tolist() == pytest.approx([1.2, 0.4])
    assert found.good.tolist() == [True, False]
    assert found.in_time(1.0).tolist() == [False, False]
    assert found.in_time(2.0).tolist() == [True, False]


def test_health_is_told_by_its_share_its_gap_its_outage_and_its_restarts() -> None:
    asks = asked("++" + "-" * 5 + "+++")
    cost = damage(
        of(every_half_second({}), asks),
        arrivals(every_half_second({}), [ROUTE], FAULT, BEGAN_S),
        FAULT,
        Orchestrator(period_s=2.0, failures=2),
    )

    assert (cost.asked, cost.in_time, cost.outage_s) == (10, 5, 5.0)
    assert (cost.dead_s, cost.back_s) == (0.0, 5.0)
    assert cost.longest_gap_s == pytest.approx(6.0)
    assert (cost.restarts, cost.restarting) == (1, 1.0)


def test_a_gap_reaches_to_the_ends_of_the_window() -> None:
    assert longest_gap_s(asked("--+--"), 5.0) == pytest.approx(2.99)
    assert longest_gap_s(asked("-----"), 5.0) == 5.0
    assert longest_gap_s(asked("+++++"), 5.0) == pytest.approx(1.0)


def test_p95_is_back_once_it_stays_within_a_tenth_of_that_before() -> None:
    def back(latency_s: dict[int, float]) -> float | None:
        return recovered_s(arrivals(every_half_second(latency_s), [ROUTE], FAULT, BEGAN_S), 1.0, 8.0)

    assert back({}) == 0.0
    assert back({2: 0.105, 3: 0.105}) == 0.0
    assert back({2: 3.0, 3: 2.0}) == pytest.approx(2.0)
    assert back({2: 3.0, 9: 2.0}) == pytest.approx(1.0)
    assert back(dict.fromkeys(range(2, 10), 2.0)) is None


@settings(max_examples=40)
@given(st.lists(st.floats(0.01, 4.0), min_size=20, max_size=20), st.floats(0.1, 3.0))
def test_what_the_seconds_lose_is_what_the_trial_loses(took: list[float], patience_s: float) -> None:
    seen = replace(every_half_second({}), latency_s=np.asarray(took))
    fault = FAULT.model_copy(update={"patience_s": patience_s})
    found = arrivals(seen, [ROUTE], fault, BEGAN_S)
    seconds = fault_seconds(found, 8.0, fault)

    cost = damage(of(seen), found, fault, Orchestrator())
    assert cost.lost == sum(second.offered - second.good for second in seconds)
    assert cost.offered == sum(second.offered for second in seconds)


def test_a_call_that_begins_when_its_caller_has_hung_up_is_work_for_nobody() -> None:
    seen = requests(["1", "2", "3"], [10.0, 10.0, 10.0], [1.0, 1.0, 1.0], ["failed", "ok", "censored"])
    calls = Calls(["1", "1", "2", "3"], ["sun"] * 4, [10.5, 11.5, 11.5, 11.5], [0.1] * 4, [0.1] * 4)

    assert zombie_calls(seen, calls) == 1
