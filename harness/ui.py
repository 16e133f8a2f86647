"""`ui`: the stub, both apps and Locust's web UI on fixed ports, until Ctrl-C."""

import contextlib
import json
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import requests

from harness.errors import UsageError
from harness.facts.config import Config, most_cores
from harness.facts.names import pick
from harness.measure.child import Child
from harness.measure.outsider import Outsider
from harness.measure.probes import split_cores
from harness.measure.secrets import secrets_of
from harness.measure.server import Server, check_command, start_server
from harness.measure.site import ROOT, Site, allow_many_files, scratch_folder
from harness.measure.stub import start_stub
from harness.measure.work import work_of

MOST_PORT = 65535
READY_S = 30.0
POLL_S = 0.1
WATCH_S = 1.0
OURS = {"flask-threads-300", "quart"}  # the card's pair, which the page calls Flask and Quart


@dataclass(frozen=True)
class Ports:
    """Where everything listens on 127.0.0.1."""

    stub: int = 8000
    flask: int = 8001
    quart: int = 8002
    web: int = 8089


def serve(
    config: Config, ports: Ports, scenario: str, lanes: Sequence[str] | None = None, *, say: Callable[[str], None]
) -> None:
    """Start everything, `say` the addresses, and return only by an error or an interrupt; all processes end with it.

    Shown are two lanes, or the first pair that bench.toml declares; what is asked is the scenario's first route.
    """
    shown = _pair(config, lanes)
    asked = pick(config.scenarios, scenario, "scenario")
    if not asked.routes:
        raise UsageError(f"scenario {scenario} has no route to ask for", hint="choose one with routes")
    work = work_of(asked.model_copy(update={"routes": asked.routes[:1]}), secrets_of(config))
    _check_ports(ports)
    allow_many_files()
    with scratch_folder() as scratch, ExitStack() as started:
        site = Site(scratch, split_cores(most_cores(config.lanes[lane] for lane in shown.values())))
        stub = started.enter_context(start_stub(config.upstream, site, port=ports.stub))
        apps = []
        for (name, lane), port in zip(shown.items(), (ports.flask, ports.quart), strict=True):
            check_command(lane, config.lanes[lane], site)
            upstream = config.upstream.url or stub.url
            server = start_server(lane, config.lanes[lane], site, port=port, upstream=upstream, secrets=work.secrets)
            started.enter_context(server.child)
            health = server.health_url + config.orchestrator.path
            apps.append(App(name, lane, server, config.lanes[lane].identity, health))
        faults = {name: [one.order() for one in fault.inject] for name, fault in config.faults.items() if fault.inject}
        told = work.plan("live") | {"stub_url": stub.url, "faults": faults}
        web = started.enter_context(_start_locust(site, told, apps, ports.web))
        _await_web(web, ports.web)
        say(f"upstream stub   {stub.url}")
        for app in apps:
            say(f"{app.name:15} {app.server.url}{asked.routes[0].path}   (lane {app.lane})")
        say(f"start the load  http://127.0.0.1:{ports.web}")
        say(f"watch it live   http://127.0.0.1:{ports.web}/live   (Ctrl-C ends everything)")
        _watch([stub.child, *(app.server.child for app in apps), web])


@dataclass(frozen=True)
class App:
    """One of the two that are shown: its name on the page, its lane, its server, the X-App that it answers with.

    `health` is where it is asked for its health.
    """

    name: str
    lane: str
    server: Server
    identity: str | None
    health: str

    def told(self) -> dict[str, object]:
        """Return what Locust is told of it."""
        own = {"name": self.name, "lane": self.lane, "identity": self.identity, "health": self.health}
        return own | {"url": self.server.url, "pid": _pid(self.server)}


def _pair(config: Config, lanes: Sequence[str] | None) -> dict[str, str]:
    """Return the two lanes by what they are called; UsageError unless there are two."""
    if lanes is None:
        if not config.primaries:
            raise UsageError("bench.toml declares no pair to show", hint="name two lanes: make ui LANES=a,b")
        first = config.primaries[0]
        known = {first.baseline: "flask", first.lane: "quart"} if set(first.lanes) == OURS else {}
        return {known.get(lane, lane): lane for lane in (first.baseline, first.lane)}
    if len(set(lanes)) != 2:
        raise UsageError(f"{', '.join(lanes)}: two lanes are shown side by side", hint="name two: make ui LANES=a,b")
    return {lane: lane for lane in lanes if pick(config.lanes, lane, "lane")}


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


def _start_locust(site: Site, told: Mapping[str, object], apps: Sequence[App], port: int) -> Child:
    home, plan = site.scratch / "locust", site.scratch / "live.json"
    home.mkdir()
    plan.write_text(json.dumps({**told, "apps": [app.told() for app in apps]}))
    command = [sys.executable, "-m", "locust", "--locustfile", str(ROOT / "loadtests" / "locustfile.py")]
    command += ["--web-host", "127.0.0.1", "--web-port", str(port), "--class-picker", "--stop-timeout", "5"]
    command += ["--users", "100", "--spawn-rate", "100"]
    environment = site.environment(HOME=str(home), PYTHONPATH=str(ROOT), LIVE_PLAN=str(plan))
    log = site.scratch / "locust.log"
    return Child("Locust", command, log=log, environment=environment, cwd=home, cpus=site.cores.driver)


def _pid(server: Server) -> int:
    """Return the process that the lane's command started: the root of all that serves the app; 0 if not known."""
    if processes := server.child.processes():
        return processes[0].pid
    if isinstance(server.child, Outsider):
        return 0
    raise server.child.failure("ended")


def _await_web(web: Child, port: int) -> None:
    deadline = time.monotonic() + READY_S
    while web.wait(POLL_S) is None and time.monotonic() < deadline:
        with contextlib.suppress(requests.RequestException), requests.Session() as http:
            http.trust_env = False
            if http.get(f"http://127.0.0.1:{port}/", timeout=2).ok:
                return
    raise web.failure("does not show its page")


def _watch(children: Sequence[Child | Outsider]) -> None:
    while True:
        for child in children:
            if child.wait(WATCH_S / len(children)) is not None:
                raise child.failure("ended")
