"""The commands that reach another machine: the system's ssh, or nsenter for the tests of this project."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from harness.facts.host import Host
from harness.hand.identity import code_digest
from harness.measure.site import ROOT

PLACE = ".cache/flask-vs-quart"  # from the home folder on, on a machine that hosts-setup has prepared
SSH = (
    *("ssh", "-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10"),  # never ask for a password
    *("-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3"),
)


def folder_of(host: Host) -> str:
    """Return where the project lies on a host: each code in a folder of its own."""
    return host.folder or f"{PLACE}/{code_digest(ROOT)}"


def command(host: Host, words: Sequence[str], control: Path | None = None) -> list[str]:
    """Return the command that runs words on a host; `control` is the folder of the connection that several share."""
    if host.by == "nsenter":
        return ["nsenter", "--target", host.target, "--net", "--time", "--", *words]
    return [*SSH, *_shared(control), "--", host.target, shlex.join(words)]


def hand_command(host: Host, control: Path) -> list[str]:
    """Return the command of a host's hand. No word of it is secret: what is goes through the pipe."""
    if host.by == "nsenter":
        return command(host, [sys.executable, "-m", "harness.hand"])
    there = shlex.quote(folder_of(host))
    return [*command(host, (), control)[:-1], f"cd {there} && exec .venv/bin/python -m harness.hand"]


def forward_command(host: Host, control: Path, port: int, *, cancel: bool = False) -> list[str]:
    """Return the command that lets a host's loopback port lead to ours of the same number, or no longer."""
    way = f"127.0.0.1:{port}:127.0.0.1:{port}"
    return [*SSH, *_shared(control), "-O", "cancel" if cancel else "forward", "-R", way, "--", host.target]


def _shared(control: Path | None) -> tuple[str, ...]:
    if control is None:
        return ()
    return ("-o", "ControlMaster=auto", "-o", f"ControlPath={control}/%C", "-o", "ControlPersist=no")
