"""The harness itself under faults: whatever of it is killed or stopped is said, and nothing is left behind."""

import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from polling import poll

from harness.errors import MeasurementError
from harness.facts.config import Upstream
from harness.facts.faults import Expected, Fault, Injected, Orchestrator
from harness.measure.child import Child
from harness.measure.outsider import Outsider
from harness.measure.probes import Cores
from harness.measure.site import ROOT, Site
from harness.measure.stub import Stub, start_stub
from harness.measure.trouble import Troublemaker, start_asker

STALL = Fault(inject=(Injected(kind="hang"),))
ANYWHERE = Cores((), ())
# Who reads the wall clock: for dates, and for a number that no page of an earlier process has.
DATES = {"harness/measure/clock.py", "harness/bench/starts.py", "harness/hand/errands.py", "loadtests/live/watch.py"}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, ANYWHERE)


@pytest.fixture
def stub(site: Site) -> Iterator[Stub]:
    with start_stub(Upstream(delay="fixed:0.01"), site) as running:
        yield running


def kill(child: Child | Outsider) -> None:
    for process in child.processes():
        process.kill()
    poll(lambda: child.exit_code is not None, 30, "it has ended")


def test_a_stub_that_is_killed_is_named_whoever_asks_it(stub: Stub, site: Site) -> None:
    with start_asker(Orchestrator(), stub.url, site) as asker:
        trouble = Troublemaker(STALL, Expected(), Orchestrator(), stub, asker)
        kill(stub.child)

        with pytest.raises(MeasurementError, match="the stub ended"):
            stub.stats()
        with pytest.raises(MeasurementError, match="the stub takes no faults"):
            next(iter(trouble.happenings((0.0, 10.0))))[1]()


def test_an_orchestrators_client_that_is_killed_is_named(stub: Stub, site: Site) -> None:
    with start_asker(Orchestrator(), stub.url, site) as asker:
        trouble = Troublemaker(STALL, Expected(), Orchestrator(), stub, asker)
        trouble.begin((time.monotonic(), time.monotonic() + 5.0))
        kill(asker)

        with pytest.raises(MeasurementError, match="the orchestrator's client ended too early"):
            trouble.seen((0.0, time.monotonic()))


WALL_CLOCK = re.compile(r"\btime\.time\(|datetime\.(now|today|utcnow)|strftime\(")


def test_only_dates_are_read_from_the_wall_clock() -> None:
    """A clock that is set while a trial runs must not change a duration: all of them are of CLOCK_MONOTONIC."""
    readers = {
        str(path.relative_to(ROOT))
        for part in ("harness", "loadtests", "upstream", "flask_app", "quart_app")
        for path in (ROOT / part).rglob("*.py")
        if WALL_CLOCK.search(path.read_text(encoding="utf-8"))
    }

    assert readers == DATES


@pytest.mark.parametrize("whom", ["the command", "both"])
def test_a_process_that_is_stopped_for_good_is_ended_all_the_same(whom: str, site: Site) -> None:
    child = Child("sleeper", ["sleep", "1000"], log=site.scratch / "log", environment=site.environment(), cwd=Path("/"))
    poll(lambda: [one for one in child.processes() if one.name() == "sleep"], 30, "it runs")
    (sleeper,) = child.processes()
    guard = psutil.Process(sleeper.ppid())
    for process in {"the command": [sleeper], "both": [sleeper, guard]}[whom]:
        process.send_signal(signal.SIGSTOP)

    child.stop()

    assert poll(lambda: not sleeper.is_running() and not guard.is_running(), 10, "both have ended")
