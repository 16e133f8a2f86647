"""The calls to the upstream, awaited: one session for the process, tasks where two calls run together."""

import asyncio
import os
from collections.abc import AsyncGenerator

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector

from .errors import UpstreamFailed, UpstreamTimeout
from .shapes import LOCATION, SUN, WEATHER, Location, SunTimes, Weather, read
from .timing import Trace

UPSTREAM_URL = os.environ.get("UPSTREAM_URL", "http://127.0.0.1:8000")
CONNECT_TIMEOUT_S = float(os.environ.get("UPSTREAM_CONNECT_TIMEOUT_S", "2"))
READ_TIMEOUT_S = float(os.environ.get("UPSTREAM_READ_TIMEOUT_S", "30"))

_session: ClientSession


async def upstream_session() -> AsyncGenerator[None]:
    """Open the process's one session before it serves, in the loop that serves, and close it afterwards.

    No limit of connections, where aiohttp queues silently above 100; they stay open between calls for an hour.
    """
    global _session
    async with ClientSession(
        connector=TCPConnector(limit=0, keepalive_timeout=3600),
        timeout=ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_S, sock_read=READ_TIMEOUT_S),
        trust_env=False,  # no proxy variables, no .netrc
    ) as _session:
        _session._retry_connection = False  # else a GET is sent again, silently, when a kept connection drops
        yield


async def location(trace: Trace, zip_code: str, country: str) -> Location:
    """Return where a place is."""
    return read(LOCATION, await _get(trace, "location", f"/{country}/{zip_code}"))


async def sun(trace: Trace, location: Location) -> SunTimes:
    """Return the sun times of a location, in UTC."""
    query = f"?latitude={location['latitude']}&longitude={location['longitude']}"
    return read(SUN, await _get(trace, "sun", query))


async def weather(trace: Trace, zip_code: str, country: str) -> Weather:
    """Return the weather of a place."""
    return read(WEATHER, await _get(trace, "weather", f"/{country}/{zip_code}"))


async def sun_and_weather(trace: Trace, zip_code: str, country: str, location: Location) -> tuple[SunTimes, Weather]:
    """Return both, asked for at the same time; wait for both even if one fails, and let the sun's error come first."""
    sun_times, weather_now = await asyncio.gather(
        sun(trace, location), weather(trace, zip_code, country), return_exceptions=True
    )
    if isinstance(sun_times, BaseException):
        raise sun_times
    if isinstance(weather_now, BaseException):
        raise weather_now
    return sun_times, weather_now


async def _get(trace: Trace, endpoint: str, rest: str) -> tuple[int, bytes]:
    """Return status and body of one call; raise UpstreamFailed if it breaks, UpstreamTimeout if it takes too long."""
    url = f"{UPSTREAM_URL}/{endpoint}{rest}"
    try:
        with trace.span(endpoint):
            async with _session.get(url, headers=trace.headers, allow_redirects=False) as response:
                return response.status, await response.read()
    except TimeoutError as error:
        raise UpstreamTimeout from error
    except ClientError as error:
        raise UpstreamFailed from error
