"""The window: what lies in it, and how much of each request."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trials import WINDOW, closed_load, jittered, requests

from harness.facts.point import Load
from harness.judge.rows import Requests
from harness.judge.window import answers_by_share, count, intervals, overlap_s, parts, seconds_of

SECONDS = WINDOW[1] - WINDOW[0]
spans = st.lists(st.tuples(st.floats(5, 15), st.floats(0.001, 5)), min_size=1, max_size=50)
loads: st.SearchStrategy[Load] = st.sampled_from(("closed", "open"))


def throughput(seen: Requests) -> float:
    return answers_by_share(seen, WINDOW) / SECONDS


def test_an_answer_belongs_to_the_part_in_which_it_ends() -> None:
    seen = requests(["a", "b", "c", "d"], [9.0, 9.9, 12.9, 12.0], [0.5, 0.2, 0.3, 0.5], ["ok", "ok", "ok", "failed"])

    by_part = {part: count(seen, which) for part, which in parts(seen, WINDOW, "closed").items()}

    assert (by_part["warmup"].ok, by_part["window"].ok, by_part["drain"].ok) == (1, 1, 1)
    assert by_part["window"].failed == 1


@given(spans, loads)
def test_every_answer_belongs_to_exactly_one_part(answers: list[tuple[float, float]], load: Load) -> None:
    seen = requests([str(n) for n in range(len(answers))], [s for s, _ in answers], [t for _, t in answers])

    assert np.all(sum(which.astype(int) for which in parts(seen, WINDOW, load).values()) == 1)


def test_an_arrival_of_open_load_belongs_to_the_part_in_which_it_was_due() -> None:
    seen = requests(["a", "b"], [9.9, 12.9], [0.5, 5.0])

    by_part = {part: count(seen, which).ok for part, which in parts(seen, WINDOW, "open").items()}

    assert by_part == {"warmup": 1, "window": 1, "drain": 0}


@given(spans)
def test_the_overlap_is_never_longer_than_the_request_or_the_window(answers: list[tuple[float, float]]) -> None:
    seen = requests([str(n) for n in range(len(answers))], [s for s, _ in answers], [t for _, t in answers])

    inside = overlap_s(seen, WINDOW)

    assert np.all(inside >= 0)
    assert np.all(inside <= np.minimum(seen.latency_s, WINDOW[1] - WINDOW[0]) + 1e-9)


@pytest.mark.parametrize("users", [1, 7, 300])
@pytest.mark.parametrize("latency_s", [0.19, 0.45, 0.83])
def test_shares_give_the_true_throughput_where_whole_completions_are_quantised(users: int, latency_s: float) -> None:
    measured = throughput(closed_load(users, latency_s, last_s=13.0))

    assert measured == pytest.approx(users / latency_s, rel=0.002)


def test_failed_answers_are_no_throughput() -> None:
    seen = requests(["a", "b"], [10.5, 11.5], [0.5, 0.5], ["ok", "failed"])

    assert throughput(seen) == pytest.approx(1 / 3)


@given(spans, st.floats(0.3, 4), loads)
def test_the_seconds_of_a_trial_hold_every_answer_once(
    answers: list[tuple[float, float]], length_s: float, load: Load
) -> None:
    seen = requests([str(n) for n in range(len(answers))], [s for s, _ in answers], [t for _, t in answers])
    window = (10.0, 10.0 + length_s)

    seconds = intervals(seen, window, load)

    assert sum(len(second.ok) for second in seconds) == len(answers)
    inside = [second for second in seconds if second.part == "window"]
    assert sum(len(second.ok) for second in inside) == count(seen, parts(seen, window, load)["window"]).ok
    assert inside[0].at_s == 0
    assert sum(second.length_s for second in inside) == pytest.approx(length_s, abs=2e-6)


moments = st.integers(-(10**13), 10**13)


@given(moments, st.integers(1, 10**7), st.integers(-(10**7), 10**7), st.integers(0, 10**7), st.data())
def test_the_seconds_tile_the_trial_and_the_windows_edges_are_cuts(
    opens: int, length: int, first: int, more: int, data: st.DataObject
) -> None:
    begin, end = opens + first, opens + first + more

    seconds = seconds_of(begin, (opens, opens + length), end)

    assert all(0 < until - since <= 1_000_000 for _, since, until in seconds)
    assert [until for _, _, until in seconds[:-1]] == [since for _, since, _ in seconds[1:]]
    assert {opens, opens + length} <= {since for _, since, _ in seconds}
    moment = data.draw(st.integers(begin, end))
    assert sum(since <= moment < until for _, since, until in seconds) == 1


awkward = st.floats(0, 1e-6) | st.floats(0, 5) | st.sampled_from([1.0, 2.0, 4.854237888307361, 5e-324])


@given(st.floats(0, 1e7), st.lists(st.tuples(awkward, awkward), min_size=1, max_size=20), awkward, loads)
def test_every_request_lies_in_exactly_one_second_of_its_own_part(
    opens_s: float, answers: list[tuple[float, float]], length_s: float, load: Load
) -> None:
    window = (opens_s, opens_s + max(length_s, 2e-6))
    seen = requests(
        [str(n) for n in range(len(answers))], [opens_s - 1 + s for s, _ in answers], [t for _, t in answers]
    )

    seconds = intervals(seen, window, load)

    for part, which in parts(seen, window, load).items():
        assert sum(len(second.ok) for second in seconds if second.part == part) == which.sum()


def test_the_last_answer_of_a_drain_is_not_lost_by_one_ulp() -> None:
    seen = requests(["0"], [12.0], [4.854237888307361])

    assert sum(len(second.ok) for second in intervals(seen, (10.0, 10.0 + 1.8542378883073614), "closed")) == 1


def test_a_window_that_ends_an_ulp_after_a_whole_second_has_no_second_of_length_0() -> None:
    seconds = intervals(closed_load(4, 0.2), (10.0, np.nextafter(13.0, 14.0)), "closed")

    assert min(second.length_s for second in seconds) > 0
    assert sum(second.part == "window" for second in seconds) == 3


def test_a_trial_without_a_request_has_no_seconds() -> None:
    assert intervals(requests([], [], []), WINDOW, "closed") == []


def test_scattered_latencies_change_nothing_of_the_law() -> None:
    latencies = jittered(4000, 0.2)
    starts = np.concatenate([9 + np.cumsum([0.0, *chunk[:-1]]) for chunk in np.split(np.array(latencies), 100)])
    seen = requests([str(n) for n in range(4000)], list(starts), latencies)

    assert throughput(seen) == pytest.approx(100 / 0.2, rel=0.02)
