"""How the tests are shared out among the workers, and the two real runs that all tests of a run read."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from socketserver import TCPServer

import pytest
from alone import beside_others
from hypothesis import HealthCheck, settings
from running import in_process, small_config, third_lane, unpinned
from sharing import shared
from tried import in_three_tries

# The modules that take longest come first, so that no worker ends with one of them while the other has nothing to do.
FIRST = (
    "tests/bench/",
    "tests/studies/",
    "tests/loadtests/",
    "tests/test_readme",
    "tests/measure/",
    "tests/ui/",
    "tests/environment/",
    "tests/apps/",
    "tests/timeline/",
)

# How long an example takes says more of the machine than of the code.
settings.register_profile("any machine", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
# `make mutation` runs each test many times, and has to find the same each time.
settings.register_profile(
    "mutation", settings.get_profile("any machine"), max_examples=20, derandomize=True, database=None
)
settings.load_profile("any machine")

# `make test` is a make itself, and tells the makes that a test starts so.
for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL"):
    os.environ.pop(name, None)

# A listen queue of five, the library's own, overflows at once, and the kernel counts that for every trial of the time.
TCPServer.request_queue_size = 128

# Under nohup, or in the background of a script, every child would ignore signals that some tests send.
for number in (signal.SIGHUP, signal.SIGQUIT):
    signal.signal(number, signal.SIG_DFL)
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the modules that take longest first; a worker takes a module at a time, since its tests share fixtures."""
    items.sort(key=_rank)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Run a test beside those of the other workers, unless one of them has to be alone."""
    assert item.config.cache is not None
    with beside_others(item.config.cache.mkdir("alone")):
        return (yield)


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

    Nobody may write into it.
    """
    return shared("real-run", tmp_path_factory, worker_id, _three_lanes)


@pytest.fixture(scope="session")
def open_run(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Return such a folder of two blocks of two lanes: closed and open load, A/A, and delays that differ by call.

    Nobody may write into it.
    """
    return shared("open-run", tmp_path_factory, worker_id, _two_blocks)


def _three_lanes(folder: Path) -> None:
    _measure(folder, small_config(folder, third_lane(folder), ("threads", "quart", "third")))


def _two_blocks(folder: Path) -> None:
    words = ("--blocks", "2", "--rates", "40,400", "--delay", "lognormal:0.02:0.5", "--aa")
    _measure(folder, small_config(folder), *words)


@in_three_tries
def _measure(folder: Path, config: Path, *words: str) -> None:
    shutil.rmtree(folder / "results", ignore_errors=True)
    ended = in_process("bench", "--config", config, "--results", folder / "results", *words, charts=True)
    assert ended.returncode == 0, ended.stderr
    (folder / "stdout").write_text(ended.stdout)
    (folder / "stderr").write_text(ended.stderr)
