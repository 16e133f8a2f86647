"""What hosts-setup brings to a machine: the commit, and nothing that is not committed."""

import os
import subprocess
from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.facts.host import Host
from harness.hand import setup
from harness.hand.identity import CODE, code_digest

HERE = """#!/bin/sh
while [ "$1" != -- ]; do shift; done
shift 2
exec sh -c "$*"
"""  # an ssh to this machine


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a small project under git, to which setup's words refer."""
    root = tmp_path / "project"
    for part in CODE:
        (root / part).mkdir(parents=True)
        (root / part / "it.py").write_text("x = 1\n")
    (root / "tools").mkdir()
    (root / "tools" / "set_up.sh").write_text('mkdir -p .venv && echo "$1" >.venv/python && echo >"$2"\n')
    git = ["git", "-C", str(root), "-c", "user.name=n", "-c", "user.email=e"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "first"]):
        subprocess.run([*git, *words], check=True)
    (tmp_path / "ssh").write_text(HERE)
    (tmp_path / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(setup, "ROOT", root)
    return root


def test_a_machine_gets_the_commit_and_its_environment_once(project: Path, tmp_path: Path) -> None:
    there, said = tmp_path / "far away", list[str]()
    host = Host(by="ssh", target="me@a", folder=str(there))
    (project / "notes.txt").write_text("not committed")

    setup.set_up([host], said.append)
    made = (there / ".venv" / "python").read_text()
    (there / ".venv" / "python").write_text("kept")
    setup.set_up([host], said.append)

    assert code_digest(there) == code_digest(project)
    assert not (there / "notes.txt").exists()
    assert "python" in made
    assert (there / ".venv" / "python").read_text() == "kept"
    assert said[0] == f"a: the code goes to {there}"


def test_code_that_is_not_committed_is_not_brought(project: Path, tmp_path: Path) -> None:
    (project / "harness" / "it.py").write_text("x = 2\n")

    with pytest.raises(UsageError, match="not that of its commit"):
        setup.set_up([Host(by="ssh", target="a", folder=str(tmp_path / "far"))], print)

    assert not (tmp_path / "far").exists()


def test_what_fails_there_is_said(project: Path, tmp_path: Path) -> None:
    assert project.exists()
    (tmp_path / "file").write_text("")

    with pytest.raises(UsageError, match="a could not be prepared"):
        setup.set_up([Host(by="ssh", target="a", folder=str(tmp_path / "file" / "x"))], print)
