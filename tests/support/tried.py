"""Tests that measure, on a machine that may be busy: a claim has to come true in one of a few tries."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from alone import alone

from harness.errors import MeasurementError

Given = ParamSpec("Given")
Result = TypeVar("Result")
TRIES = 3


def in_three_tries(test: Callable[Given, Result]) -> Callable[Given, Result]:
    """Repeat a test whose figures the machine can spoil, or what it stands on; it fails as its last try does.

    The first try runs beside the other tests, the others alone.
    """

    @functools.wraps(test)
    def tried(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        try:
            return test(*args, **kwargs)
        except (AssertionError, MeasurementError) as failed:
            print(f"once more, alone: {failed}")
        with alone():
            for _ in range(TRIES - 2):
                try:
                    return test(*args, **kwargs)
                except (AssertionError, MeasurementError) as failed:
                    print(f"once more: {failed}")
            return test(*args, **kwargs)

    return tried
