"""`ui`: the stub, both apps and Locust's web UI on fixed ports, until Ctrl-C."""

import contextlib
import socket
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

import requests

from harness.errors import UsageError
from harness.facts.config import Config
from harness.facts.names import pick
from harness.measure.child import Child
from harness.measure.probes import split_cores
from harness.measure.server import Server, start_server
from harness.measure.site import ROOT, Site, allow_many_files, scratch_folder
from harness.measure.stub import Stub, start_stub

MOST_PORT = 65535
READY_S = 30.0
POLL_S = 0.1
WATCH_S = 1.0


@dataclass(frozen=True)
class Ports:
    """Where everything listens on 127.0.0.1."""

    stub: int = 8000
    flask: int = 8001
    quart: int = 8002
    web: int = 8089


def serve(config: Config, ports: Ports, scenario: str, *, say: Callable[[str], None]) -> None:
    """Start everything, `say` the addresses, and return only by an error or an interrupt; all processes end with it."""
    route = pick(config.scenarios, scenario, "scenario").routes[0]
    if not config.primaries:
        raise UsageError("bench.toml declares no pair to show", hint="add a [[primaries]] with lane and baseline")
    _check_ports(ports)
    allow_many_files()
    with scratch_folder() as scratch, ExitStack() as started:
        site = Site(scratch, split_cores())
        stub = started.enter_context(start_stub(config.upstream, site, port=ports.stub))
        flask = _start_lane(config, config.primaries[0].baseline, site, ports.flask, stub.url)
        started.enter_context(flask.child)
        quart = _start_lane(config, config.primaries[0].lane, site, ports.quart, stub.url)
        started.enter_context(quart.child)
        web = started.enter_context(_start_locust(site, stub, {"flask": flask, "quart": quart}, ports.web, route.path))
        _await_web(web, ports.web)
        say(f"upstream stub   {stub.url}")
        say(f"flask           {flask.url}{route.path}   (lane {config.primaries[0].baseline})")
        say(f"quart           {quart.url}{route.path}   (lane {config.primaries[0].lane})")
        say(f"start the load  http://127.0.0.1:{ports.web}")
        say(f"watch it live   http://127.0.0.1:{ports.web}/live   (Ctrl-C ends everything)")
        _watch([stub.child, flask.child, quart.child, web])


def _check_ports(ports: Ports) -> None:
    """Raise UsageError, before anything starts, for a port that is impossible, named twice or taken."""
    named: dict[int, str] = {}
    for name, port in vars(ports).items():
        if not 1 <= port <= MOST_PORT:
            problem = f"{name.upper()}_PORT={port} is no port"
            raise UsageError(problem, hint=f"choose one from 1 to {MOST_PORT}, as in make ui {name.upper()}_PORT=8100")
        if (other := named.setdefault(port, name)) != name:
            free = next(free for free in range(8100, MOST_PORT) if free not in vars(ports).values())
            problem = f"{other.upper()}_PORT and {name.upper()}_PORT are both {port}"
            raise UsageError(problem, hint=f"choose another: make ui {name.upper()}_PORT={free}")
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                other_port = port + 100 if port + 100 <= MOST_PORT else port - 100
                raise UsageError(
                    f"port {port} cannot be used: {error}",
                    hint=f"choose another: make ui {name.upper()}_PORT={other_port}",
                ) from None


def _start_lane(config: Config, name: str, site: Site, port: int, upstream: str) -> Server:
    return start_server(name, config.lanes[name], site, port=port, upstream=upstream)


def _start_locust(site: Site, stub: Stub, apps: dict[str, Server], port: int, path: str) -> Child:
    home = site.scratch / "locust"
    home.mkdir()
    command = [sys.executable, "-m", "locust", "--locustfile", str(ROOT / "loadtests" / "locustfile.py")]
    command += ["--web-host", "127.0.0.1", "--web-port", str(port), "--class-picker", "--stop-timeout", "5"]
    command += ["--users", "100", "--spawn-rate", "100"]
    command += ["--stub-url", stub.url, "--path", path]
    for app, server in apps.items():
        lane = server.child.name.removeprefix("lane ")
        command += [f"--{app}-url", server.url, f"--{app}-pid", str(_pid(server)), f"--{app}-lane", lane]
    environment = site.environment(HOME=str(home), PYTHONPATH=str(ROOT))
    log = site.scratch / "locust.log"
    return Child("Locust", command, log=log, environment=environment, cwd=home, cpus=site.cores.driver)


def _pid(server: Server) -> int:
    """Return the process that the lane's command started: the root of all that serves the app."""
    if not (processes := server.child.processes()):
        raise server.child.failure("ended")
    return processes[0].pid


def _await_web(web: Child, port: int) -> None:
    deadline = time.monotonic() + READY_S
    while web.wait(POLL_S) is None and time.monotonic() < deadline:
        with contextlib.suppress(requests.RequestException), requests.Session() as http:
            http.trust_env = False
            if http.get(f"http://127.0.0.1:{port}/", timeout=2).ok:
                return
    raise web.failure("does not show its page")


def _watch(children: list[Child]) -> None:
    while True:
        for child in children:
            if child.wait(WATCH_S / len(children)) is not None:
                raise child.failure("ended")
