"""What a part of a trial has used between the window's edges."""

import pytest

from harness.measure.probes import Usage
from harness.measure.watch import used_between


def usage(**cpu_s: float) -> Usage:
    """Return what processes have used, by names that stand for their pids."""
    each = {sum(map(ord, name)): Usage(seconds) for name, seconds in cpu_s.items()}
    return Usage(sum(cpu_s.values()), 0.0, each)


def test_used_is_what_came_in_between_and_the_busiest_process_its_largest_part() -> None:
    used = used_between(usage(master=1.0, worker=2.0), usage(master=1.5, worker=4.0))

    assert used.processes == 2
    assert used.cpu_s == pytest.approx(2.5)
    assert used.busiest_s == pytest.approx(2.0)


def test_a_child_that_ended_meanwhile_counts_by_what_its_parent_has_of_it() -> None:
    assert used_between(usage(master=1.0, worker=2.0), usage(master=3.5)).cpu_s == pytest.approx(0.5)


def test_a_part_that_was_gone_when_it_was_read_has_used_nothing_and_not_less() -> None:
    used = used_between(usage(generator=1.0), usage())

    assert (used.processes, used.cpu_s, used.busiest_s) == (1, 0.0, 0.0)
