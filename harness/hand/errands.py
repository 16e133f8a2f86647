"""What a hand does on its machine: with the code that measures locally, and nothing else."""

import contextlib
import json
import os
import resource
import socket
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

from harness.errors import MeasurementError
from harness.facts.config import Lane, Upstream
from harness.hand.identity import identity
from harness.measure.child import Child
from harness.measure.generator import locust_command, worker_options
from harness.measure.machine import machine
from harness.measure.outsider import Outsider
from harness.measure.probes import Cores, listen_overflows, split_cores, stay_off_the_server
from harness.measure.secrets import Secrets
from harness.measure.server import Server, check_command, start_server
from harness.measure.site import ROOT, Site, free_port
from harness.measure.speed import SpeedProbe, start_speed_probe
from harness.measure.stub import Stub, start_stub
from harness.measure.watch import Machine, Part, watch

FAR_S = 3600.0  # a window that is further away than any trial is long: a clock is wrong
LOG_BYTES = 16_384
CONNECTS, CONNECT_S = 7, 2.0


class Errands:
    """The machine's part of a run, errand after errand; leaving the `with` block ends what was started."""

    def __init__(self, scratch: Path) -> None:
        self._all = contextlib.ExitStack()
        self.site = Site(scratch, Cores())
        self._probe: SpeedProbe | None = None
        self._server: Server | None = None
        self._stub: Stub | None = None
        self._workers: dict[str, list[Child]] = {}  # by trial
        self._latest = ""
        self._errands: dict[str, Callable[..., Any]] = {
            "hello": hello,
            "serve": self.serve,
            "free_port": lambda host: free_port(host),
            "check": lambda name, lane: check_command(name, Lane.model_validate(lane), self.site),
            "start_server": self.start_server,
            "stop_server": self.stop_server,
            "server": lambda: _state(self._server.child if self._server else None),
            "clean": lambda: self._server is not None and self._server.is_clean(),
            "start_stub": self.start_stub,
            "stub": lambda: _state(self._stub.child if self._stub else None),
            "start_worker": self.start_worker,
            "stop_workers": self.stop_workers,
            "watch": self.watch,
            "overflows": listen_overflows,
            "rtt": rtt_s,
        }

    def do(self, do: str, **what: Any) -> Any:
        """Do one errand; return what it brings, as JSON may say it."""
        return self._errands[do](**what)

    def serve(self, cores: int) -> dict[str, Any]:
        """Keep so many cores for servers, probe the last one, and stay off them; return which they are."""
        self.site = Site(self.site.scratch, split_cores(cores))
        self._probe = self._all.enter_context(start_speed_probe(self.site))
        stay_off_the_server(self.site.cores)
        server, rest = self.site.cores.server, self.site.cores.driver
        return machine(self.site.cores) | {"pinning": f"server on {_list(server)}, the rest on {_list(rest)}"}

    def start_server(
        self, name: str, lane: dict[str, Any], port: int, upstream: str, secrets: dict[str, str], host: str
    ) -> dict[str, Any]:
        """Start a lane's server, and wait until it answers."""
        self.stop_server()
        told = Lane.model_validate(lane)
        kept = Secrets(secrets)
        self._server = start_server(name, told, self.site, port=port, upstream=upstream, secrets=kept, host=host)
        return {"cores": self._server.cores, "kept_extra_ms": self._server.kept_extra_ms}

    def stop_server(self) -> None:
        """End the server, if there is one."""
        if self._server is not None:
            self._server.child.stop()
            self._server = None

    def start_stub(self, upstream: dict[str, Any], host: str, token: str) -> str:
        """Start the stub; return its url."""
        self._stub = self._all.enter_context(
            start_stub(Upstream.model_validate(upstream), self.site, host=host, token=token)
        )
        return self._stub.url

    def start_worker(self, trial: str, plan: dict[str, Any], port: int) -> None:
        """Start a Locust worker for a trial, whose master is found at a loopback port of this machine.

        The trial before it may still be drained; of those before that nothing is left.
        """
        for older in [name for name in self._workers if name not in (trial, self._latest)]:
            self.stop_workers(older)
        self._latest = trial
        workers = self._workers.setdefault(trial, [])
        name, home = f"{trial}.worker-{len(workers)}", self.site.scratch / "locust"
        home.mkdir(exist_ok=True)
        file = self.site.scratch / f"{name}.plan.json"  # of a scratch folder, which is only ours: it may hold secrets
        file.write_text(json.dumps(plan))
        worker = Child(
            "a worker of the load generator",
            [*locust_command(file, "open" if "arrivals" in plan else "closed"), *worker_options(port)],
            log=self.site.scratch / f"{name}.log",
            environment=self.site.environment(HOME=str(home), PYTHONPATH=str(ROOT)),
            cwd=home,
            cpus=self.site.cores.driver,
        )
        workers.append(worker)

    def stop_workers(self, trial: str) -> None:
        """End the Locust workers of a trial."""
        for worker in self._workers.pop(trial, []):
            worker.stop()

    def watch(self, window: tuple[float, float], holds: bool) -> dict[str, Any]:
        """Watch a window of this machine's clock; return what was seen."""
        if abs(window[0] - time.monotonic()) > FAR_S:
            raise MeasurementError("the window lies hours away: the clocks of the two machines were compared wrongly")
        never = threading.Event()
        return watch(self._machine(), (window[0], window[1]), never.wait, holds=holds).model_dump(mode="json")

    def _machine(self) -> Machine:
        """Return what of a trial runs here."""
        parts: dict[Part, Sequence[Child | Outsider]] = {
            "server": [self._server.child] if self._server else [],
            "stub": [self._stub.child] if self._stub else [],
            "generator": self._workers.get(self._latest, []),
        }
        return Machine(
            site=self.site,
            parts=parts,
            probe=self._probe,
            port=self._server.port if self._server else None,
            cores=self._server.cores if self._server else (),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop_server()
        for trial in list(self._workers):
            self.stop_workers(trial)
        self._all.close()


def _list(cores: tuple[int, ...]) -> str:
    return f"core {', '.join(map(str, cores))}" if cores else "every core"


def hello() -> dict[str, Any]:
    """Return who this machine is: what has to be the same everywhere, its address as ssh knows it, what it can do."""
    seen = os.environ.get("SSH_CONNECTION", "").split()
    return {
        "identity": identity(),
        "address": seen[2] if len(seen) == len(("from", "port", "to", "port")) else None,
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": psutil.virtual_memory().available / 2**30,
        "open_files": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        "monotonic_s": time.monotonic(),
        "wall_s": time.time(),
    }


def rtt_s(host: str, port: int) -> float:
    """Return the least of several times that a connection takes, in seconds: one way there and one back.

    MeasurementError where there is none.
    """
    took = []
    for _ in range(CONNECTS):
        began = time.perf_counter()
        try:
            socket.create_connection((host, port), CONNECT_S).close()
        except OSError as error:
            raise MeasurementError(
                f"cannot reach {host}:{port}: {error}",
                hint="open that way between the machines, or name other addresses",
            ) from None
        took.append(time.perf_counter() - began)
    return min(took)


def _state(child: Child | Outsider | None) -> dict[str, Any]:
    """Return whether a process runs, and the end of what it said."""
    if child is None:
        return {"exit_code": 0, "log": ""}
    log = child.log.read_bytes()[-LOG_BYTES:].decode(errors="replace") if child.log.exists() else ""
    return {"exit_code": child.exit_code, "log": log}
