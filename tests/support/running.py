"""The command line, run as a user runs it; and short runs to read."""

import contextlib
import csv
import io
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from bounds import WIDE

from harness import cli
from harness.signals import INTERRUPTS

ROOT = Path(__file__).resolve().parents[2]
SMALL = ROOT / "tests" / "bench" / "small.toml"
# Plain and wide output, whatever terminal the tests run in.
PLAIN = {"NO_COLOR": "1", "COLUMNS": "120"}
THIRD_APP = """
import sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        time.sleep(0.02)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
    def log_message(self, *args):
        pass

ThreadingHTTPServer.request_queue_size = 128
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def command(*words: str | Path) -> list[str]:
    """Return the words that start the harness."""
    return [sys.executable, "-m", "harness", *map(str, words)]


def harness(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the harness to its end."""
    environment = {**os.environ, **PLAIN}
    return subprocess.run(
        command(*words), cwd=ROOT, capture_output=True, text=True, timeout=240, check=False, env=environment
    )


def small_config(folder: Path, lanes: str = "", names: tuple[str, ...] = ("threads", "quart")) -> Path:
    """Write a bench.toml for a short run of these lanes; `lanes` adds others as TOML."""
    path = folder / "bench.toml"
    path.write_text(SMALL.read_text().replace('["threads", "quart"]', str(list(names))) + lanes + WIDE)
    return path


@contextlib.contextmanager
def unpinned() -> Iterator[None]:
    """Take back where this process may run, which the harness restricts to keep off the server's core."""
    if sys.platform != "linux":
        yield
        return
    cores = os.sched_getaffinity(0)
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def in_process(*words: str | Path, charts: bool = False) -> subprocess.CompletedProcess[str]:
    """Run the harness to its end in this process: for what it says, where a process of its own would prove no more.

    A bench writes its reports without charts, each of which takes CPU time, unless a test reads or verifies them.
    """
    files = resource.getrlimit(resource.RLIMIT_NOFILE)
    handlers = {number: signal.getsignal(number) for number in INTERRUPTS}
    arguments = ["harness", *map(str, words)]
    with (
        unpinned(),
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(io.StringIO()) as out,
        contextlib.redirect_stderr(io.StringIO()) as err,
    ):
        patch.setattr(sys, "argv", arguments)
        if words[:1] in (("bench",), ("capacity",)) and not charts:
            patch.setattr(import_module("harness.report.publish"), "drawings", lambda _: ())
        patch.setattr(sys, "unraisablehook", sys.unraisablehook)  # the command sets its own
        try:
            cli.main()
            code = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
            resource.setrlimit(resource.RLIMIT_NOFILE, files)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def third_lane(folder: Path) -> str:
    """Write a server of which nothing is known into a folder; return its lane, `third`, as TOML."""
    (folder / "third.py").write_text(THIRD_APP)
    return (
        f'[lanes.third]\ncommand = "python {folder}/third.py {{port}}"\nslots = "unbounded"\nready = "/"\npath = "/x"\n'
    )


def only_run(results: Path) -> Path:
    """Return the one run in a results folder."""
    (run,) = [path for path in results.iterdir() if path.is_dir() and not path.is_symlink()]
    return run


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def outcome(run: Path) -> list[dict[str, str]]:
    """Return the trials of a run, without those that a busy machine spoiled and that were measured again."""
    trials = rows(run / "trials.csv")
    valid = {_place(trial) for trial in trials if trial["status"] == "valid"}
    return [trial for trial in trials if trial["status"] == "valid" or _place(trial) not in valid]


def _place(trial: dict[str, str]) -> tuple[str, ...]:
    return tuple(trial.get(name, "") for name in ("lane", "load", "users", "rate_rps", "fault"))
