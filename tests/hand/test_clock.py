"""Another machine's clock: its offset is found within the uncertainty that is given, whatever the way is like."""

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.hand.clock import Offset, between, offset

WAYS = st.lists(st.tuples(st.floats(1e-5, 0.2), st.floats(1e-5, 0.2)), min_size=24, max_size=24)


class Wire:
    """Two clocks, and the seconds that each message takes there and back."""

    def __init__(self, ahead_s: float, ways: list[tuple[float, float]]) -> None:
        self.now_s, self.ahead_s = 1000.0, ahead_s
        self._ways: Iterator[tuple[float, float]] = iter(ways)

    def now(self) -> float:
        return self.now_s

    def ask(self) -> float:
        there_s, back_s = next(self._ways)
        self.now_s += there_s
        said = self.now_s + self.ahead_s
        self.now_s += back_s
        return said


@settings(max_examples=30)
@given(st.sampled_from([0.0, -3.25, 86_400.0]), WAYS)
def test_the_offset_is_found_within_its_uncertainty(ahead_s: float, ways: list[tuple[float, float]]) -> None:
    wire = Wire(ahead_s, ways)

    found = offset(wire.ask, wire.now)

    assert abs(found.ahead_s - ahead_s) <= found.uncertainty_s + 1e-9
    assert found.uncertainty_s <= min(there + back for there, back in ways) / 2 + 1e-9


def test_a_day_is_found_to_a_tenth_of_a_millisecond_if_one_exchange_of_many_was_quick() -> None:
    ways = [(0.05, 0.001)] * 23 + [(0.0001, 0.00005)]
    wire = Wire(86_400.0, ways)

    assert abs(offset(wire.ask, wire.now).ahead_s - 86_400.0) < 1e-4


def test_clocks_that_run_at_their_own_pace_are_no_step_and_one_that_was_set_is() -> None:
    before = Offset(10.0, 0.0001, 100.0)

    _, stepped_s, allowed_s = between(before, Offset(10.0005, 0.0001, 110.0))
    assert stepped_s <= allowed_s

    middle, stepped_s, allowed_s = between(before, Offset(10.02, 0.0001, 110.0))
    assert stepped_s > allowed_s
    assert abs(middle.ahead_s - 10.01) < 1e-9
    assert middle.uncertainty_s >= 0.01
