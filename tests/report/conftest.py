from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from show_runs import Published

from harness.facts.run import Run
from harness.report import publish


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Return the folder of a made-up run, published once for all tests."""

    @cache
    def folder_of(make: Callable[[], Run]) -> Path:
        folder = tmp_path_factory.mktemp(make.__name__)
        publish(make(), folder)
        return folder

    return folder_of
