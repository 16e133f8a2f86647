"""Makes a trial go wrong as planned, and lets an orchestrator watch: sets and clears the fault, asks for /health."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from harness.facts.faults import Ask, Expected, Fault, Orchestrator, Trouble
from harness.judge.window import Window
from harness.measure.child import Child
from harness.measure.site import ROOT, Site
from harness.measure.stub import Stub

ASKER = Path(__file__).with_name("asker.py")
START_S = 10.0
SPARE_S = 10.0  # for the last answers to be told


@dataclass
class Troublemaker:
    """The fault of one trial, what is expected of it, and who asks meanwhile."""

    fault: Fault
    expected: Expected
    orchestrator: Orchestrator
    stub: Stub
    asker: Child
    done: dict[str, float] = field(default_factory=dict)

    def begin(self, window: Window) -> None:
        """Let the orchestrator ask from the window's opening on, until it closes."""
        count = int((window[1] - window[0]) / self.orchestrator.every_s)
        self.asker.tell(f"{window[0]} {count}")

    def happenings(self, window: Window) -> Iterator[tuple[float, Callable[[], None]]]:
        """Yield what is to happen when, on CLOCK_MONOTONIC: nothing where the load alone is at fault."""
        if self.fault.inject:
            yield window[0] + self.fault.start_s, lambda: self._set(window, "set_s")
            yield window[0] + self.fault.end_s, lambda: self._set(window, "cleared_s")

    def _set(self, window: Window, name: str) -> None:
        self.stub.set_faults([] if name == "cleared_s" else [one.order() for one in self.fault.inject])
        self.done[name] = time.monotonic() - window[0]

    def seen(self, window: Window) -> Trouble:
        """Return what was done, and what the orchestrator saw, once the window has closed."""
        answers = json.loads(self.asker.hear(window[1] + self.orchestrator.timeout_s + SPARE_S))
        asks = (Ask(at_s=at_s - window[0], took_s=took_s, status=status) for at_s, took_s, status in answers)
        return Trouble(expected=self.expected, **self.done, asks=tuple(asks))


def start_asker(orchestrator: Orchestrator, url: str, site: Site) -> Child:
    """Start the process that asks a server at `url` for its health, apart from that server's core; it is ready."""
    address = urlsplit(url)
    words = [address.hostname, address.port, orchestrator.path, orchestrator.every_s, orchestrator.timeout_s]
    asker = Child(
        "the orchestrator's client",
        [sys.executable, "-SE", str(ASKER), *map(str, words)],
        log=site.scratch / "asker.log",
        environment=site.environment(),
        cwd=ROOT,
        cpus=site.cores.driver,
        talks=True,
    )
    asker.hear(time.monotonic() + START_S)
    return asker
