"""Where a run's processes live: what they may open, write and see, and the cause where they may not."""

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import psutil
import pytest
from running import ROOT
from tried import in_three_tries

from harness.bench.options import load_config
from harness.errors import UsageError
from harness.facts.config import Upstream
from harness.facts.point import users
from harness.facts.routes import Route
from harness.measure.child import Child
from harness.measure.probes import Cores
from harness.measure.site import FILES_BESIDE, Site, free_port, scratch_folder
from harness.studies.laboratory import Experiment, laboratory
from harness.ui import Ports, serve

ASKS = """
import resource, sys
from harness.errors import UsageError
from harness.measure.site import allow_many_files, require_files
resource.setrlimit(resource.RLIMIT_NOFILE, (256, int(sys.argv[1])))
allow_many_files()
try:
    require_files(int(sys.argv[2]), int(sys.argv[3]))
except UsageError as error:
    print(error, error.hint)
"""


def asked(hard: int, clients: int, calls: int = 1) -> str:
    """Return what is said of so many clients, with so many calls each, where a process may open `hard` files."""
    words = [sys.executable, "-c", ASKS, str(hard), str(clients), str(calls)]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_1024_files_are_enough_for_300_clients_and_the_soft_limit_is_raised() -> None:
    assert asked(1024, 300) == ""
    assert asked(1024, 300, calls=2) == ""


def test_too_few_files_for_the_server_are_said_with_the_number_that_is_needed() -> None:
    said = asked(1024, 500)

    assert "the server of 500 clients needs 1,100 open files, and a process may open 1,024" in said
    assert "ulimit -n 1100" in said


def test_calls_that_are_made_together_need_a_file_each() -> None:
    said = asked(1024, 400, calls=2)

    assert "the server of 400 clients needs 1,300 open files" in said


@in_three_tries
def test_the_server_needs_most_files_a_connection_of_each_client_and_one_for_each_call() -> None:
    clients, route = 100, Route(path="/api/city/97201/us", upstream=(("location",), ("sun", "weather")))
    lane = load_config(ROOT / "bench.toml").lanes["quart"]
    load = Experiment(users(clients), window_s=1.0, warmup_s=1.0, routes=(route,))
    most, done = {"server": 0, "generator": 0, "stub": 0}, threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            most["server"] = max(most["server"], _open_files(server.child.processes()))
            most["stub"] = max(most["stub"], _open_files(bench.tools.stub.child.processes()))
            ours = psutil.Process().children(recursive=True)
            senders = [one for one in ours if "locust" in _name(one) and "guard.py" not in _name(one)]
            most["generator"] = max(most["generator"], _open_files(senders))

    with laboratory(Upstream(delay="fixed:0.2")) as bench, bench.serve(lane) as server:
        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            bench.measure(server, lane, load)
        finally:
            done.set()
            watcher.join()

    assert 2 * clients < most["server"] <= 3 * clients + FILES_BESIDE
    assert clients < most["stub"] <= 2 * clients + FILES_BESIDE
    assert clients < most["generator"] <= clients + FILES_BESIDE


def _name(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


def _open_files(processes: list[psutil.Process]) -> int:
    """Return the most files that any of the processes has open."""
    found = [0]
    for process in processes:
        with contextlib.suppress(psutil.Error, OSError):
            found.append(process.num_fds())
    return max(found)


def test_a_missing_folder_for_temporary_files_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "absent"))

    with pytest.raises(UsageError, match=r"temporary files in .*/absent: No such file") as raised, scratch_folder():
        pass
    assert "TMPDIR" in raised.value.hint


def test_the_web_ui_names_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`ui` checks its ports first, and these are free."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "absent"))
    ports = Ports(*(free_port() for _ in range(4)))

    with pytest.raises(UsageError, match="cannot write temporary files"):
        serve(load_config(ROOT / "bench.toml"), ports, "sun", say=print)


def test_a_folder_without_room_for_temporary_files_is_named() -> None:
    """A limit on the size of files stands for a full disk."""
    program = (
        "import resource\nfrom harness.errors import UsageError\nfrom harness.measure.site import scratch_folder\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n"
        "try:\n    with scratch_folder(): pass\nexcept UsageError as error: print(error)"
    )

    said = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert "cannot write temporary files in" in said.stdout
    assert "File too large" in said.stdout


def test_a_umask_that_takes_everything_away_leaves_us_what_we_make() -> None:
    before = os.umask(0o777)
    try:
        with scratch_folder() as scratch:
            (scratch / "made").write_text("here")

            assert (scratch / "made").stat().st_mode & 0o777 == 0o600
            assert scratch.stat().st_mode & 0o777 == 0o700
    finally:
        os.umask(before)


def test_no_setting_of_python_reaches_a_child_or_its_guard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('a stranger')\nraise SystemExit(9)")
    (tmp_path / "contextlib.py").write_text("raise SystemExit(9)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    for name in ("PYTHONSAFEPATH", "PYTHONOPTIMIZE", "PYTHONINSPECT"):
        monkeypatch.setenv(name, "1")
    says = "import os, sys; print(sys.flags.optimize, sys.flags.safe_path, *[n for n in os.environ if 'PYTHON' in n])"
    environment = Site(tmp_path, Cores()).environment()

    with Child("it", [sys.executable, "-c", says], log=tmp_path / "log", environment=environment, cwd=ROOT) as child:
        assert child.wait(20) == 0

    assert (tmp_path / "log").read_text() == "0 False\n"
