"""`python -m harness.hand`: do on this machine what a run elsewhere asks for, as JSON lines on stdin and stdout.

It opens no port and stays no longer than its pipe: when that closes, or nothing is heard for a while, it ends, and
with it all that it has started. Who kills it ends that, too: each process has a guard (harness/measure/guard.py).
"""

import json
import os
import queue
import select
import signal
import sys
import threading
import time
from typing import NoReturn

from harness.errors import ExitCode, HarnessError
from harness.hand.errands import Errands
from harness.measure.site import allow_many_files, scratch_folder

SILENT_S = 30.0  # the other end says something every few seconds
ENDING_S = 8.0


def main() -> None:
    """Run errands until the pipe closes."""
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGHUP, _end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pipe = _Pipe()
    threading.Thread(target=pipe.listen, daemon=True).start()
    allow_many_files()
    with scratch_folder() as scratch, Errands(scratch) as errands:
        while True:
            asked = pipe.asked.get()
            pipe.say({"id": asked.pop("id", None), **_answer(errands, asked)})


class _Pipe:
    """The two ends of the connection. What is printed by mistake goes to stderr, not into an answer."""

    def __init__(self) -> None:
        self.asked: queue.Queue[dict[str, object]] = queue.Queue()
        self._out, self._saying = os.dup(1), threading.Lock()
        os.dup2(2, 1)

    def listen(self) -> None:
        """Queue what is asked; say the time at once. At the end of it all end this process, whatever it does."""
        heard = b""
        while select.select([0], [], [], SILENT_S)[0] and (more := os.read(0, 65_536)):
            now_s = time.monotonic()
            *lines, heard = (heard + more).split(b"\n")
            for asked in map(json.loads, filter(None, lines)):
                if asked["do"] == "now":
                    self.say({"id": asked["id"], "is": now_s})
                else:
                    self.asked.put(asked)
        os.kill(os.getpid(), signal.SIGTERM)
        threading.main_thread().join(ENDING_S)
        os._exit(1)

    def say(self, answer: dict[str, object]) -> None:
        """Write an answer; who asked may be gone."""
        line = json.dumps(answer).encode() + b"\n"
        with self._saying:
            try:
                while line:
                    line = line[os.write(self._out, line) :]
            except OSError:
                os.kill(os.getpid(), signal.SIGTERM)


def _answer(errands: Errands, asked: dict[str, object]) -> dict[str, object]:
    """Return what an errand brings, or why it failed."""
    try:
        return {"is": errands.do(**asked)}  # type: ignore[arg-type] # the other end is the same code
    except HarnessError as error:
        return {"failed": str(error), "hint": error.hint, "exit_code": int(error.exit_code)}
    except Exception as error:  # whatever it is, who asked has to know
        return {"failed": repr(error), "hint": "", "exit_code": int(ExitCode.INVALID)}


def _end(*_: object) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(0)


if __name__ == "__main__":
    main()
