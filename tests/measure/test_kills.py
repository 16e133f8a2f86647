"""`bench` and `timeline`, killed while their processes run, leave none, whatever descriptors are closed.

`KILLS=20 pytest -n 0 tests/measure/test_kills.py` kills each verb in each form so often, at other moments each time;
the suite does it once for one verb a form.
"""

import contextlib
import os
import random
import signal
import subprocess
from pathlib import Path

import psutil
import pytest
from polling import poll
from running import PLAIN, ROOT, command, small_config

FORMS = {
    "<&-": ("timeline", signal.SIGKILL),
    ">&-": ("bench", signal.SIGKILL),
    "2>&-": ("timeline", signal.SIGHUP),
    "<&- >&- 2>&-": ("bench", signal.SIGTERM),
}
KILLS = int(os.environ.get("KILLS", "0"))
ONCE = [(verb, closed, number, 0) for closed, (verb, number) in FORMS.items()]
OFTEN = [
    (verb, closed, (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP)[turn % 3], turn)
    for verb in ("bench", "timeline")
    for closed in FORMS
    for turn in range(KILLS)
]


def marked(mark: str) -> list[psutil.Process]:
    """Return the running processes that have this mark in their environment."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get("TEST_MARK") == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


@pytest.mark.parametrize(("verb", "closed", "number", "turn"), OFTEN or ONCE)
def test_a_kill_at_a_random_moment_leaves_no_process(
    verb: str, closed: str, number: signal.Signals, turn: int, tmp_path: Path
) -> None:
    mark, chance = str(tmp_path), random.Random(f"{verb} {closed} {turn}")
    words: dict[str, tuple[str | Path, ...]] = {
        "bench": ("--config", small_config(tmp_path, names=("quart",)), "--results", tmp_path / "results"),
        "timeline": ("--delay", "0.1", "--out", tmp_path / "out"),
    }
    shell = ["sh", "-c", f'exec "$@" {closed}', "sh", *command(verb, *words[verb])]
    with subprocess.Popen(shell, cwd=ROOT, env={**os.environ, **PLAIN, "TEST_MARK": mark}) as harness:
        poll(lambda: any("upstream" in one.cmdline() for one in marked(mark)), 60, "the stub runs")
        with contextlib.suppress(subprocess.TimeoutExpired):
            harness.wait(chance.uniform(0.0, 3.0))
        harness.send_signal(number)

    assert harness.returncode in (-number, 130), harness.returncode
    assert poll(lambda: not marked(mark), 10, "all have ended")
