import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstream.luck import STRATA, stratum, uniform

seeds = st.integers(0, 2**40)
streams = st.sampled_from(["location", "sun", "weather"])
numbers = st.integers(0, 10**6)


@given(seeds, streams, numbers, numbers)
def test_any_64_consecutive_users_meet_each_stratum_once(seed: int, stream: str, user: int, k: int) -> None:
    met = [stratum(seed, stream, user + i, k) for i in range(STRATA)]

    assert sorted(met) == list(range(STRATA))


@given(seeds, streams, numbers, st.integers(0, 10**4))
def test_any_aligned_64_requests_of_a_user_meet_each_stratum_once(
    seed: int, stream: str, user: int, block: int
) -> None:
    met = [stratum(seed, stream, user, block * STRATA + i) for i in range(STRATA)]

    assert sorted(met) == list(range(STRATA))


@given(seeds, streams, st.integers(0, 10**4))
def test_any_aligned_64_arrivals_draw_once_from_each_64th(seed: int, stream: str, block: int) -> None:
    drawn = [uniform(seed, stream, str(block * STRATA + i)) for i in range(STRATA)]

    assert sorted(int(u * STRATA) for u in drawn) == list(range(STRATA))


@given(seeds, streams, numbers, numbers)
def test_a_draw_lies_in_its_stratum(seed: int, stream: str, user: int, k: int) -> None:
    assert int(uniform(seed, stream, f"{user}-{k}") * STRATA) == stratum(seed, stream, user, k)


@given(seeds, streams, st.text())
def test_every_id_whatever_it_is_draws_between_0_and_1(seed: int, stream: str, request_id: str) -> None:
    assert 0 < uniform(seed, stream, request_id) < 1


@given(seeds, streams, numbers)
def test_an_arrival_draws_as_the_user_and_request_that_it_stands_for(seed: int, stream: str, n: int) -> None:
    assert uniform(seed, stream, str(n)) == uniform(seed, stream, f"{n % STRATA}-{n // STRATA}")


@pytest.mark.parametrize("request_id", ["", "x7", "1-2-3", "-5", "1.5", "٣", "9" * 5000, "\ud800"])
def test_ids_of_another_form_draw_by_their_whole_text(request_id: str) -> None:
    drawn = uniform(1, "sun", request_id)

    assert drawn == uniform(1, "sun", request_id)
    assert drawn != uniform(1, "sun", request_id + "!")


def test_draws_are_the_same_in_every_process_and_version() -> None:
    drawn = [uniform(1, "location", request_id) for request_id in ("0-0", "17-4", "300", "abc")]

    assert drawn == [0.5186188078569103, 0.366752734675174, 0.024110830321660615, 0.7655255062272772]


@pytest.mark.parametrize(
    ("first", "second"),
    [((1, "location"), (1, "sun")), ((1, "location"), (2, "location")), ((1, "location"), (1, "location/fault"))],
)
def test_seeds_and_streams_are_independent(first: tuple[int, str], second: tuple[int, str]) -> None:
    ids = [f"{user}-{k}" for user in range(128) for k in range(128)]

    pairs = {(int(uniform(*first, i) * 8), int(uniform(*second, i) * 8)) for i in ids}
    both_low = sum(uniform(*first, i) < 0.5 and uniform(*second, i) < 0.5 for i in ids)

    assert len(pairs) == 64
    assert both_low / len(ids) == pytest.approx(0.25, abs=0.02)


def test_blocks_of_requests_are_shuffled_apart() -> None:
    first, second = ([stratum(1, "sun", 0, block * STRATA + i) for i in range(STRATA)] for block in (0, 1))

    assert first != second
