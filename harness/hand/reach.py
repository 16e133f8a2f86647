"""This end of a hand: what it is asked, and the server and the stub that it holds, as the harness sees them."""

import contextlib
import json
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from harness.errors import ExitCode, MeasurementError, UsageError
from harness.facts.config import Lane, Upstream
from harness.facts.host import Host
from harness.hand.clock import Offset, between, offset
from harness.hand.errands import rtt_s
from harness.hand.identity import identity
from harness.hand.transport import hand_command
from harness.judge.counts import Wire
from harness.judge.window import Window
from harness.measure.child import Child, failure_of, tail_of
from harness.measure.ground import require_host
from harness.measure.outsider import Outsider
from harness.measure.secrets import Secrets
from harness.measure.server import Server
from harness.measure.site import ROOT, Site
from harness.measure.stub import Stub
from harness.measure.watch import Seen

HELLO_S = 30.0  # ssh's connection, and the start of Python
ERRAND_S = 20.0
CLOSING_S = 10.0  # after a window
BEAT_S = 3.0  # the hand ends when it hears nothing for ten times as long


class FarHand:
    """A hand on another machine, for as long as the `with` block lasts; it is what a trial knows as Elsewhere."""

    def __init__(self, host: Host, parts: tuple[str, ...], site: Site) -> None:
        self.host, self.parts, self._site = host, parts, site
        control = site.scratch / "ssh"
        control.mkdir(mode=0o700, exist_ok=True)
        self.child = Child(
            f"the hand on {host.name}",
            hand_command(host, control),
            log=site.scratch / f"hand-{host.name}.log",
            environment=site.environment(),
            cwd=ROOT,
            talks=True,
        )
        self.control = control
        self._told_s: float | None = None  # to a worker
        self._lived_by_s: float | None = None  # by the worker of this trial
        self._number, self._stopped = 0, threading.Event()
        self._before: Offset | None = None
        self._overflows: int | None = None
        self._watching = 0, 0.0  # the errand that is under way, and when its window closes
        threading.Thread(target=self._beat, daemon=True).start()
        try:
            self.about = self._hello()
        except BaseException:
            self.stop()
            raise

    @property
    def address(self) -> str:
        """Where the machine is reached by the others of the run."""
        address: str | None = self.host.address or self.about["address"]
        if address is None:
            raise UsageError(f"the address of {self.host.name} is not known", hint=f"write it: {self.host}=10.0.0.2")
        return address

    def lacks(self) -> list[str]:
        """Return what it has other than this machine, which a run would not be fair with."""
        theirs, ours = self.about["identity"], identity()
        return [f"{name} {theirs.get(name)} (here {ours[name]})" for name in ours if theirs.get(name) != ours[name]]

    def refuse_another(self) -> Self:
        """Return this hand; UsageError where its code, lock, interpreter or packages are others."""
        if lacks := self.lacks():
            raise UsageError(
                f"{self.host.name} is not prepared for this run: it has another {', '.join(lacks)}",
                hint=f"commit what you changed, then: make hosts-setup HOSTS={self.host}",
            )
        return self

    def ask(self, errand: str, seconds: float = ERRAND_S, **what: Any) -> Any:
        """Return what an errand brings, within so many seconds; the error of the other end is raised here."""
        return self._answer(self._send(errand, **what), seconds)

    def offset(self) -> Offset:
        """Return how far its clock is ahead of ours."""
        return offset(lambda: float(self.ask("now")), time.monotonic)

    def tell_ahead_s(self) -> float:
        """Return how far its clock is ahead, for a worker there that is to live by ours."""
        self._told_s = self.offset().ahead_s
        return self._told_s

    def opens(self) -> None:
        """Look at its clock and its counters, as a trial begins."""
        self._before, self._overflows = self.offset(), self.ask("overflows")
        self._lived_by_s = self._told_s  # the next trial's worker is told while this one ends

    def watches(self, window: Window, *, holds: bool) -> None:
        """Let it watch a window, in its own time."""
        assert self._before is not None  # noqa: S101 - opens comes first
        ahead_s = self._before.ahead_s
        there = [moment + ahead_s for moment in window]
        self._watching = self._send("watch", window=there, holds=holds), window[1]

    def seen(self) -> Seen:
        """Return what it has seen, in our time."""
        assert self._before is not None  # noqa: S101 - as above
        number, closes_s = self._watching
        left = max(0.0, closes_s - time.monotonic()) + CLOSING_S
        seen = Seen.model_validate(self._answer(number, left))
        begin, end = (moment - self._before.ahead_s for moment in seen.edges_s)
        return seen.model_copy(update={"edges_s": (begin, end)})

    def closes(self) -> tuple[Wire, int | None]:
        """Return what its clock did in a trial, and how often its listen queues overflowed."""
        assert self._before is not None  # noqa: S101 - as above
        middle, stepped_s, allowed_s = between(self._before, self.offset())
        told_wrong_s = 0.0 if self._lived_by_s is None else abs(middle.ahead_s - self._lived_by_s)
        now = self.ask("overflows")
        overflows = None if now is None or self._overflows is None else now - self._overflows
        wire = Wire(
            name=self.host.name,
            parts=self.parts,
            ahead_s=middle.ahead_s,
            uncertainty_s=middle.uncertainty_s + told_wrong_s,
            stepped_s=stepped_s,
            allowed_s=allowed_s,
        )
        return wire, overflows

    def stop(self) -> None:
        """Close the pipe: the hand ends, and with it all that it has started."""
        self._stopped.set()
        self.child.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()

    def _hello(self) -> dict[str, Any]:
        """Return what the machine is; UsageError where it cannot be reached, or has no hand yet."""
        try:
            about: dict[str, Any] = self.ask("hello", HELLO_S)
        except MeasurementError as error:
            raise UsageError(str(error), hint=f"prepare it: make hosts-setup HOSTS={self.host}") from None
        return about

    def _send(self, errand: str, **what: Any) -> int:
        self._number += 1
        self.child.tell(json.dumps({"id": self._number, "do": errand, **what}))
        return self._number

    def _answer(self, number: int, seconds: float) -> Any:
        """Return the answer of that number; older ones belong to errands that were broken off."""
        deadline = time.monotonic() + seconds
        while (answer := json.loads(self.child.hear(deadline)))["id"] != number:
            pass
        if "failed" not in answer:
            return answer["is"]
        kind = UsageError if answer["exit_code"] == ExitCode.USAGE else MeasurementError
        raise kind(f"{self.host.name}: {answer['failed']}", hint=answer["hint"])

    def _beat(self) -> None:
        """Say something now and then, so that the hand knows that we are there, even where no packet comes through."""
        while not self._stopped.wait(BEAT_S):
            try:
                self.child.tell("")
            except (MeasurementError, ValueError):  # it has ended, or we are ending it
                return


class FarChild(Outsider):
    """A process that a hand holds: what a Child is for one of ours. Its log is fetched with its state."""

    def __init__(self, name: str, log: Path, hand: FarHand, errand: str) -> None:
        super().__init__(name, log, None)
        self._hand, self._errand = hand, errand

    @property
    def exit_code(self) -> int | None:
        """Its exit code, None while it runs."""
        state = self._hand.ask(self._errand)
        self.log.write_text(state["log"])
        code: int | None = state["exit_code"]
        return code

    def log_tail(self) -> str:
        """Return the last lines of its log."""
        return tail_of(self.log)

    def failure(self, what: str, hint: str = "") -> MeasurementError:
        """Return the error that says what it did wrong."""
        return failure_of(self.name, what, self.log, hint)

    def stop(self) -> None:
        """End the server; a stub, or what a hand that is gone has held, ends with the hand."""
        if self._errand == "server":
            with contextlib.suppress(MeasurementError):
                _ = self.exit_code
                self._hand.ask("stop_server")


class FarServer(Server):
    """A running server of a lane that a hand holds; the hand watches it."""

    hand: FarHand

    @property
    def is_far(self) -> bool:
        """Whether another machine of the run has it."""
        return True

    def rtt_s(self) -> float | None:
        """Return the least time to it and back, in seconds."""
        return rtt_s(self.hand.address, self.port)

    def is_clean(self) -> bool:
        """Say whether it runs and no connection waits for it; wait a little for the queue to empty."""
        clean: bool = self.hand.ask("clean")
        return clean


class FarGround:
    """Another machine, as the place of a lane's server."""

    def __init__(self, hand: FarHand, site: Site) -> None:
        self._hand, self._site = hand, site

    @property
    def host(self) -> str:
        """The address at which servers listen."""
        return self._hand.address

    def free_port(self) -> int:
        """Return a port of the address that nobody listens on now."""
        port: int = self._hand.ask("free_port", host=self.host)
        return port

    def check(self, name: str, lane: Lane) -> None:
        """Raise UsageError where a lane cannot be started there."""
        require_host(name, lane)
        self._hand.ask("check", name=name, lane=lane.model_dump(mode="json"))

    def start(self, name: str, lane: Lane, *, port: int, upstream: str, secrets: Secrets | None = None) -> Server:
        """Start a lane's server there, and wait until it answers here; MeasurementError if it does not."""
        values = dict(secrets.values) if secrets else {}
        started = self._hand.ask(
            "start_server",
            seconds=lane.ready_s + ERRAND_S,
            name=name,
            lane=lane.model_dump(mode="json"),
            port=port,
            upstream=upstream,
            secrets=values,
            host=self.host,
        )
        child = FarChild(f"lane {name}", self._site.scratch / f"{name}.log", self._hand, "server")
        server = FarServer(child, f"http://{self.host}:{port}", tuple(started["cores"]))
        server.kept_extra_ms, server.hand = started["kept_extra_ms"], self._hand
        try:
            server.rtt_s()
        except BaseException:
            child.stop()
            raise
        return server


def far_stub(hand: FarHand, upstream: Upstream, site: Site, token: str) -> Stub:
    """Start a stub at a hand's machine; UsageError with its own words if it refuses the delay."""
    url = hand.ask("start_stub", upstream=upstream.model_dump(mode="json"), host=hand.address, token=token)
    return Stub(FarChild("the stub", site.scratch / "stub.log", hand, "stub"), url, token)
