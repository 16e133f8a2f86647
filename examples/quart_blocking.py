"""A control: the Quart app with calls that do not await, the usual mistake of a service that moves to async.

`hypercorn examples.quart_blocking:app`. While one request waits for its upstream, the event loop serves no other.
"""

import requests

from quart_app import services
from quart_app.app import app
from quart_app.timing import Trace

__all__ = ["app"]

http = requests.Session()
http.trust_env = False


async def _get(trace: Trace, endpoint: str, rest: str) -> tuple[int, bytes]:
    """Return status and body of one call; nothing else happens meanwhile."""
    with trace.span(endpoint):
        answer = http.get(f"{services.UPSTREAM_URL}/{endpoint}{rest}", headers=trace.headers, timeout=30)
    return answer.status_code, answer.content


vars(services)["_get"] = _get
