"""The Flask app behind a limit: of more requests in flight than MOST_IN_FLIGHT, others are refused at once.

/health passes, so a slot must be left for it: the limit is lower than the threads. `bounded_quart.py` is its twin.
"""

import os
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask_app.app import app as flask_app

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

REFUSED = [("Content-Type", "text/plain"), ("Retry-After", "1"), ("X-App", "flask")]
_free = threading.BoundedSemaphore(int(os.environ["MOST_IN_FLIGHT"]))


def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """Serve a request, or refuse it with 503 where the limit is reached."""
    if environ["PATH_INFO"] == "/health":
        return flask_app(environ, start_response)
    if not _free.acquire(blocking=False):
        start_response("503 Service Unavailable", REFUSED)
        return [b"too many requests in flight\n"]
    try:
        return flask_app(environ, start_response)
    finally:
        _free.release()
