"""Four machines, if this kernel allows them, for all tests of this folder that need some."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from namespaces import Machines, machines, why_not


@pytest.fixture(scope="session")
def four(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    if why := why_not():
        pytest.skip(f"NOT TESTED, several machines: {why}")
    with machines(Path(tmp_path_factory.mktemp("machines"))) as made:
        yield made
