"""What users ask for, and when: pure."""

import pytest

from loadtests.scenarios import Requests, Route, Target, fault_in
from loadtests.trial_plan import Timeline, TrialPlan

ROUTE = Route("/sun", expect="sunrise")
FLASK = Target("http://127.0.0.1:1", "flask")


def test_a_route_does_not_come_in_bunches() -> None:
    sent = Requests([Route("/a", "a", weight=3), Route("/b", "b", weight=3)])

    assert [sent.at(turn, 0)[0].name for turn in range(6)] == ["a", "b"] * 3


@pytest.mark.parametrize(
    ("status", "headers", "text", "fault"),
    [
        (200, {"X-App": "flask"}, '{"sunrise": 1}', ""),
        (200, {"X-App": "quart"}, '{"sunrise": 1}', "wrong identity: X-App is 'quart', not 'flask'"),
        (200, {}, '{"sunrise": 1}', "wrong identity: X-App is None, not 'flask'"),
        (200, {"X-App": "flask"}, "{}", "wrong answer: no 'sunrise' in it"),
        (204, {"X-App": "flask"}, "", "status 204"),
        (502, {}, "bad gateway", "status 502"),
    ],
)
def test_a_wrong_answer_is_a_fault(status: int, headers: dict[str, str], text: str, fault: str) -> None:
    assert fault_in(status, headers, text.encode(), ROUTE, FLASK) == fault


def test_an_unknown_identity_is_not_checked() -> None:
    assert fault_in(200, {}, b"sunrise", ROUTE, Target("http://127.0.0.1:1")) == ""


def test_users_start_evenly_spread_and_sending_goes_on_for_a_while_after_the_window() -> None:
    times = (0.2, 1.0, 2.0, 0.5, 3.0)  # spread, warm-up, window, after it, drain
    timeline = Timeline(TrialPlan(FLASK, "/health", Requests([ROUTE]), 4, *times, out=""), start_s=100.0)

    assert [round(timeline.first_request_s(user), 3) for user in range(4)] == [100.0, 100.05, 100.1, 100.15]
    assert timeline.window == (101.0, 103.0)
    assert timeline.last_s == 103.5
    assert timeline.give_up_s == 106.5
