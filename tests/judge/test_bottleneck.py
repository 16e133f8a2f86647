"""What holds a lane back: each cause from figures that show it alone, and none from a server that has room."""

from dataclasses import replace
from typing import Any, get_args

import pytest
from bounds import BOUNDS
from hypothesis import given
from hypothesis import strategies as st
from measured_trials import trial

from harness.facts.config import Lane, Saturation
from harness.facts.trial import Trial
from harness.judge.bottleneck import BROKEN, RULES, Bottleneck, Cause, bottleneck, is_disturbed
from harness.report.words import bottleneck_evidence

Figures = dict[str, Any]
LOOP = Lane(command="serve {port}")
FOUR = Lane(command="serve {port}", slots=4)
# A server that has room: 64 users wait 200 ms for the upstream, and 5 ms for all else.
ROOM: Figures = {
    "window_ok": 600,
    "throughput_rps": 310.0,
    "latency_mean_ms": 205.0,
    "handler_mean_ms": 203.0,
    "queueing_mean_ms": 2.0,
    "upstream_mean_ms": 200.0,
    "client_wait_mean_ms": 2.5,
    "cpu_ms_per_request": 1.4,
    "cpu_share": 0.44,
    "limit_rps": 319.0,
    "limit_by": "users",
    "stub_max_in_flight": 64,
    "accept_queue_max": 0,
    "listen_overflows": 0,
}
OUTSIDE: Figures = {
    "throughput_rps": 20.0,
    "latency_mean_ms": 800.0,
    "queueing_mean_ms": 600.0,
    "handler_mean_ms": 200.0,
}
IDLE: Figures = {"cpu_share": 0.06, "cpu_ms_per_request": 3.0}
TAKEN: Figures = {**OUTSIDE, **IDLE, "stub_max_in_flight": 4}
SILENT: Figures = {"handler_mean_ms": None, "queueing_mean_ms": None, "client_wait_mean_ms": None}

SHOWN: dict[str, tuple[Cause, Lane, Figures]] = {
    "room": ("none", LOOP, {}),
    "as many users as slots, none of whom waits": ("none", Lane(command="serve {port}", slots=64), {}),
    "a core that is full": ("CPU", LOOP, {"cpu_share": 0.95}),
    "four cores that are full": ("CPU", LOOP, {"cpu_share": 3.8, "limit_by": "cpu", "limit_rps": 320.0}),
    "four cores, of which two are idle": ("none", LOOP, {"cpu_share": 2.0, "limit_by": "cpu", "limit_rps": 620.0}),
    "a busy core for which bunches wait": (
        "CPU",
        LOOP,
        {"cpu_share": 0.8, "queueing_mean_ms": 30.0, "latency_mean_ms": 235.0},
    ),
    "slots that are full": ("slots full", FOUR, TAKEN),
    "slots of an app that is silent": ("slots full", FOUR, {**TAKEN, **SILENT}),
    "slots of one process that are full": ("slots full", FOUR, {**TAKEN, "throughput_rps": 14.0}),
    "a loop that stands still": ("event loop blocked", LOOP, {**OUTSIDE, **IDLE, "throughput_rps": 5.0}),
    "greenlets that stand still": (
        "event loop blocked",
        Lane(command="serve {port}", slots=1000),
        {**OUTSIDE, **IDLE, "throughput_rps": 5.0},
    ),
    "a pool that is full": (
        "upstream pool",
        LOOP,
        {"throughput_rps": 320.0, "latency_mean_ms": 405.0, "client_wait_mean_ms": 200.0} | {"handler_mean_ms": 403.0},
    ),
    "calls that wait though the upstream would hold more": (
        "none",
        LOOP,
        {"latency_mean_ms": 405.0, "client_wait_mean_ms": 200.0, "stub_max_in_flight": 300},
    ),
    "connections that nobody accepts": ("accept queue", LOOP, {**OUTSIDE, **IDLE, "accept_queue_max": 12}),
    "connections that are refused": ("accept queue", LOOP, {"status": "invalid", "listen_overflows": 3}),
    "an app that is silent": ("unknown", LOOP, {**SILENT, "latency_mean_ms": 400.0}),
    "an app that is silent and quick": ("none", LOOP, SILENT),
    "a generator without a core": ("generator", LOOP, {"status": "invalid", "generator_cpu_share": 0.9}),
    "a stub that is late": ("upstream itself", LOOP, {"status": "invalid", "stub_lateness_p99_ms": 80.0}),
    "a machine that others use": ("noise", LOOP, {"status": "invalid", "foreign_share": 0.9}),
}


def measured(**figures: Any) -> Trial:
    known: Figures = {**ROOM, **figures}
    return trial("lane", 1, at=64, **known)


def found_in(lane: Lane, *trials: Trial) -> Bottleneck:
    found = bottleneck(trials, lane, BOUNDS, Saturation())
    assert found is not None
    return found


@pytest.mark.parametrize("case", SHOWN)
def test_what_holds_a_lane_back_is_found_and_said(case: str) -> None:
    cause, lane, figures = SHOWN[case]

    found = found_in(lane, measured(**figures))

    assert found.cause == cause
    assert len(bottleneck_evidence(found)) > 10


def test_every_cause_has_a_case_and_every_rule_a_cause() -> None:
    assert {cause for cause, _, _ in SHOWN.values()} == set(get_args(Cause))
    assert {cause for cause, _ in RULES} | set(BROKEN) | {"none"} == set(get_args(Cause))


def test_a_point_is_held_back_by_what_most_of_its_valid_trials_show() -> None:
    full, free = measured(cpu_share=0.96), measured()
    lost = measured(status="invalid", foreign_share=0.9)

    found = found_in(LOOP, full, lost, free, full)

    assert (found.cause, found.trials, found.of) == ("CPU", 2, 3)
    assert bottleneck_evidence(found).endswith("(in 2 of 3 blocks)")


@pytest.mark.parametrize(
    ("figures", "disturbed"),
    [
        ({"status": "invalid", "foreign_share": 0.9}, True),
        ({"status": "invalid", "server_busy_share": 0.03}, True),
        ({"status": "invalid", "generator_cpu_share": 0.9}, False),
        ({"status": "invalid"}, False),
        ({"foreign_share": 0.1}, False),
    ],
)
def test_a_trial_is_disturbed_where_it_is_others_who_made_it_invalid(figures: Figures, disturbed: bool) -> None:
    assert is_disturbed(measured(**figures), BOUNDS) is disturbed


def test_of_trials_that_are_invalid_by_themselves_nothing_is_said() -> None:
    assert bottleneck([measured(status="invalid", cpu_share=0.99)], LOOP, BOUNDS, Saturation()) is None


@given(
    waiting=st.floats(0, 5000), client=st.floats(0, 5000), cpu=st.floats(0, 1), rate=st.floats(0.1, 1000),
    slots=st.sampled_from([None, 4, 300]),
)  # fmt: skip
def test_slots_and_loops_are_never_blamed_where_nothing_waits_outside(
    waiting: float, client: float, cpu: float, rate: float, slots: int | None
) -> None:
    lane = LOOP if slots is None else replace_slots(slots)
    latency = 200 + waiting + client
    one = measured(
        latency_mean_ms=latency, queueing_mean_ms=waiting, client_wait_mean_ms=client, cpu_share=cpu,
        throughput_rps=rate, handler_mean_ms=200 + client,
    )  # fmt: skip

    cause = found_in(lane, one).cause

    if waiting < max(10, 0.1 * latency):
        assert cause not in ("slots full", "event loop blocked")
    if cpu >= 0.9:
        assert cause == "CPU"
    if slots is None:
        assert cause != "slots full"


def replace_slots(slots: int) -> Lane:
    return FOUR.model_copy(update={"slots": slots})


def test_the_bounds_decide() -> None:
    clues = found_in(LOOP, measured()).clues
    strict, wide = Saturation(cpu_share=0.4), Saturation()

    met = {cause for cause, is_met in RULES if is_met(clues, strict)}

    assert met == {"CPU"}
    assert not any(is_met(replace(clues, cpu_share=0.89), wide) for _, is_met in RULES)
