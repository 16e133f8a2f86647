"""The harness's view of the upstream stub: start it, ask it, reset it."""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any, Self

import requests
from pydantic import JsonValue

from harness.errors import MeasurementError, UsageError
from harness.facts.config import LOOPBACK, Upstream
from harness.measure.child import Child
from harness.measure.outsider import Outsider
from harness.measure.site import ROOT, Site

START_S = 15.0
IDLE_S = 30.0
POLL_S = 0.02
TIMEOUT_S = 10.0
TOKEN, TOKEN_HEADER = "UPSTREAM_TOKEN", "X-Upstream-Token"  # as in upstream/server.py
REFUSED = 2  # the stub's exit code for wrong usage


class Stub:
    """A running stub at `url`; the process is `child`. `token` is what it wants to hear from who controls it."""

    def __init__(self, child: Child | Outsider, url: str, token: str = "") -> None:
        self.child, self.url = child, url
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.headers.update({TOKEN_HEADER: token} if token else {})

    def stats(self) -> dict[str, Any]:
        """Return the stub's counters."""
        stats: dict[str, Any] = self._ask("GET", "/control/stats")
        return stats

    def calls(self) -> dict[str, list[Any]]:
        """Return the log of calls since the last reset, by column."""
        calls: dict[str, list[Any]] = self._ask("GET", "/control/calls")
        return calls

    def delays(self) -> dict[str, dict[str, float]]:
        """Return `mean_s` and `longest_s` of the injected delay, by endpoint, in seconds."""
        delays: dict[str, dict[str, float]] = self._ask("GET", "/control/delays")
        return delays

    def reset(self, seed: int | None = None) -> None:
        """Forget all calls, once none is in flight, and draw from another seed if one is given.

        MeasurementError if some calls stay.
        """
        deadline = time.monotonic() + IDLE_S
        while in_flight := self.stats()["in_flight"]:
            if time.monotonic() > deadline:
                raise MeasurementError(f"the stub still has {in_flight} calls in flight after {IDLE_S:.0f} s")
            self.child.wait(POLL_S)
        self._ask("POST", "/control/reset", json={} if seed is None else {"seed": seed})

    def set_faults(self, faults: Sequence[Mapping[str, JsonValue]]) -> None:
        """Let these faults hit calls from now on, no others; UsageError in the stub's words where it refuses them."""
        try:
            answer = self._http.put(f"{self.url}/control/faults", json=list(faults), timeout=TIMEOUT_S)
        except requests.RequestException as error:
            raise MeasurementError(f"the stub takes no faults: {error}") from None
        if answer.status_code != requests.codes.ok:
            raise UsageError(
                f"the stub refuses a fault: {answer.json()['error']}", hint="correct [faults] in bench.toml"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.child.stop()

    def _ask(self, method: str, path: str, **more: Any) -> Any:
        try:
            answer = self._http.request(method, self.url + path, timeout=TIMEOUT_S, **more)
            answer.raise_for_status()
            return answer.json()
        except requests.RequestException as error:
            if self.child.exit_code is not None:
                raise self.child.failure("ended") from None
            raise MeasurementError(f"the stub does not answer {path}: {error}") from None


def start_stub(upstream: Upstream, site: Site, *, port: int = 0, host: str = LOOPBACK, token: str = "") -> Stub:
    """Start a stub at an address of this machine; UsageError with its own words if it refuses the delay or the port.

    A stub that others can reach has a `token`, which stands in its environment and on no command line.
    """
    command = [sys.executable, "-m", "upstream", "--host", host, "--port", str(port)]
    command += ["--seed", str(upstream.seed), "--delay", upstream.delay]
    if upstream.endpoints:
        endpoints = site.scratch / "endpoints.json"
        endpoints.write_text(json.dumps(upstream.endpoints))
        command += ["--endpoints", str(endpoints)]
    child = Child(
        "the stub",
        command,
        log=site.scratch / "stub.log",
        environment=site.environment(**({TOKEN: token} if token else {})),
        cwd=ROOT,
        cpus=site.cores.driver,
        talks=True,
    )
    try:
        return Stub(child, child.hear(time.monotonic() + START_S).removeprefix("upstream: "), token)
    except MeasurementError:
        refused = child.wait(1.0) == REFUSED
        child.stop()
        if refused:
            raise UsageError("the stub refuses to start", hint=child.log_tail().strip()) from None
        raise
