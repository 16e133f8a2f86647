"""The system's own ssh to a real sshd on another machine: a namespace whose clock is a day ahead."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from namespaces import ADDRESSES, DAY_S, Machines, inside
from polling import poll
from running import ROOT

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
# Run on control: a hand over ssh, its clock, a port of its loopback that leads to ours; then wait to be told to end.
ERRANDS = """
import socket, sys, tempfile, threading
from pathlib import Path
from harness.facts.host import Host
from harness.hand.reach import FarHand
from harness.hand.senders import FarSenders
from harness.measure.probes import Cores
from harness.measure.site import Site

with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as master:
    site = Site(Path(folder), Cores())
    with FarHand(Host.parse(sys.argv[1]), ("load",), site) as hand:
        print(hand.address, hand.offset().ahead_s, flush=True)
        port = master.getsockname()[1]
        FarSenders([hand], site)._forward(hand, port)
        print(hand.ask("rtt", host="127.0.0.1", port=port), flush=True)
        sys.stdin.readline()
"""


@pytest.fixture(scope="module")
def alpha(four: Machines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Run sshd on alpha; give the environment in which ssh knows the way to it."""
    if SSHD is None:
        pytest.skip("NOT TESTED, a real sshd: it is not installed (openssh-server)")
    folder = tmp_path_factory.mktemp("sshd")
    for key in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key)], check=True)
    (folder / "sshd_config").write_text(
        f"ListenAddress {ADDRESSES['alpha']}\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/user.pub\n"
        "StrictModes no\nUsePAM no\nPermitRootLogin yes\nPidFile none\n"
    )
    (folder / "ssh_config").write_text(
        f"Host a\n HostName {ADDRESSES['alpha']}\n IdentityFile {folder}/user\n IdentitiesOnly yes\n"
        "StrictHostKeyChecking no\nUserKnownHostsFile /dev/null\nLogLevel ERROR\n"
    )
    (folder / "ssh").write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {folder}/ssh_config "$@"\n')
    (folder / "ssh").chmod(0o755)
    serve = f"mount -t tmpfs tmpfs /run && mkdir /run/sshd && exec {SSHD} -D -e -f {folder}/sshd_config"
    with subprocess.Popen(
        inside(four.holders["alpha"], "unshare", "--mount", "sh", "-c", serve), stderr=subprocess.PIPE, text=True
    ) as sshd:
        poll(lambda: ADDRESSES["alpha"] in four.listening("alpha") or sshd.poll() is not None, 20, "sshd listens")
        yield four.environment | {"PATH": f"{folder}:{os.environ['PATH']}"}
        sshd.terminate()


@contextlib.contextmanager
def errands(four: Machines, environment: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        four.command(sys.executable, "-c", ERRANDS, f"ssh:a:{ROOT}"),
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process


def test_a_hand_is_reached_by_ssh_tells_its_clock_and_a_port_there_leads_here_until_the_connection_is_cut(
    four: Machines, alpha: dict[str, str]
) -> None:
    with errands(four, alpha) as here:
        assert here.stdout is not None
        assert here.stderr is not None
        address, ahead_s = here.stdout.readline().split() or [here.stderr.read(), "0"]
        rtt_s = float(here.stdout.readline())
        hands = [process for process in four.processes("alpha") if "harness.hand" in process.cmdline()]
        connections = [process for process in four.processes("control") if process.name() == "ssh"]
        for process in connections:
            process.send_signal(signal.SIGKILL)
        poll(lambda: not any(hand.is_running() for hand in hands), 10, "the hand has ended")
        here.communicate("\n", timeout=30)

    assert address == ADDRESSES["alpha"]
    assert abs(float(ahead_s) - DAY_S) < 0.001
    assert 0 < rtt_s < 1
    assert hands
    assert connections
