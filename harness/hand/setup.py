"""Bring the project to another machine: its commit by `git archive`, its environment from the lock with its hashes."""

import shlex
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.errors import UsageError
from harness.facts.host import Host
from harness.hand.identity import code_digest
from harness.hand.transport import command, folder_of
from harness.measure.site import ROOT

PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"


def set_up(hosts: Sequence[Host], say: Callable[[str], object]) -> None:
    """Prepare machines for runs of this commit; UsageError where one cannot be, or the code here is another.

    What a machine has of this commit stays as it is; pip keeps its own user's settings there.
    """
    with tempfile.TemporaryDirectory() as folder:
        archive = _archive(Path(folder))
        for host in hosts:
            there = shlex.quote(folder_of(host))
            say(f"{host.name}: the code goes to {folder_of(host)}")
            with archive.open("rb") as code:
                _run(host, f"mkdir -p {there} && tar -x -C {there}", stdin=code.fileno())
            say(f"{host.name}: the environment is made from requirements.lock")
            python = f'"$(command -v {PYTHON} || command -v python3)"'
            _run(host, f"cd {there} && {{ [ -e .venv/.ready ] || sh tools/set_up.sh {python} .venv/.ready; }}")


def _archive(folder: Path) -> Path:
    """Return the archive of the commit; UsageError where the code here is not that of the commit."""
    archive, unpacked = folder / "code.tar", folder / "code"
    made = subprocess.run(
        ["git", "-C", str(ROOT), "archive", "--output", str(archive), "HEAD"],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise UsageError(f"there is no commit to bring: {made.stderr.strip()}", hint="work in a clone of the project")
    with tarfile.open(archive) as tar:
        tar.extractall(unpacked, filter="data")
    if code_digest(unpacked) != code_digest(ROOT):
        raise UsageError("the code here is not that of its commit", hint="commit it first (or stash it): git status")
    return archive


def _run(host: Host, script: str, stdin: int = subprocess.DEVNULL) -> None:
    """Run a script there; what it says goes to stderr."""
    ended = subprocess.run(command(host, ["sh", "-c", script]), stdin=stdin, stdout=sys.stderr, check=False)
    if ended.returncode:
        raise UsageError(
            f"{host.name} could not be prepared: exit code {ended.returncode}",
            hint=f"what failed stands above; try it by hand: ssh {host.target}",
        )
