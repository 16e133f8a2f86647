"""Machines without machines: network namespaces on a bridge, two with clocks of their own, and a stand-in for ssh.

`alpha`, `beta` and `gamma` are reached through a `ssh` that is found first on PATH; `control` is where the harness
runs. They share the cores: what is shown here is that nothing is wrong, not how fast it is. All of it is gone with the
processes that hold it.
"""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from running import PLAIN, ROOT

from harness.measure.probes import LISTEN

RELAY = Path(__file__).with_name("relay.py")
DAY_S = 86_400
ADDRESSES = {"control": "10.77.0.1", "alpha": "10.77.0.2", "beta": "10.77.0.3", "gamma": "10.77.0.4"}
AHEAD_S = {"alpha": DAY_S, "gamma": 3600}  # of the others the clock is ours
# What ssh does with the words that harness/hand/transport.py gives it, as far as a namespace can.
SSH = """#!/bin/sh
while [ $# -gt 0 ]; do
  case "$1" in
  -o) shift 2 ;;
  -O) order=$2; shift 2 ;;
  -R) port=${2#127.0.0.1:}; port=${port%%:*}; shift 2 ;;
  -T) shift ;;
  --) shift; break ;;
  *) echo "ssh: unexpected word $1" >&2; exit 255 ;;
  esac
done
host=${1##*@}; shift
. "$(dirname "$0")/$host" || { echo "ssh: could not resolve hostname $host" >&2; exit 255; }
case "$order" in
forward) exec "RELAY" "$port" "$pid" "$0.$host.$port" ;;
cancel) exec kill "$(cat "$0.$host.$port")" ;;
esac
exec nsenter --target "$pid" --net --time -- env SSH_CONNECTION="10.77.0.1 9 $address 22" sh -c "$*"
"""


@dataclass(frozen=True)
class Machines:
    """The processes that hold the namespaces, by the machines' names, and the folder with the `ssh` that knows them."""

    holders: dict[str, int]
    bin: Path

    def command(self, *words: str | Path) -> list[str]:
        """Return a command that runs on the machine of the harness."""
        return inside(self.holders["control"], *map(str, words))

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which `ssh` is ours."""
        return {**os.environ, **PLAIN, "PATH": f"{self.bin}:{os.environ['PATH']}"}

    def host(self, name: str) -> str:
        """Return a machine as SERVER= has it: this folder is where the project lies there."""
        return f"ssh:me@{name}:{ROOT}"

    def processes(self, *names: str) -> list[psutil.Process]:
        """Return what runs on these machines, but for who holds them; without names, on any."""
        theirs = {_namespace(self.holders[name]) for name in names or self.holders}
        holding = {*self.holders.values(), *(psutil.Process(pid).ppid() for pid in self.holders.values())}
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.pid not in holding and _namespace(process.pid) in theirs:
                    found.append(process)
        return [process for process in found if process.status() != psutil.STATUS_ZOMBIE]

    def listening(self, name: str) -> set[str]:
        """Return the addresses at which something listens on a machine."""
        rows = [row.split() for row in Path(f"/proc/{self.holders[name]}/net/tcp").read_text().splitlines()[1:]]
        words = [row[1].partition(":")[0] for row in rows if row[3] == LISTEN]
        return {".".join(str(byte) for byte in reversed(bytes.fromhex(word))) for word in words}

    def ip(self, name: str, *words: str) -> None:
        """Change a machine's network."""
        subprocess.run(inside(self.holders[name], "ip", *words), check=True, capture_output=True)


def inside(pid: int, *words: str) -> list[str]:
    """Return a command that runs in the namespaces of a process."""
    return ["nsenter", "--target", str(pid), "--net", "--time", "--", *words]


def _namespace(pid: int) -> str:
    return str(Path(f"/proc/{pid}/ns/net").readlink())


def why_not() -> str:
    """Return why there can be no namespaces here; nothing where there can be."""
    if missing := [word for word in ("ip", "unshare", "nsenter") if shutil.which(word) is None]:
        return f"there is no {' and no '.join(missing)} (iproute2, util-linux)"
    tried = subprocess.run([*_unshare(0), "ip", "link", "add", "br0", "type", "bridge"], capture_output=True, text=True)
    return (
        f"this kernel, or who runs it, allows no network namespaces: {tried.stderr.strip()}" if tried.returncode else ""
    )


@contextlib.contextmanager
def machines(folder: Path) -> Iterator[Machines]:
    """Make four machines on one wire."""
    with contextlib.ExitStack() as held:
        pids = {name: held.enter_context(_holder(AHEAD_S.get(name, 0))) for name in ADDRESSES}
        made = Machines(pids, folder)
        made.ip("control", "link", "add", "br0", "type", "bridge")
        made.ip("control", "addr", "add", f"{ADDRESSES['control']}/24", "dev", "br0")
        made.ip("control", "link", "set", "br0", "up")
        for name in [name for name in ADDRESSES if name != "control"]:
            wire = ("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", str(pids[name]))
            made.ip("control", *wire)
            made.ip("control", "link", "set", name, "master", "br0", "up")
            made.ip(name, "addr", "add", f"{ADDRESSES[name]}/24", "dev", "eth0")
            made.ip(name, "link", "set", "eth0", "up")
            (folder / name).write_text(f"pid={pids[name]} address={ADDRESSES[name]}\n")
        (folder / "ssh").write_text(SSH.replace('"RELAY"', f'"{sys.executable}" "{RELAY}"'))
        (folder / "ssh").chmod(0o755)
        yield made


def _unshare(ahead_s: int) -> Sequence[str]:
    clock = ("--time", "--monotonic", str(ahead_s), "--boottime", str(ahead_s), "--fork", "--kill-child")
    return ["unshare", "--net", *clock, "--"]


@contextlib.contextmanager
def _holder(ahead_s: int) -> Iterator[int]:
    """Hold new namespaces for as long as the block lasts; give the pid of who is in them."""
    hold = [*_unshare(ahead_s), "sh", "-c", "ip link set lo up && echo $$ && exec cat"]
    with subprocess.Popen(hold, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        yield int(holder.stdout.readline())
        holder.communicate()
