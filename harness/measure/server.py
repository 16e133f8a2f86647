"""A lane's server: started fresh, ready when it answers, proven to be the one that was meant."""

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests

from harness.errors import MeasurementError, UsageError
from harness.facts.config import LOOPBACK, Lane
from harness.measure.child import Child
from harness.measure.keep_alive import kept_extra_ms
from harness.measure.outsider import Outsider, outsider
from harness.measure.probes import accept_queue
from harness.measure.secrets import Secrets
from harness.measure.site import ROOT, Site, free_port

CLEAN_S = 10.0
POLL_S = 0.02


@dataclass
class Server:
    """A running server of a lane at `url`; `health_url` is where it is asked for its health.

    `most_clients` is the highest load that it has had.

    `kept_extra_ms` is how much longer an answer takes on a kept connection than on a fresh one.
    """

    child: Child | Outsider
    url: str
    cores: tuple[int, ...] = ()
    health_url: str = ""
    most_clients: int = 0
    kept_extra_ms: float | None = None

    @property
    def port(self) -> int:
        """The port on which it listens."""
        address = urlsplit(self.url)
        return address.port or (443 if address.scheme == "https" else 80)

    @property
    def is_far(self) -> bool:
        """Whether another machine of the run has it, which watches it."""
        return False

    def rtt_s(self) -> float | None:
        """Return the least time to it and back, in seconds; None where it is on this machine."""
        return None

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


def address_of(lane: Lane, port: int, host: str = LOOPBACK) -> str:
    """Return where a lane answers: at its own url, or on a port of this address."""
    return lane.url.rstrip("/") if lane.url else f"http://{host}:{port}"


def _environment(lane: Lane, site: Site) -> dict[str, str]:
    """Return what every server finds in its environment: the commands of the lane's own interpreter come first."""
    ours = site.environment()
    if lane.python is None:
        return ours
    return ours | {"PATH": os.pathsep.join([str(Path(lane.python).absolute().parent), ours["PATH"]])}


def check_command(name: str, lane: Lane, site: Site) -> None:
    """Raise UsageError if the lane's command, its interpreter or its folder does not exist."""
    if lane.url is not None:
        return
    for what, path in (("folder", lane.cwd), ("interpreter", lane.python)):
        if path is not None and not Path(path).exists():
            raise UsageError(f"lane {name}: there is no {what} {path}", hint=f"correct [lanes.{name}] in bench.toml")
    command = lane.argv(port=0, upstream="")[0]
    if shutil.which(command, path=_environment(lane, site)["PATH"]) is None:
        raise UsageError(
            f"lane {name}: there is no command {command!r}", hint=f"correct [lanes.{name}] in bench.toml, or install it"
        )


def start_server(
    name: str,
    lane: Lane,
    site: Site,
    *,
    port: int,
    upstream: str,
    secrets: Secrets | None = None,
    host: str = LOOPBACK,
) -> Server:
    """Start a lane's server, or find the one that runs, and wait until it answers; MeasurementError if it does not.

    `host` is the address of this machine at which it listens.
    """
    log = site.scratch / f"{name}.log"
    child: Child | Outsider
    cores: tuple[int, ...] = ()
    health_port = free_port() if lane.has_own_health else port
    if lane.url is not None:
        child = outsider(name, lane, log)
    else:
        cores = site.cores.serving(lane.cores) if lane.pinned else site.cores.everything
        own = lane.environment(port=port, upstream=upstream, host=host)
        child = Child(
            f"lane {name}",
            lane.argv(port=port, upstream=upstream, host=host, health_port=health_port),
            log=log,
            environment=_environment(lane, site) | (secrets.fill(own) if secrets else own),
            cwd=Path(lane.cwd) if lane.cwd else ROOT,
            cpus=cores,
        )
    server = Server(child, address_of(lane, port, host), cores, address_of(lane, health_port, host))
    try:
        _await_ready(server, lane, server.url)
        if lane.has_own_health:
            _await_ready(server, lane, server.health_url)
        server.kept_extra_ms = kept_extra_ms(server.url, lane.ready)
    except BaseException:
        child.stop()
        raise
    return server


def check_outsider(name: str, lane: Lane, site: Site) -> None:
    """Raise UsageError unless a server that should run already answers at its url."""
    if lane.url is None:
        return
    outsider(name, lane, site.scratch / f"{name}.log")
    url = address_of(lane, 0) + lane.ready
    with requests.Session() as http:
        http.trust_env = False
        try:
            answer = http.get(url, timeout=(2.0, lane.ready_s), allow_redirects=False)
        except requests.RequestException:
            raise UsageError(
                f"lane {name}: no answer at {url}", hint="start that server first, or correct the url"
            ) from None
    if answer.is_redirect:
        raise UsageError(
            f"lane {name}: {url} leads to {answer.headers['Location']}", hint="give the address that answers itself"
        )
    if answer.status_code != requests.codes.ok:
        raise UsageError(
            f"lane {name}: status {answer.status_code} at {url}", hint="set ready to a path that answers with 200"
        )


def _await_ready(server: Server, lane: Lane, url: str) -> None:
    """Ask until the lane answers well there; its identity must be the one that is promised."""
    deadline = time.monotonic() + lane.ready_s
    with requests.Session() as http:
        http.trust_env = False
        while True:
            status, identity = _ask(http, url + lane.ready)
            if status == requests.codes.ok:
                break
            if server.child.wait(POLL_S) is not None:
                raise server.child.failure(f"ended with exit code {server.child.exit_code} before it answered")
            if time.monotonic() > deadline:
                said = f"status {status}" if status else f"no answer at {server.url}" if lane.url else "no answer"
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
