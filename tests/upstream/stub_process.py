"""The stub as a real process on a free port, and a caller of it."""

import http.client
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

ANSWER_S = 10.0


class RunningStub:
    """A stub that listens at `url`, in `process`."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process, self.url = process, url
        self._http = requests.Session()
        self._http.trust_env = False

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        return self._http.request(method, self.url + path, timeout=ANSWER_S, **more)

    def call(self, path: str = "/location/us/97201", request_id: str = "1-1") -> requests.Response:
        return self.ask("GET", path, headers={"X-Request-Id": request_id})

    def statuses(self, ids: list[str], path: str = "/location/us/97201") -> list[int]:
        return [self.call(path, request_id).status_code for request_id in ids]

    def open_call(self, request_id: str = "1-1") -> http.client.HTTPConnection:
        """Send a call without waiting for the answer."""
        host, port = self.address
        caller = http.client.HTTPConnection(host, port, timeout=30)
        caller.request("GET", "/location/us/97201", headers={"X-Request-Id": request_id})
        return caller

    def stats(self) -> Any:
        return self.ask("GET", "/control/stats").json()

    def log(self) -> Any:
        return self.ask("GET", "/control/calls").json()

    def reset(self, **order: Any) -> requests.Response:
        return self.ask("POST", "/control/reset", json=order)

    def set_faults(self, *faults: dict[str, object]) -> requests.Response:
        return self.ask("PUT", "/control/faults", json=list(faults))

    @property
    def address(self) -> tuple[str, int]:
        host, port = self.url.removeprefix("http://").split(":")
        return host, int(port)

    def close(self) -> None:
        self._http.close()


@contextmanager
def running_stub(*arguments: str) -> Iterator[RunningStub]:
    """Start a stub with these arguments, and kill it afterwards."""
    with subprocess.Popen(
        [sys.executable, "-m", "upstream", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        stub = RunningStub(process, process.stdout.readline().removeprefix("upstream: ").strip())
        try:
            yield stub
        finally:
            stub.close()
            process.kill()
