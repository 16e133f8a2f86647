"""Quart's one upstream session: made for the server's loop, closed with it, and never sending a call again."""

import asyncio

from quart_app import services
from quart_app.app import app


def test_the_session_lives_as_long_as_the_server() -> None:
    async def serve() -> None:
        async with app.test_app():
            assert not services._session.closed

    asyncio.run(serve())

    assert services._session.closed
