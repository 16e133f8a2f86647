"""The calls to the upstream, blocking: a session and a helper thread for each thread that serves requests."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor, wait

from requests import RequestException, Session, Timeout
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ReadTimeoutError

from .errors import UpstreamFailed, UpstreamTimeout
from .shapes import LOCATION, SUN, WEATHER, Location, SunTimes, Weather, read
from .timing import Trace

UPSTREAM_URL = os.environ.get("UPSTREAM_URL", "http://127.0.0.1:8000")
CONNECT_TIMEOUT_S = float(os.environ.get("UPSTREAM_CONNECT_TIMEOUT_S", "2"))
READ_TIMEOUT_S = float(os.environ.get("UPSTREAM_READ_TIMEOUT_S", "30"))


class _Own(threading.local):
    """What a thread keeps for itself, made at its first call and so never carried over a fork.

    A session promises no thread safety; a thread has one call in flight, so one connection is all it needs. A helper
    of its own means that the second of two simultaneous calls never queues behind those of other requests, however
    many threads serve; it costs no thread before its first call.
    """

    def __init__(self) -> None:
        self.helper = ThreadPoolExecutor(max_workers=1)
        self.session = Session()
        self.session.trust_env = False  # no proxy variables, no .netrc
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, HTTPAdapter(pool_connections=1, pool_maxsize=1, max_retries=0))


_own = _Own()


def location(trace: Trace, zip_code: str, country: str) -> Location:
    """Return where a place is."""
    return read(LOCATION, _get(trace, "location", f"/{country}/{zip_code}"))


def sun(trace: Trace, location: Location) -> SunTimes:
    """Return the sun times of a location, in UTC."""
    query = f"?latitude={location['latitude']}&longitude={location['longitude']}"
    return read(SUN, _get(trace, "sun", query))


def weather(trace: Trace, zip_code: str, country: str) -> Weather:
    """Return the weather of a place."""
    return read(WEATHER, _get(trace, "weather", f"/{country}/{zip_code}"))


def sun_and_weather(trace: Trace, zip_code: str, country: str, location: Location) -> tuple[SunTimes, Weather]:
    """Return both, asked for at the same time; wait for both even if one fails, and let the sun's error come first."""
    weather_call = _own.helper.submit(weather, trace, zip_code, country)
    try:
        return sun(trace, location), weather_call.result()
    finally:
        wait([weather_call])


def _get(trace: Trace, endpoint: str, rest: str) -> tuple[int, bytes]:
    """Return status and body of one call; raise UpstreamFailed if it breaks, UpstreamTimeout if it takes too long."""
    try:
        with trace.span(endpoint):
            response = _own.session.get(
                f"{UPSTREAM_URL}/{endpoint}{rest}",
                headers=trace.headers,
                timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S),
                allow_redirects=False,
            )
    except RequestException as error:
        if _is_timeout(error):
            raise UpstreamTimeout from error
        raise UpstreamFailed from error
    return response.status_code, response.content


def _is_timeout(error: RequestException) -> bool:
    """Say whether time ran out; in the middle of a body requests tells it as a ConnectionError."""
    return isinstance(error, Timeout) or any(isinstance(cause, ReadTimeoutError) for cause in error.args)
