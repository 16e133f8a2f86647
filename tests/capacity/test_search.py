"""Which rates are probed: whatever the true capacity, the search ends, brackets it, and trusts nothing unresolved."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.capacity.search import MOST_PROBES, NEAR, next_rates
from harness.facts.capacity import LaneCapacity, Probe, Word

BLOCKS = 3


def probe(rate: float, word: Word, measured: int = BLOCKS) -> Probe:
    return Probe(rate_rps=rate, word=word, measured=measured, valid=measured, requests=1000, late=(0,))


def searched(named: float, capacity: float, unsure: float = 0.0) -> LaneCapacity:
    """Search a lane that holds up to `capacity`; within that share of it nothing can be resolved."""
    known: dict[float, Probe] = {}
    for _ in range(50):
        due = next_rates(named, list(known.values()), BLOCKS)
        if not due:
            return LaneCapacity(lane="lane", slo="p99<1s", named_rps=named, probes=tuple(known.values()))
        for rate in due:
            word: Word = "held" if rate <= capacity else "missed"
            word = "unresolved" if abs(rate / capacity - 1) < unsure else word
            known[rate] = probe(rate, word, BLOCKS + (known[rate].measured if rate in known else 0))
    raise AssertionError("the search does not end")


def test_the_first_probes_are_the_named_rate_and_five_percent_around_it() -> None:
    assert next_rates(400, [], BLOCKS) == [380, 400, 420]


@given(st.floats(1, 5000), st.floats(0.75, 1.3))
def test_a_lane_without_noise_is_found_within_three_percent(capacity: float, off: float) -> None:
    found = searched(capacity * off, capacity)

    assert found.held_rps is not None
    assert found.missed_rps is not None
    assert found.held_rps <= capacity < found.missed_rps
    assert found.missed_rps / found.held_rps <= NEAR * 1.01  # rates have three digits
    assert not found.contradicts


@settings(max_examples=40)
@given(st.floats(1, 5000), st.floats(0.3, 3.0), st.floats(0, 0.5))
def test_a_search_ends_and_never_claims_what_is_not_so(capacity: float, off: float, unsure: float) -> None:
    found = searched(capacity * off, capacity, unsure)

    assert len(found.probes) <= MOST_PROBES + 2
    assert found.held_rps is None or found.held_rps <= capacity
    assert found.missed_rps is None or found.missed_rps > capacity


def test_what_is_not_resolved_is_measured_once_more_and_then_left_alone() -> None:
    around = [probe(380, "held"), probe(420, "missed")]

    assert next_rates(400, [*around, probe(400, "unresolved")], BLOCKS) == [400]
    assert next_rates(400, [*around, probe(400, "unresolved", 2 * BLOCKS)], BLOCKS) == []


@pytest.mark.parametrize(("word", "then"), [("held", 462), ("missed", 345)])
def test_a_model_that_is_off_is_followed_up_or_down(word: Word, then: float) -> None:
    assert next_rates(400, [probe(rate, word) for rate in (380, 400, 420)], BLOCKS) == [then]


def test_a_rate_that_is_held_above_one_that_is_missed_is_a_contradiction() -> None:
    found = LaneCapacity(lane="a", slo="p99<1s", probes=(probe(380, "held"), probe(400, "missed"), probe(420, "held")))

    assert (found.held_rps, found.missed_rps, found.contradicts) == (380, 400, True)
