"""The process's edge: listens, tells calls from control, and ends when it is told to."""

import asyncio
import hmac
import resource
import signal

from aiohttp import web

from upstream.control import control
from upstream.stub import Stub

TOKEN_HEADER = "X-Upstream-Token"  # noqa: S105 - the name of a header
BACKLOG = 4096
KEEP_ALIVE_S = 3600.0  # longer than any trial, so that no caller meets a closing connection
_SPARE_FILES = 64  # what the process opens beside one file for each connection


async def serve(stub: Stub, host: str, port: int, token: str | None = None) -> None:
    """Serve until SIGTERM or SIGINT, then drop what is in flight; OSError if the address cannot be had.

    Prints `upstream: URL` once it listens.
    """
    listening = await listen(stub, host, port, token)
    told_to_end = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told_to_end.set)
    print(f"upstream: http://{host}:{listening.sockets[0].getsockname()[1]}", flush=True)
    await told_to_end.wait()
    listening.close()


async def listen(stub: Stub, host: str, port: int, token: str | None = None) -> asyncio.Server:
    """Return a server that listens; port 0 takes any free one. Where there is a token, control is for who says it.

    It is aiohttp's low-level server, with no router and no middlewares to pay for; it cancels the call of a caller
    that has gone, which frees the call's slot.
    """

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        known = stub.service.answer(request.method, request.raw_path)
        if known is not None:
            return await stub.call(request, known)
        if not _may_control(request, token):
            return web.json_response({"error": f"control is for who says the token, in {TOKEN_HEADER}"}, status=403)
        return await control(stub, request)

    server = web.Server(handle, handler_cancellation=True, access_log=None, keepalive_timeout=KEEP_ALIVE_S)
    return await asyncio.get_running_loop().create_server(server, host, port, backlog=BACKLOG)


def _may_control(request: web.BaseRequest, token: str | None) -> bool:
    """Say whether a request is none of control's, or says the token; /health is for everyone."""
    said = request.headers.get(TOKEN_HEADER, "")
    return (
        token is None
        or not request.path.startswith("/control/")
        or hmac.compare_digest(said.encode(errors="replace"), token.encode())
    )


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
