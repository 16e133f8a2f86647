"""How the tests are shared out among the workers, and the one real run that all tests of a run read."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from running import harness, small_config, third_lane, unpinned

# The modules that take longest come first, so that no worker ends with one of them while the other has nothing to do.
FIRST = ("tests/studies/", "tests/bench/", "tests/loadtests/", "tests/ui/", "tests/apps/", "tests/timeline/")

# How long an example takes says more of the machine than of the code.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# `make mutation` runs each test many times, and has to find the same each time.
settings.register_profile(
    "mutation", settings.get_profile("any machine"), max_examples=20, derandomize=True, database=None
)
settings.load_profile("any machine")

# `make test` is a make itself, and tells the makes that a test starts so.
for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL"):
    os.environ.pop(name, None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the modules that take longest first; a worker takes a module at a time, since its tests share fixtures."""
    items.sort(key=_rank)


@pytest.fixture(scope="module", autouse=True)
def everywhere() -> Iterator[None]:
    """Let a module run on every core, whatever an experiment of the one before has pinned."""
    with unpinned():
        yield


def _rank(item: pytest.Item) -> int:
    module = item.nodeid.partition("::")[0]
    return next((rank for rank, folder in enumerate(FIRST) if module.startswith(folder)), len(FIRST))


@pytest.fixture(scope="session")
def real_run(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Return a folder with `results` of a finished run of three lanes, the third a stranger, `stdout` and `stderr`.

    The worker that asks first makes it; the others wait. Nobody may write into it.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "real-run"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "stderr").exists():
            folder.mkdir()
            _measure(folder)
    return folder


def _measure(folder: Path) -> None:
    config = small_config(folder, third_lane(folder), ("threads", "quart", "third"))
    ended = harness("bench", "--config", config, "--results", folder / "results")
    assert ended.returncode == 0, ended.stderr
    (folder / "stdout").write_text(ended.stdout)
    (folder / "stderr").write_text(ended.stderr)
