"""A lane's server: started fresh, ready when it answers, proven to be the one that was meant."""

import shutil
import time
from dataclasses import dataclass

import requests

from harness.errors import MeasurementError, UsageError
from harness.facts.config import Lane
from harness.measure.child import Child
from harness.measure.keep_alive import kept_extra_ms
from harness.measure.probes import accept_queue
from harness.measure.site import ROOT, Site

CLEAN_S = 10.0
POLL_S = 0.02


@dataclass
class Server:
    """A running server of a lane, on a loopback port; `most_clients` is the highest load that it has had.

    `kept_extra_ms` is how much longer an answer takes on a kept connection than on a fresh one.
    """

    child: Child
    port: int
    cores: tuple[int, ...] = ()
    most_clients: int = 0
    kept_extra_ms: float | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def meets(self, clients: int) -> bool:
        """Note a load; say whether memory and threads will be its own, since no higher one has left some behind."""
        self.most_clients, before = max(self.most_clients, clients), self.most_clients
        return clients >= before

    def is_clean(self) -> bool:
        """Say whether it runs and no connection waits for it; wait a little for the queue to empty."""
        deadline = time.monotonic() + CLEAN_S
        while self.child.exit_code is None and time.monotonic() < deadline:
            if not accept_queue(self.port):
                return True
            self.child.wait(POLL_S)
        return False


def check_command(name: str, lane: Lane, site: Site) -> None:
    """Raise UsageError if the lane's command does not exist."""
    command = lane.argv(port=0, upstream="")[0]
    if shutil.which(command, path=site.environment()["PATH"]) is None:
        raise UsageError(
            f"lane {name}: there is no command {command!r}", hint=f"correct [lanes.{name}] in bench.toml, or install it"
        )


def start_server(name: str, lane: Lane, site: Site, *, port: int, upstream: str) -> Server:
    """Start a lane's server and wait until it answers; MeasurementError with its log if it does not."""
    cores = site.cores.server if lane.pinned else site.cores.everything
    child = Child(
        f"lane {name}",
        lane.argv(port=port, upstream=upstream),
        log=site.scratch / f"{name}.log",
        environment=site.environment(**lane.environment(port=port, upstream=upstream)),
        cwd=ROOT,
        cpus=cores,
    )
    server = Server(child, port, cores)
    try:
        _await_ready(server, lane)
        server.kept_extra_ms = kept_extra_ms(port, lane.ready)
    except BaseException:
        child.stop()
        raise
    return server


def _await_ready(server: Server, lane: Lane) -> None:
    """Ask until the lane answers well; its identity must be the one that is promised."""
    deadline = time.monotonic() + lane.ready_s
    with requests.Session() as http:
        http.trust_env = False
        while True:
            status, identity = _ask(http, server.url + lane.ready)
            if status == requests.codes.ok:
                break
            if server.child.wait(POLL_S) is not None:
                raise server.child.failure(f"ended with exit code {server.child.exit_code} before it answered")
            if time.monotonic() > deadline:
                said = f"status {status}" if status else "no answer"
                raise server.child.failure(
                    f"is not ready after {lane.ready_s:g} s: {said} at {lane.ready}",
                    hint="set ready to a path that answers with 200, or ready_s to more seconds, in bench.toml",
                )
    if lane.identity is not None and identity != lane.identity:
        raise MeasurementError(
            f"{server.child.name} answers as {identity!r}, not as {lane.identity!r}",
            hint="correct its command or its identity in bench.toml",
        )


def _ask(http: requests.Session, url: str) -> tuple[int | None, str | None]:
    try:
        answer = http.get(url, timeout=(1.0, 2.0), allow_redirects=False)
    except requests.RequestException:
        return None, None
    return answer.status_code, answer.headers.get("X-App")
