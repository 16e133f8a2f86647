"""The window: what lies in it, and how much of each request."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trials import WINDOW, closed_load, jittered, requests

from harness.facts.records import Load
from harness.judge.rows import Requests
from harness.judge.window import answers_by_share, count, intervals, overlap_s, parts

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
    assert sum(second.length_s for second in inside) == pytest.approx(length_s)


def test_a_trial_without_a_request_has_no_seconds() -> None:
    assert intervals(requests([], [], []), WINDOW, "closed") == []


def test_scattered_latencies_change_nothing_of_the_law() -> None:
    latencies = jittered(4000, 0.2)
    starts = np.concatenate([9 + np.cumsum([0.0, *chunk[:-1]]) for chunk in np.split(np.array(latencies), 100)])
    seen = requests([str(n) for n in range(4000)], list(starts), latencies)

    assert throughput(seen) == pytest.approx(100 / 0.2, rel=0.02)
