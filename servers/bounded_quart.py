"""The Quart app behind a limit: of more requests in flight than MOST_IN_FLIGHT, others are refused at once.

/health passes. `bounded_flask.py` is its twin.
"""

import asyncio
import os

from hypercorn.typing import ASGIReceiveCallable, ASGISendCallable, Scope

from quart_app.app import app as quart_app

REFUSED = [(b"content-type", b"text/plain"), (b"retry-after", b"1"), (b"x-app", b"quart")]
_free = asyncio.Semaphore(int(os.environ["MOST_IN_FLIGHT"]))


async def app(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Serve a request, or refuse it with 503 where the limit is reached."""
    if scope["type"] != "http" or scope["path"] == "/health":
        await quart_app(scope, receive, send)
    elif _free.locked():
        await send({"type": "http.response.start", "status": 503, "headers": REFUSED})
        await send({"type": "http.response.body", "body": b"too many requests in flight\n", "more_body": False})
    else:
        async with _free:
            await quart_app(scope, receive, send)
