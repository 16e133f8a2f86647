"""The calls to the upstream, blocking: a client and a helper thread for each thread that serves requests."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor, wait

from .clients import Client
from .shapes import LOCATION, SUN, WEATHER, Location, SunTimes, Weather, read
from .timing import Trace

UPSTREAM_URL = os.environ.get("UPSTREAM_URL", "http://127.0.0.1:8000")


class _Own(threading.local):
    """What a thread keeps for itself, made at its first call and so never carried over a fork.

    A client promises no thread safety; a thread has one call in flight, so one connection is all it needs. A helper
    of its own means that the second of two simultaneous calls never queues behind those of other requests, however
    many threads serve; it costs no thread before its first call.
    """

    def __init__(self) -> None:
        self.client = Client()
        self.helper = ThreadPoolExecutor(max_workers=1)


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
    with trace.span(endpoint):
        return _own.client.get(f"{UPSTREAM_URL}/{endpoint}{rest}", headers=trace.headers)
