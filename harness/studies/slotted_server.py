"""A server of known capacity: slots that each take the same time; arguments: address, port, slots, seconds."""

import asyncio
import sys

from aiohttp import web


async def main(host: str, port: int, slots: int, seconds: float) -> None:
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
    await web.TCPSite(runner, host, port, backlog=2048).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
