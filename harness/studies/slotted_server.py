"""A server of known capacity: so many slots, each of which takes the same time; arguments: port, slots, seconds."""

import asyncio
import sys

from aiohttp import web


async def main(port: int, slots: int, seconds: float) -> None:
    """Serve until the process is ended."""
    free = asyncio.Semaphore(slots)

    async def answer(request: web.Request) -> web.Response:
        if request.path != "/health":
            async with free:
                await asyncio.sleep(seconds)
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_get("/{tail:.*}", answer)
    runner = web.AppRunner(app, access_log=None, keepalive_timeout=3600)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=2048).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
