"""The schedule of open load: seeded, at its rate, the same for both lanes, dealt without loss."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from loadtests.arrivals import Arrivals, Spacing, Surge, share_of

rates = st.floats(1, 500)
spacings: st.SearchStrategy[Spacing] = st.sampled_from(("poisson", "constant"))


@given(rates, spacings, st.text(max_size=5))
def test_the_same_seed_gives_the_same_schedule_and_it_only_rises(rate: float, spacing: Spacing, seed: str) -> None:
    first, second = (list(Arrivals(rate, spacing, seed).due_s(3.0)) for _ in range(2))

    assert first == second
    assert first == sorted(first)
    assert all(0 < due < 3.0 for due in first)


@given(rates, spacings)
def test_another_rate_meets_the_same_schedule_stretched(rate: float, spacing: Spacing) -> None:
    slow, fast = list(Arrivals(rate, spacing).due_s(2.0)), list(Arrivals(2 * rate, spacing).due_s(1.0))

    assert fast == pytest.approx([due / 2 for due in slow])


def test_another_seed_gives_another_schedule() -> None:
    assert list(Arrivals(100, "poisson", "1").due_s(1.0)) != list(Arrivals(100, "poisson", "2").due_s(1.0))


def test_poisson_arrivals_have_exponential_gaps_at_their_rate() -> None:
    due = list(Arrivals(1000, "poisson").due_s(20.0))
    gaps = [later - earlier for earlier, later in pairwise(due)]

    assert len(due) == pytest.approx(20_000, rel=0.03)
    assert stats.kstest(gaps, stats.expon(scale=0.001).cdf).pvalue > 0.01


def test_constant_arrivals_are_evenly_spaced() -> None:
    assert list(Arrivals(4, "constant").due_s(1.01)) == pytest.approx([0.25, 0.5, 0.75, 1.0])


@given(rates, st.integers(1, 5))
def test_workers_share_the_arrivals_and_none_is_lost_or_sent_twice(rate: float, workers: int) -> None:
    whole = list(enumerate(Arrivals(rate).due_s(1.0)))

    dealt = [arrival for worker in range(workers) for arrival in share_of(worker, workers, Arrivals(rate).due_s(1.0))]

    assert sorted(dealt) == whole


@given(rates, st.floats(1.5, 5), st.floats(0.2, 1.0))
def test_a_surge_multiplies_the_arrivals_while_it_lasts_and_leaves_those_before_as_they_are(
    rate: float, factor: float, from_s: float
) -> None:
    usual = list(Arrivals(rate, "constant").due_s(3.0))
    surged = list(Arrivals(rate, "constant", surge=Surge(factor, from_s, from_s + 1.0)).due_s(3.0))

    assert surged == sorted(surged)
    assert [due for due in surged if due < from_s] == [due for due in usual if due < from_s]
    within = sum(from_s <= due < from_s + 1.0 for due in surged)
    assert within == pytest.approx(rate * factor, abs=1.01)
    after = sum(due >= from_s + 1.0 for due in surged)
    assert after == pytest.approx(rate * (2.0 - from_s), abs=1.01)
