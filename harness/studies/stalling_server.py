"""A server that answers in 5 ms, and does nothing at all for 1 s in every 5 s; its argument is the port."""

import asyncio
import sys
import time

from aiohttp import web

ANSWER_S = 0.005
STALL_S, EVERY_S = 1.0, 5.0


async def answer(_: web.Request) -> web.Response:
    """Answer after 5 ms."""
    await asyncio.sleep(ANSWER_S)
    return web.Response(text="ok")


async def stall() -> None:
    """Block the event loop again and again, as a long garbage collection would."""
    while True:
        await asyncio.sleep(EVERY_S - STALL_S)
        time.sleep(STALL_S)  # noqa: ASYNC251 - blocking is the point


async def main(port: int) -> None:
    """Serve until the process is ended."""
    app = web.Application()
    app.router.add_get("/{tail:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=2048).start()
    await stall()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
