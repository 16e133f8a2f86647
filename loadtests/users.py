"""The simulated user: sends one request at a time, checks every answer, never sends a request twice."""

import urllib.parse
from functools import lru_cache
from typing import ClassVar

import geventhttpclient.client
from locust import FastHttpUser

from loadtests.scenarios import Request, Route, Target, fault_in


def _never_send_again(method: str) -> bool:  # noqa: ARG001 - the library names it
    """Answer geventhttpclient's question whether a request may be repeated.

    It would send a GET up to eleven times when the peer drops the connection, and report one request.
    """
    return False


geventhttpclient.client._may_retry_after_send_error = _never_send_again

# The client takes each URL apart as it sends it, and Python remembers 128: fewer than a file of data makes.
urllib.parse.urlsplit = lru_cache(maxsize=16_384, typed=True)(urllib.parse.urlsplit.__wrapped__)  # type: ignore[attr-defined]


class ApiUser(FastHttpUser):
    """A user of one app, the `target`; `prefix` keeps the names of two apps apart in Locust's tables."""

    abstract = True
    target: ClassVar[Target]
    prefix: ClassVar[str] = ""
    # Longer than any drain: when to give up is the trial's decision, not the client's.
    network_timeout = 3600.0
    connection_timeout = 3600.0

    def __init__(self, environment: object) -> None:
        """Aim at the target, whatever `--host` or the host field of the web UI says."""
        self.host = self.target.url
        super().__init__(environment)
        # An answer is an answer, and none is followed; to say so with each request costs more.
        self.client.client.redirect_response_codes = frozenset()  # type: ignore[misc]

    def connect(self, path: str) -> None:
        """Open the user's connection by a request that is not counted, so that none is opened under load.

        A server whose only accepting thread is busy would let the last of many users wait for seconds.
        """
        with self.client.get(path, name="(connect)", catch_response=True) as answer:
            answer.success()

    def ask(self, route: Route, request: Request, request_id: str) -> str:
        """Send one request; a wrong answer is a failed one. Return what is wrong with it, or ""."""
        with self.client.request(
            route.method,
            request.target,
            name=self.prefix + route.name,
            data=request.body,
            headers={**request.headers, "X-Request-Id": request_id},
            context={"id": request_id},
            catch_response=True,
        ) as answer:
            if not answer.status_code:  # no answer at all: Locust says why
                return str(answer.error)
            fault = fault_in(answer.status_code, answer.headers, answer.content or b"", route, self.target)
            if fault:
                answer.failure(fault)
            elif answer.status_code >= 400:  # which Locust takes for a failure, whatever the route expects
                answer.success()
            return fault
