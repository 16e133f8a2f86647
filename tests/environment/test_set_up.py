"""Set-up: make's variables, an environment that was moved, and settings of the user that must not reach us."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from pip_settings import kept
from polling import poll
from running import ROOT

# Programs that stand in for an interpreter.
BESIDE = """
echo $3
touch $3
[ $3 = verify ] || for turn in 1 2 3 4 5 6 7 8 9 10; do if [ -e verify ]; then echo together; fi; sleep 0.05; done
"""
CLEARS_NOTHING = """
case "$1" in -c) echo "$0" ;; *) exit 1 ;; esac
"""
INSTALLS_FOR_EVER = """
case "$1 $2" in
  -c*) echo "$0" ;;
  "-m venv") mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
  "-m pip") [ "$3" = install ] || exit 0; echo $$ >pip; exec sleep 60 ;;
esac
"""


def fake(path: Path, lines: str) -> Path:
    """Write a program of the shell."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{lines}\n")
    path.chmod(0o755)
    return path


def set_up(folder: Path, python: Path) -> subprocess.Popen[bytes]:
    """Start the set-up of a folder, in a process group of its own."""
    words = ["sh", str(ROOT / "tools" / "set_up.sh"), str(python), ".venv/.ready"]
    return subprocess.Popen(words, cwd=folder, stderr=subprocess.DEVNULL, start_new_session=True)


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


@pytest.mark.parametrize("value", ["quart's:p99 < 5 ms", "a'b'c"])
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


def test_settings_of_the_users_interpreter_do_not_reach_a_command(ready: Path) -> None:
    fake(ready / ".venv" / "bin" / "python", "env")
    settings = dict.fromkeys(("PYTHONHOME", "PYTHONPATH", "PYTHONSAFEPATH", "PYTHONOPTIMIZE"), "/nowhere")

    ended = subprocess.run(
        ["make", "report"], cwd=ready, capture_output=True, text=True, check=True, env={**os.environ, **settings}
    )

    assert "PATH=" in ended.stdout
    assert "/nowhere" not in ended.stdout


def test_two_commands_of_one_make_follow_one_another_under_j(ready: Path) -> None:
    fake(ready / ".venv" / "bin" / "python", BESIDE)

    ended = subprocess.run(["make", "-j2", "bench", "verify"], cwd=ready, capture_output=True, text=True, check=True)

    assert ended.stdout.split() == ["bench", "verify"]


def test_a_set_up_that_fails_in_the_middle_leaves_nothing_that_is_called_ready(ready: Path) -> None:
    python = fake(ready / "python", CLEARS_NOTHING)

    ended = set_up(ready, python)
    code = ended.wait(30)

    assert code != 0
    assert not (ready / ".venv" / ".ready").exists()


def test_pip_keeps_the_users_index_and_takes_no_place_to_install_to(tmp_path: Path) -> None:
    (tmp_path / "user.conf").write_text(
        "[global]\nindex-url = http://127.0.0.1:9/50%\n  # theirs\ntarget = /a\n[install]\nprefix = /b\nuser = yes\n"
    )
    pip = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(
        pip,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PIP_CONFIG_FILE": str(tmp_path / "user.conf")},
    )

    settings = kept(listed.stdout.splitlines())

    assert settings["global"]["index-url"] == "http://127.0.0.1:9/50%"
    assert [settings["global"]["target"], settings["install"]["prefix"], settings["install"]["user"]] == ["", "", ""]


def test_an_environment_that_is_a_link_is_replaced_and_what_it_points_to_stays(ready: Path) -> None:
    theirs = (ready / ".venv").rename(ready / "theirs")
    (ready / ".venv").symlink_to(theirs)
    (theirs / "kept").touch()

    set_up(ready, fake(ready / "python", CLEARS_NOTHING)).wait(30)

    assert (theirs / "kept").exists()
    assert not (ready / ".venv").is_symlink()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_while_packages_are_installed_ends_pip_and_leaves_nothing_ready(
    number: signal.Signals, ready: Path
) -> None:
    python = fake(ready / "python", INSTALLS_FOR_EVER)

    with set_up(ready, python) as process:
        pip = int(poll((ready / "pip").exists, 30, "pip") and poll((ready / "pip").read_text, 30, "its number"))
        os.killpg(process.pid, number)
        process.wait(30)

    assert process.returncode == 130
    assert not (ready / ".venv" / ".ready").exists()
    poll(lambda: not psutil.pid_exists(pip), 10, "the end of pip")
