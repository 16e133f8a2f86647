"""What the machine does beside the run is seen, and the run's own work is not taken for another's."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import psutil
import pytest
from polling import poll

from harness.facts.trial import Interference
from harness.measure.interference import Own, interference, look
from harness.measure.probes import usage

BURN = "import sys\nprint('on', flush=True)\nwhile True: pass"


@pytest.fixture
def burner() -> Iterator[psutil.Process]:
    """A process that uses a core."""
    with subprocess.Popen([sys.executable, "-c", BURN], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield psutil.Process(process.pid)
        process.kill()


def seen(ours_s: Callable[[], float]) -> Interference:
    """Return the interference of half a second, in which `ours_s` counts what the run itself has used."""
    began, before, spent = time.monotonic(), look(), ours_s()
    deadline = began + 0.5
    while time.monotonic() < deadline:
        pass
    return interference(before, look(), time.monotonic() - began, Own(ours_s() - spent))


def test_another_process_is_seen_as_foreign(burner: psutil.Process) -> None:
    share = seen(time.process_time).foreign_share

    assert burner.is_running()
    assert share is not None
    assert share > 0.3


def test_the_runs_own_processes_are_not_foreign(burner: psutil.Process) -> None:
    began, before, spent_s = time.monotonic(), look(), usage([burner]).cpu_s
    poll(lambda: usage([burner]).cpu_s > spent_s + 0.3, 20, "the burner burns")
    after, seconds, burnt_s = look(), time.monotonic() - began, usage([burner]).cpu_s - spent_s

    foreign = interference(before, after, seconds, Own(0.0)).foreign_share
    own = interference(before, after, seconds, Own(burnt_s)).foreign_share

    assert foreign is not None
    assert own is not None
    assert own == pytest.approx(max(0.0, foreign - burnt_s / seconds))
    assert own < foreign


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux pins and tells")
def test_on_linux_every_figure_is_known_and_none_is_negative() -> None:
    found = seen(time.process_time)

    shares = (found.steal_share, found.foreign_share, found.memory_pressure_share, found.io_pressure_share)
    assert all(share is None or share >= 0 for share in shares)
    assert found.steal_share is not None
