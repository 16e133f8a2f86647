"""A tell-tale for servers that make a kept connection wait: Nagle's algorithm against the client's delayed ACK."""

import http.client
import time
from contextlib import closing
from statistics import median
from urllib.parse import urlsplit

TIMES = 5
TIMEOUT_S = 2.0


def kept_extra_ms(url: str, path: str) -> float | None:
    """Return how much longer an answer takes on a kept connection than on a fresh one, in ms; 0 if no longer.

    None without answers.

    Medians of five each. A server that sends head and body of an answer apart, without TCP_NODELAY, lets the body wait
    until the head is acknowledged (RFC 896), which the client delays: on Linux by 40 ms, and not on a connection that
    is new (tcp(7), TCP_QUICKACK).
    """
    try:
        fresh = median(_ask_once(url, path) for _ in range(TIMES))
        with closing(_connection(url)) as kept:
            _seconds(kept, path)
            seconds = median(_seconds(kept, path) for _ in range(TIMES))
    except (OSError, http.client.HTTPException):
        return None
    return max(0.0, 1000 * (seconds - fresh))


def _connection(url: str) -> http.client.HTTPConnection:
    address = urlsplit(url)
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    return kind(address.netloc, timeout=TIMEOUT_S)


def _ask_once(url: str, path: str) -> float:
    with closing(_connection(url)) as connection:
        return _seconds(connection, path)


def _seconds(connection: http.client.HTTPConnection, path: str) -> float:
    began = time.perf_counter()
    connection.request("GET", path)
    connection.getresponse().read()
    return time.perf_counter() - began
