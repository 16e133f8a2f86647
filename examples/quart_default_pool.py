"""A control: the Quart app with aiohttp's own limit of 100 connections, behind which calls queue silently.

`hypercorn examples.quart_default_pool:app`.
"""

from typing import Any

from aiohttp import TCPConnector

from quart_app import services
from quart_app.app import app

__all__ = ["app"]


class DefaultConnector(TCPConnector):
    """A connector that does not let its limit be raised."""

    def __init__(self, *, limit: int, **options: Any) -> None:  # noqa: ARG002 - the app's own limit: none
        super().__init__(**options)


vars(services)["TCPConnector"] = DefaultConnector
