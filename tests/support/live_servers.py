"""Live servers for the tests of the apps: on free ports, asked byte for byte, each with a guard that ends it."""

import itertools
import os
import re
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import NamedTuple

from polling import poll

from harness.measure.child import Child

ROOT = Path(__file__).parents[2]
SPAN = re.compile(r"(\w+);start=(\d+\.\d+);dur=(\d+\.\d+)")
READY_WITHIN_S = 20.0

GUNICORN = (sys.executable, "-m", "gunicorn", "--bind=127.0.0.1:{port}", "--config=servers/gunicorn.conf.py")
HYPERCORN = (sys.executable, "-m", "hypercorn", "--bind=127.0.0.1:{port}", "--config=servers/hypercorn.toml")
UPSTREAM = (sys.executable, "-m", "upstream", "--port={port}", "--delay=fixed:0.005")
# The timeouts are short, so that an upstream that hangs costs a test little, but long against a healthy call's 5 ms.
# Nobody listens at the proxy: an app that obeyed proxy variables would answer every request with 502.
SETTINGS = {
    "UPSTREAM_CONNECT_TIMEOUT_S": "0.4",
    "UPSTREAM_READ_TIMEOUT_S": "0.4",
    "http_proxy": "http://127.0.0.1:9",
    "no_proxy": "",
}


@dataclass(frozen=True)
class Answer:
    """One answer; two are equal if what the contract calls the same bytes is."""

    status: int
    content_type: str | None
    content_length: str | None
    allow: str | None
    body: bytes
    headers: Mapping[str, str] = field(compare=False)

    def spans(self) -> dict[str, tuple[float, float]]:
        """Return start and end of each span of Server-Timing, in ms."""
        found = SPAN.findall(self.headers["server-timing"])
        return {name: (float(start), float(start) + float(duration)) for name, start, duration in found}


@dataclass(frozen=True)
class Server:
    """A live server on the loopback."""

    port: int
    log: Path
    pid: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, path: str, method: str = "GET", headers: Sequence[tuple[str, str]] = (), body: bytes = b"") -> Answer:
        """Send a request whose path and headers stand on the wire as they are written here."""
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.putrequest(method, path, skip_host=any(name == "Host" for name, _ in headers))
            for name, value in headers:
                connection.putheader(name, value.encode("latin-1"))
            if body:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            got = {name.lower(): value for name, value in response.getheaders()}
            return Answer(
                response.status,
                got.get("content-type"),
                got.get("content-length"),
                got.get("allow"),
                response.read(),
                got,
            )


class Twins(NamedTuple):
    """The same thing for each of the two apps."""

    flask: Server
    quart: Server

    def of(self, name: str) -> Server:
        """Return that of the app with this name."""
        return self[self._fields.index(name)]


# Of each worker of the suite its own, below those that the system gives to clients: nobody else takes one meanwhile.
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
PORTS = itertools.count(20_000 + 1_000 * WORKER)


def free_port() -> int:
    """Return a port that is free, and that no other worker asks for."""
    for port in PORTS:
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("there is always a next port")


def gunicorn(*options: str, app: str = "flask_app.app:app", **settings: str) -> tuple[str, ...]:
    """Return the command that serves an app with gunicorn, under the tests' settings or changed ones."""
    return (*_environment(settings), *GUNICORN, *options, app)


def hypercorn(*options: str, app: str = "quart_app.app:app", **settings: str) -> tuple[str, ...]:
    """Return the command that serves an app with Hypercorn, under the tests' settings or changed ones."""
    return (*_environment(settings), *HYPERCORN, *options, app)


def _environment(settings: dict[str, str]) -> tuple[str, ...]:
    return ("env", *(f"{name}={value}" for name, value in (SETTINGS | settings).items()))


@contextmanager
def serving(*commands: Sequence[str], logs: Path) -> Iterator[list[Server]]:
    """Start commands that each serve a `{port}`, yield them once all are ready, and stop them; none outlives the test.

    Their logs are complete once they are stopped.
    """
    with ExitStack() as stack:
        started = []
        for command in commands:
            server = Server(port := free_port(), logs / f"{port}.log")
            words = [argument.format(port=port) for argument in command]
            child = stack.enter_context(Child("server", words, log=server.log, environment=os.environ, cwd=ROOT))
            started.append((server, child))
        for server, child in started:
            _wait_until_ready(server, child)
        yield [replace(server, pid=child.processes()[0].pid) for server, child in started]


def _wait_until_ready(server: Server, child: Child) -> None:
    def ready() -> bool:
        assert child.exit_code is None, server.log.read_text()
        with suppress(OSError, HTTPException):
            return server.ask("/health").status == 200
        return False

    poll(ready, READY_WITHIN_S, f"the answer of {server.url}")
