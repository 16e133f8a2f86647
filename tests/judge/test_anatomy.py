import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from single_requests import Moments, city_request, request, sun_request
from trials import calls_for, evidence, judged, requests

from harness.judge.anatomy import anatomies, contradiction_s, phases, processing_s
from harness.judge.counts import Observed
from harness.judge.rows import Calls

moments = st.floats(-0.5, 2.0)
spans = st.lists(
    st.tuples(st.sampled_from(["location", "sun", "handler"]), moments, moments).map(
        lambda span: (span[0], min(span[1:]), max(span[1:]))
    ),
    max_size=5,
)


def test_a_request_is_its_way_there_own_code_waits_and_the_way_back() -> None:
    found = phases(sun_request())

    assert [phase.kind for phase in found] == [
        *("waiting", "own", "client", "upstream", "client", "own", "client", "upstream", "client", "own", "back")
    ]
    assert [phase.calls for phase in found if phase.calls] == [("location",), ("sun",)]
    assert [phase.duration_s for phase in found][:4] == pytest.approx([0.01, 0.01, 0.005, 0.1])


def test_calls_that_are_made_together_are_one_wait_as_long_as_both() -> None:
    together = phases(city_request())[-4]

    assert (together.kind, together.calls) == ("upstream", ("weather", "sun"))
    assert (together.start_s, together.end_s) == pytest.approx((0.145, 0.26))


def test_a_request_of_open_load_begins_when_it_was_due() -> None:
    first, second, *_ = phases(sun_request(late_s=0.004))

    assert (first.kind, first.start_s, first.end_s) == ("late", 0.0, 0.004)
    assert (second.kind, second.end_s) == ("waiting", 0.01)


def test_an_app_that_says_nothing_of_its_time_has_only_the_calls_that_the_stub_knows() -> None:
    silent = request(0.25, calls=[("location", 0.025, 0.125)])

    assert [phase.kind for phase in phases(silent)] == ["untold", "upstream", "untold"]
    assert [phase.kind for phase in phases(request(0.25))] == ["untold"]
    assert processing_s(silent) is None
    assert contradiction_s(silent) == 0


def test_what_contradicts_is_measured_and_cut_off() -> None:
    early = request(0.2, [("handler", -0.003, 0.201), ("sun", 0.01, 0.19)], [("sun", 0.02, 0.205)])

    assert contradiction_s(early) == pytest.approx(0.004)
    assert (phases(early)[0].start_s, phases(early)[-1].end_s) == (0.0, 0.2)
    assert contradiction_s(sun_request()) == contradiction_s(city_request()) == 0


def test_a_call_outside_its_handler_is_a_contradiction_too() -> None:
    strange = request(0.2, [("handler", 0.05, 0.1)], [("sun", 0.06, 0.13)])

    assert contradiction_s(strange) == pytest.approx(0.03)
    assert [phase.kind for phase in phases(strange)] == ["waiting", "own", "upstream", "back"]


@given(st.floats(0.001, 1.5), st.floats(0, 1), spans, spans)
def test_phases_follow_one_another_and_add_up_to_the_response_time(
    latency_s: float, late: float, told: list[Moments], calls: list[Moments]
) -> None:
    found = phases(request(latency_s, told, calls, late_s=late * latency_s))

    assert (found[0].start_s, found[-1].end_s) == (0.0, latency_s)
    assert all(one.end_s == two.start_s and one.kind != two.kind for one, two in pairwise(found))
    assert all(phase.duration_s > 0 for phase in found)
    assert math.fsum(phase.duration_s for phase in found) == pytest.approx(latency_s)


def test_the_median_and_the_p99_request_are_found_by_nearest_rank_among_the_good_ones() -> None:
    latencies = [0.001 * number for number in range(300, 0, -1)]
    seen = requests([f"{n}" for n in range(300)], [11.0] * 300, latencies, ["ok"] * 200 + ["failed"] * 100)

    median, p99 = anatomies(evidence(seen), seen.are("ok"))

    assert [(one.percent, one.request_id) for one in (median, p99)] == [(50, "100"), (99, "2")]
    assert [median.latency_s, p99.latency_s] == pytest.approx([0.2, 0.298])


def test_of_few_answers_the_p99_request_is_the_slowest() -> None:
    seen = requests(["0", "1", "2"], [11.0] * 3, [0.3, 0.1, 0.2])

    assert [one.request_id for one in anatomies(evidence(seen), seen.are("ok"))] == ["2", "0"]


def test_without_a_good_answer_there_is_no_request_to_show() -> None:
    seen = requests(["0"], [11.0], [0.3], ["failed"])

    assert anatomies(evidence(seen), seen.are("ok")) == ()


def test_what_app_and_stub_say_is_told_from_the_moment_that_the_latency_counts_from() -> None:
    seen = requests(["0", "1"], [11.0, 12.0], [0.5, 0.5])
    seen.server_timing[0] = "sun;start=11020.0;dur=101.5, handler;start=11010.0;dur=300.0"
    log = Calls(["1", "0", "0"], ["sun", "sun", "weather"], [12.0, 11.03, 11.2], [0.1] * 3, [0.1, 0.1, None])

    first, _ = anatomies(evidence(seen, calls=log), np.array([True, False]))

    assert [span.name for span in (*first.spans, *first.calls)] == ["sun", "handler", "sun"]
    assert [span.start_s for span in (*first.spans, *first.calls)] == pytest.approx([0.02, 0.01, 0.03])
    assert [span.duration_s for span in (*first.spans, *first.calls)] == pytest.approx([0.1015, 0.3, 0.1])
    assert processing_s(first) == pytest.approx(0.3)


def test_a_trials_raw_counts_hold_both_requests() -> None:
    seen = requests(["0-1", "0-2"], [11.0, 12.0], [0.5, 0.6])

    _, observed = judged(evidence(seen, calls=calls_for(seen)))

    assert [one.request_id for one in observed.anatomies] == ["0-1", "0-2"]
    assert Observed.model_validate_json(observed.model_dump_json()) == observed
