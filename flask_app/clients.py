"""The blocking HTTP clients: requests, or urllib3 without requests around it. A client belongs to one thread."""

import os
from collections.abc import Mapping

from requests import RequestException, Session, Timeout
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager
from urllib3 import Timeout as Timeouts
from urllib3.exceptions import HTTPError, ReadTimeoutError
from urllib3.exceptions import TimeoutError as OutOfTime

from .errors import UpstreamFailed, UpstreamTimeout

CONNECT_TIMEOUT_S = float(os.environ.get("UPSTREAM_CONNECT_TIMEOUT_S", "2"))
READ_TIMEOUT_S = float(os.environ.get("UPSTREAM_READ_TIMEOUT_S", "30"))


class RequestsClient:
    """One session with one connection: a thread has one call in flight."""

    def __init__(self) -> None:
        self._session = Session()
        self._session.trust_env = False  # no proxy variables, no .netrc
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_connections=1, pool_maxsize=1, max_retries=0))

    def get(self, url: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Return status and body; raise UpstreamFailed if it breaks, UpstreamTimeout if it takes too long."""
        timeouts = (CONNECT_TIMEOUT_S, READ_TIMEOUT_S)
        try:
            response = self._session.get(url, headers=headers, timeout=timeouts, allow_redirects=False)
        except Timeout as error:
            raise UpstreamTimeout from error
        except RequestException as error:
            # in the middle of a body requests tells a timeout as a ConnectionError
            late = any(isinstance(cause, ReadTimeoutError) for cause in error.args)
            raise (UpstreamTimeout if late else UpstreamFailed) from error
        return response.status_code, response.content


class Urllib3Client:
    """The connection pool that requests is built on, used directly."""

    def __init__(self) -> None:
        timeouts = Timeouts(connect=CONNECT_TIMEOUT_S, read=READ_TIMEOUT_S)
        self._pool = PoolManager(num_pools=1, maxsize=1, retries=False, timeout=timeouts)

    def get(self, url: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Return status and body; raise UpstreamFailed if it breaks, UpstreamTimeout if it takes too long."""
        try:
            response = self._pool.request("GET", url, headers=headers, redirect=False)
        except OutOfTime as error:
            raise UpstreamTimeout from error
        except HTTPError as error:
            raise UpstreamFailed from error
        return response.status, response.data


CLIENTS: dict[str, type[RequestsClient] | type[Urllib3Client]] = {"requests": RequestsClient, "urllib3": Urllib3Client}
Client = CLIENTS[os.environ.get("UPSTREAM_CLIENT", "requests")]
