"""Set-up: make's variables, an environment that was moved, and settings of the user that must not reach us."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from running import ROOT


def make(folder: Path, *words: str, **environment: str) -> str:
    """Return what make would run (-n) in this folder."""
    shown = subprocess.run(
        ["make", "-n", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
        env={**os.environ, **environment},
    )
    return shown.stdout


@pytest.fixture
def ready(tmp_path: Path) -> Path:
    """A checkout whose environment is ready."""
    folder = tmp_path / "checkout"
    (folder / ".venv").mkdir(parents=True)
    for name in ("Makefile", "requirements.lock"):
        shutil.copy(ROOT / name, folder)
    (folder / ".venv" / ".interpreter").write_text("/usr/bin/env\n")
    (folder / ".venv" / ".ready").write_text(f"{folder}\n")
    return folder


@pytest.mark.parametrize("value", ["it's", "quart's:p99 < 5 ms", "a'b'c", "plain"])
def test_an_apostrophe_in_a_variable_reaches_the_command(value: str, ready: Path) -> None:
    shown = make(ready, "report", f"RUN={value}").strip()

    words = subprocess.run(["bash", "-c", f"printf '%s\\n' {shown}"], capture_output=True, text=True, check=True)
    assert words.stdout.splitlines()[-1] == value


def test_a_ready_environment_is_not_built_again(ready: Path) -> None:
    assert "set_up" not in make(ready, "report")
    assert "set_up" not in make(ready, "report", "PYTHON=/usr/bin/env")


def test_an_environment_that_was_moved_is_built_anew(ready: Path) -> None:
    moved = ready.rename(ready.with_name("moved it"))

    assert "set_up" in make(moved, "report")


def test_an_environment_of_another_interpreter_is_built_anew(ready: Path) -> None:
    assert "set_up" in make(ready, "report", "PYTHON=/bin/sh")
    assert "set_up" in make(ready, "report", PYTHON="/bin/sh")


def test_a_half_built_environment_is_built_anew(ready: Path) -> None:
    (ready / ".venv" / ".ready").unlink()

    assert "set_up" in make(ready, "report")


def test_an_interpreter_that_is_not_there_is_refused(tmp_path: Path) -> None:
    words = ["sh", str(ROOT / "tools" / "set_up.sh"), "/nowhere/python", ".venv/.ready"]

    ended = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert ended.returncode == 2
    assert "error: Python 3.11 or newer is needed: /nowhere/python\nhint: make PYTHON=" in ended.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["PYTHONHOME", "PYTHONPATH", "PYTHONSAFEPATH", "PYTHONOPTIMIZE"])
def test_a_setting_of_the_users_interpreter_does_not_reach_a_command(name: str, ready: Path) -> None:
    python = ready / ".venv" / "bin" / "python"
    python.parent.mkdir()
    python.write_text("#!/bin/sh\nenv\n")
    python.chmod(0o755)

    ended = subprocess.run(
        ["make", "report"], cwd=ready, capture_output=True, text=True, check=True, env={**os.environ, name: "/nowhere"}
    )

    assert "PATH=" in ended.stdout
    assert f"\n{name}=" not in f"\n{ended.stdout}"
