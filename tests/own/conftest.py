from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the servers of a module write."""
    return tmp_path_factory.mktemp("logs")
