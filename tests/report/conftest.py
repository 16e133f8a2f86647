from collections.abc import Callable
from pathlib import Path

import pytest
from sharing import shared
from show_runs import Published

from harness.facts.run import Run
from harness.report import publish


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Published:
    """Return the folder of a made-up run, published once for all tests."""

    def folder_of(make: Callable[[], Run]) -> Path:
        return shared(make.__name__, tmp_path_factory, worker_id, lambda folder: publish(make(), folder))

    return folder_of
