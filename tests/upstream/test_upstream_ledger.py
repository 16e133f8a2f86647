import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstream import ledger
from upstream.delays import ENDPOINTS
from upstream.ledger import Ledger


def test_a_call_is_counted_when_it_starts_and_answered_when_it_is() -> None:
    book = Ledger(ENDPOINTS)

    row = book.start("1-2", "sun", 50.0, 0.1)
    started = book.stats()
    book.deliver(row, "sun", 0.1, 0.1005, 200)
    book.end()
    ended = book.stats()

    assert started["calls"] == {"location": 0, "sun": 1, "weather": 0}
    assert (started["in_flight"], started["lateness_ms"], started["delivered_mean_s"]) == (1, None, {})
    assert (ended["in_flight"], ended["max_in_flight"]) == (0, 1)
    assert ended["lateness_ms"] == {"min": 0.5, "p50": 0.5, "p99": 0.5, "max": 0.5}
    assert ended["delivered_mean_s"] == {"sun": 0.1005}


def test_a_call_without_an_answer_stays_in_the_log() -> None:
    book = Ledger(ENDPOINTS)

    book.start("1-2", "sun", 50.0, 0.1)
    book.end()

    assert book.log() == {
        "id": ["1-2"],
        "endpoint": ["sun"],
        "start_s": [50.0],
        "injected_s": [0.1],
        "delivered_s": [None],
        "status": [None],
    }


@given(st.lists(st.integers(-50, 5000), min_size=1, max_size=300))
def test_percentiles_of_lateness_are_values_at_their_nearest_rank(grains: list[int]) -> None:
    book = Ledger(ENDPOINTS)

    for late in grains:
        book.deliver(book.start("", "sun", 0.0, 0.1), "sun", 0.1, 0.1 + late * 1e-5, 200)

    ordered = sorted(late / 100 for late in grains)
    ranks = {"min": 1, "p50": -(-len(grains) // 2), "p99": -(-99 * len(grains) // 100), "max": len(grains)}
    assert book.stats()["lateness_ms"] == pytest.approx({name: ordered[rank - 1] for name, rank in ranks.items()})


def test_calls_beyond_the_end_of_the_log_are_counted_but_not_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "LOG_LIMIT", 2)
    book = Ledger(ENDPOINTS)

    for _ in range(3):
        book.deliver(book.start("", "sun", 0.0, 0.1), "sun", 0.1, 0.1, 200)

    assert book.calls["sun"] == 3
    assert book.log()["status"] == [200, 200]
