"""Every lane of bench.toml serves as METHODOLOGY says: its real backlog, its real event loop."""

import contextlib
import socket
import sys
from pathlib import Path

import psutil
import pytest
from listening import backlog

from harness.bench.options import load_config
from harness.measure.probes import Cores
from harness.measure.server import Server, start_server
from harness.measure.site import ROOT, Site, free_port

LANES = load_config(ROOT / "bench.toml").lanes
# Backlog, and whether uvloop is loaded. The oracle is the stub, a part of the instrument.
# Granian loads uvloop whatever loop it runs.
PROMISED = {"quart-uvloop": (2048, True), "oracle": (4096, True), "quart-granian": (2048, True)}
PROMISED_OTHERS = (2048, False)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")


def test_the_backlog_of_a_socket_is_read_from_the_kernel() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=77) as listener:
        assert backlog(listener.getsockname()[1]) == 77


@pytest.mark.parametrize("name", LANES)
def test_a_lane_listens_with_our_backlog_on_the_event_loop_that_it_promises(name: str, tmp_path: Path) -> None:
    port = free_port()
    patient = LANES[name].model_copy(update={"ready_s": 60.0})  # twenty workers on a busy machine
    server = start_server(name, patient, Site(tmp_path, Cores()), port=port, upstream="http://127.0.0.1:9")

    with server.child:
        found = backlog(port), loaded(server, "uvloop")

    asked, on_uvloop = PROMISED.get(name, PROMISED_OTHERS)
    most = int(Path("/proc/sys/net/core/somaxconn").read_text())
    assert found == (min(asked, most), on_uvloop)


def loaded(server: Server, module: str) -> bool:
    """Say whether any process of a server has loaded this extension module: a loop that is in use is in memory."""
    for process in server.child.processes():
        with contextlib.suppress(psutil.Error):
            if any(f"/{module}/" in mapped.path for mapped in process.memory_maps()):
                return True
    return False
