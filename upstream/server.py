"""The process's edge: listens, tells calls from control, and ends when it is told to."""

import asyncio
import resource
import signal

from aiohttp import web

from upstream.control import control
from upstream.stub import Stub

BACKLOG = 4096
KEEP_ALIVE_S = 3600.0  # longer than any trial, so that no caller meets a closing connection
_SPARE_FILES = 64  # what the process opens beside one file for each connection


async def serve(stub: Stub, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT, then drop what is in flight; OSError if the address cannot be had.

    Prints `upstream: URL` once it listens.
    """
    listening = await listen(stub, host, port)
    told_to_end = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told_to_end.set)
    print(f"upstream: http://{host}:{listening.sockets[0].getsockname()[1]}", flush=True)
    await told_to_end.wait()
    listening.close()


async def listen(stub: Stub, host: str, port: int) -> asyncio.Server:
    """Return a server that listens; port 0 takes any free one.

    It is aiohttp's low-level server, with no router and no middlewares to pay for; it cancels the call of a caller
    that has gone, which frees the call's slot.
    """

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        known = stub.service.answer(request.method, request.raw_path)
        return await control(stub, request) if known is None else await stub.call(request, known)

    server = web.Server(handle, handler_cancellation=True, access_log=None, keepalive_timeout=KEEP_ALIVE_S)
    return await asyncio.get_running_loop().create_server(server, host, port, backlog=BACKLOG)


def allow_connections(count: int) -> None:
    """Raise the limit of open files as far as it goes; OSError if that is too little for `count` connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = count + _SPARE_FILES
    if hard == resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, needed), hard))
    elif hard >= needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    else:
        raise OSError(f"{count} connections need {needed} open files, and the limit is {hard}")
