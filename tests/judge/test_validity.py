"""Every rule of validity: the healthy trial keeps all, each fault breaks its own, and all reasons are collected."""

from dataclasses import replace

import numpy as np
import pytest
from trials import calls_for, closed_load, evidence, judged, open_load, requests

from harness.facts.config import Lane
from harness.facts.point import Load
from harness.judge.counts import Wire
from harness.judge.rows import Calls, Evidence

REQUESTS = closed_load(4, 0.205)
LATE = requests(["a", "b"], [10.0, 11.0], [2.0, 1.9])


def delivered(seconds: float) -> Calls:
    right = calls_for(REQUESTS)
    return replace(right, delivered_s=[seconds] * len(right.id))


def some_failed(share: float, load: Load = "closed") -> Evidence:
    """Return the healthy trial of which a share failed, evenly spread."""
    seen = REQUESTS if load == "closed" else open_load(100, 0.205)
    failed = [int(share * (place + 1)) > int(share * place) for place in range(len(seen.id))]
    outcome = np.array(["failed" if one else "ok" for one in failed], dtype="U8")
    return evidence(replace(seen, outcome=outcome, error=["status 502" if one else "" for one in failed]), load=load)


FALLING_BEHIND = replace(open_load(200, 0.2, late_s=0.03), latency_s=0.2 + 0.3 * np.arange(800) / 200)

FAULTS = {
    "no request was answered": evidence(requests(["a"], [10.0], [0.2], ["censored"])),
    "every answer was wrong: status 500 (2 of 2), the first body begins 'oh no'": evidence(
        requests(["a", "b"], [10.0, 11.0], [0.2, 0.2], ["failed", "failed"]),
        sent={"bodies": {"status 500": "oh no"}},
    ),
    "of the window's answers failed: status 502 (": some_failed(0.02),
    "a window edge was read 8,000 ms late": evidence(REQUESTS, cost={"edges_s": (10.0, 21.0)}),
    "off the number of users": evidence(closed_load(1, 0.205)),
    "arrivals were sent 30.": evidence(FALLING_BEHIND, load="open"),
    "requests were sent, ": evidence(REQUESTS, sent={"started": len(REQUESTS.id) + 1}),
    "ids are distinct": evidence(requests(["a", "a"], [10.0, 11.0], [0.2, 0.2]), calls=calls_for(requests([], [], []))),
    "setup request POST /login: status 403 (3 of 4 that went wrong)": evidence(
        REQUESTS, sent={"setup_faults": {"POST /login: status 403": 3, "POST /login: status 500": 1}}
    ),
    "the service called what the stub does not answer: GET /pay/1 (7 times), GET /x (1 times); declare it": evidence(
        REQUESTS, unknown_calls={"GET /x": 1, "GET /pay/1": 7}
    ),
    "2 Locust workers were lost": evidence(REQUESTS, sent={"lost_workers": 2}),
    "wrong upstream calls": evidence(REQUESTS, calls=calls_for(closed_load(3, 0.205))),
    "came from another app": evidence(
        replace(REQUESTS, error=["wrong identity: X-App is 'quart', not 'flask'"] * len(REQUESTS.id))
    ),
    "not in steady state": evidence(LATE),
    "the generator used 60% of a core": evidence(REQUESTS, cost={"busiest_generator_s": 1.8}),
    "throughput is 200% of the limit": evidence(REQUESTS, calls=delivered(0.205)),
    "4 users had no answer when the window opened": evidence(closed_load(4, 0.205, first_s=10.0)),
    "generator and stub used 80% of their cores": evidence(REQUESTS, cost={"generator_cpu_s": 1.2, "stub_cpu_s": 1.2}),
    "the stub was 12.0 ms late at p99": evidence(REQUESTS, calls=delivered(0.112)),
    "upstream calls were shorter for the app than for the stub": evidence(REQUESTS, calls=delivered(0.103)),
    "users were without a request": evidence(closed_load(3, 0.205)),
    "arrivals were sent 15.00 ms late at p99": evidence(open_load(20, 0.205, late_s=0.015), load="open"),
    "a listen queue overflowed 3 times": evidence(REQUESTS, listen_overflows=3),
    "the server ended": evidence(REQUESTS, faults=("the server ended in mid-trial",)),
    "the stub waited for a core for 40% of the window": evidence(REQUESTS, cost={"stub_queue_s": 1.2}),
    "the generator waited for a core for 40% of the window": evidence(REQUESTS, cost={"generator_queue_s": 1.2}),
    "steal time was 10% of one core": evidence(REQUESTS, interference={"steal_share": 0.1}),
    "other processes used 50% of one core": evidence(REQUESTS, interference={"foreign_share": 0.5}),
    "waited for a disk for 20% of the window": evidence(REQUESTS, interference={"io_pressure_share": 0.2}),
    "a clock was set while the trial ran: that of a by 5.0 ms": evidence(
        REQUESTS, wires=(Wire(name="a", ahead_s=9.0, uncertainty_s=1e-4, stepped_s=0.005, allowed_s=0.004),)
    ),
    "another machine's clock is known to 3.0 ms only": evidence(
        REQUESTS, wires=(Wire(name="a", ahead_s=9.0, uncertainty_s=0.003), Wire(name="b", ahead_s=0, uncertainty_s=0))
    ),
    "the way to the server and back became 15.0 ms longer": evidence(REQUESTS, rtt_s=(0.016, 0.001)),
    "a Locust process sent 80% more or less than its share": evidence(REQUESTS, sent={"by_worker": (90, 10)}),
}


@pytest.mark.parametrize(
    "seen",
    [
        evidence(REQUESTS, cost={"edges_s": (10.04, 13.04)}),
        evidence(open_load(20, 0.205), load="open"),
    ],
)
def test_a_healthy_trial_keeps_every_rule(seen: Evidence) -> None:
    assert judged(seen)[0].reasons == ""


@pytest.mark.parametrize("reason", FAULTS)
def test_each_fault_makes_a_trial_invalid_with_its_reason(reason: str) -> None:
    trial, _ = judged(FAULTS[reason])

    assert trial.status == "invalid"
    assert reason in trial.reasons.replace("15.01", "15.00")


@pytest.mark.parametrize(("share", "reasons"), [(0.009, 0), (0.02, 1)])
def test_one_failed_answer_in_a_hundred_is_allowed(share: float, reasons: int) -> None:
    trial, _ = judged(some_failed(share, "open"), Lane(command="{port}", slots="unbounded", identity="flask"))

    assert trial.window_failed > 0
    assert trial.reasons.count("answers failed") == reasons


def test_all_reasons_are_collected() -> None:
    trial, _ = judged(evidence(REQUESTS, listen_overflows=1, sent={"started": 1}))

    assert trial.reasons.count(";") == 1
