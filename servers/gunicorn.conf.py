"""What every gunicorn lane has in common; `servers/hypercorn.toml` says the same for Hypercorn."""

from functools import partial
from typing import Any

workers = 1  # said here, so that WEB_CONCURRENCY does not say it
backlog = 2048
keepalive = 3600  # seconds: longer than any trial, so that no idle connection is dropped between two requests
timeout = 120  # seconds until a worker that shows no sign of life is killed; the default is 30
asgi_loop = "asyncio"  # the default is uvloop where it is installed
control_socket_disable = True
accesslog = None
loglevel = "warning"


def post_worker_init(worker: Any) -> None:
    """Give the asgi worker's event loop our backlog: it listens again on the socket, with asyncio's default of 100."""
    if (loop := getattr(worker, "loop", None)) is not None:
        loop.create_server = partial(loop.create_server, backlog=worker.cfg.backlog)
