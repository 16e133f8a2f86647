"""Tests that measure, on a machine that may be busy: a claim has to come true in one of a few tries."""

import functools
from collections.abc import Callable
from typing import ParamSpec

Given = ParamSpec("Given")
TRIES = 3


def in_three_tries(test: Callable[Given, None]) -> Callable[Given, None]:
    """Repeat a test whose figures the machine can spoil; it fails as its last try does."""

    @functools.wraps(test)
    def tried(*args: Given.args, **kwargs: Given.kwargs) -> None:
        for _ in range(TRIES - 1):
            try:
                return test(*args, **kwargs)
            except AssertionError as failed:
                print(f"once more: {failed}")
        return test(*args, **kwargs)

    return tried
