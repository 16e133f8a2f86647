"""What the machine says of processes: CPU, memory, threads, cores, and what it does not say."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest
from polling import poll
from running import ROOT

from harness.errors import UsageError
from harness.measure import probes
from harness.measure.child import Child
from harness.measure.probes import Cores, footprint, overflows_in, split_cores, usage
from harness.measure.server import Server

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
BURNT = "import time\nwhile time.process_time() < 0.3: pass"
REAPS = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BURNT!r}]); print('on', flush=True); input()"
SHARES = """
import os, threading
held = bytearray(os.urandom(1)) * (100 << 20)
for _ in range(3):
    if os.fork() == 0: threading.Event().wait(60)
for _ in range(4): threading.Thread(target=threading.Event().wait, args=(60,), daemon=True).start()
print('on', flush=True)
input()
"""


@contextmanager
def running(program: str) -> Iterator[psutil.Process]:
    """Run a program until it says that it is on, and end it and what it has started afterwards."""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as started:
        assert started.stdout is not None
        assert started.stdout.readline() == "on\n"
        process = psutil.Process(started.pid)
        yield process
        for one in [*process.children(recursive=True), process]:
            one.kill()


def test_the_cpu_of_children_that_have_ended_and_were_reaped_is_their_parents() -> None:
    with running(REAPS) as parent:
        used = usage([parent])

    assert used.cpu_s > 0.3


@linux
def test_memory_that_processes_share_counts_once() -> None:
    with running(SHARES) as parent:
        family = poll(lambda: everybody(parent) if len(everybody(parent)) == 4 else [], 10, "the children run")
        held = footprint(family)
        resident_mib = sum(one.memory_info().rss for one in family) / 2**20

    assert held.pss_mib is not None
    assert 100 < held.pss_mib < 200
    assert resident_mib > 300
    assert held.threads == 4 + 4


def everybody(parent: psutil.Process) -> list[psutil.Process]:
    return [parent, *parent.children(recursive=True)]


def test_a_process_that_has_ended_holds_nothing() -> None:
    with running("print('on', flush=True); input()") as process:
        pass

    assert footprint([process]).threads == 0
    assert footprint([process]).pss_mib is None


def test_memory_and_threads_belong_to_a_point_unless_a_higher_one_ran_before_on_that_server() -> None:
    server = Server(child=Child.__new__(Child), url="http://127.0.0.1:0")

    found = [server.meets(clients) for clients in (4, 100, 1, 100, 300, 4)]

    assert found == [True, True, False, True, True, False]


NETSTAT = "TcpExt: SyncookiesSent ListenOverflows ListenDrops\n"


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (NETSTAT + "TcpExt: 1 7 9\nIpExt: InNoRoutes\nIpExt: 0\n", 7),
        ("IpExt: InNoRoutes\nIpExt: 0\n" + NETSTAT + "TcpExt: 1 7 9\n", 7),
        (NETSTAT, None),
        (NETSTAT + "TcpExt: 1\n", None),
        ("TcpExt: SyncookiesSent\nTcpExt: 1\n", None),
        ("", None),
    ],
)
def test_listen_overflows_are_read_or_not_known(table: str, expected: int | None) -> None:
    assert overflows_in(table) == expected


@linux
@pytest.mark.parametrize(
    ("allowed", "serve", "server", "driver"),
    [((0, 1), 1, (1,), (0,)), ((0, 1, 2, 5), 2, (2, 5), (0, 1)), ((4,), 1, (), ()), ((0, 1, 2), 2, (1, 2), (0,))],
)
def test_the_last_cores_serve_and_the_others_drive(
    monkeypatch: pytest.MonkeyPatch,
    allowed: tuple[int, ...],
    serve: int,
    server: tuple[int, ...],
    driver: tuple[int, ...],
) -> None:
    monkeypatch.setattr(probes, "_allowed", lambda: allowed)

    assert split_cores(serve) == Cores(server, driver)


@pytest.mark.parametrize("allowed", [(0,), (0, 1), (0, 1, 2)])
def test_a_server_cannot_have_every_core(monkeypatch: pytest.MonkeyPatch, allowed: tuple[int, ...]) -> None:
    monkeypatch.setattr(probes, "_allowed", lambda: allowed)

    with pytest.raises(UsageError, match=f"this machine can pin to {len(allowed)}"):
        split_cores(max(2, len(allowed)))


def test_a_server_gets_as_many_of_the_serving_cores_as_its_lane_says() -> None:
    cores = Cores((2, 3, 4), (0, 1))

    assert [cores.serving(count) for count in (1, 2, 3)] == [(4,), (3, 4), (2, 3, 4)]


@linux
def test_cores_that_this_process_may_not_use_do_not_count_and_ours_stay_known() -> None:
    program = (
        "from harness.measure.probes import available_cores, split_cores, stay_off_the_server as stay_off\n"
        "cores = split_cores(); stay_off(cores); print(available_cores(), cores == split_cores())"
    )
    for cores in (1, psutil.cpu_count()):
        limited = f"import os; os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:{cores}])\n{program}"

        said = subprocess.run([sys.executable, "-c", limited], cwd=ROOT, capture_output=True, text=True, check=True)

        assert said.stdout.split() == [str(cores), "True"]
