"""A control: an ASGI app that takes more CPU for each request, to see whether a run finds it.

SLOWED_APP names the app as a server would, SLOWED_US the microseconds of CPU. Nothing large may be loaded here: with
the harness's packages, 28,000 objects more for the garbage collector, a server was slower by nearly as much again.
"""

import importlib
import os
import time
from typing import Any

_module, _, _name = os.environ["SLOWED_APP"].partition(":")
_inner = getattr(importlib.import_module(_module), _name)
_extra_s = float(os.environ["SLOWED_US"]) / 1e6


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Use up the CPU time, then let the app answer."""
    if scope["type"] == "http":
        until = time.thread_time() + _extra_s
        while time.thread_time() < until:
            pass
    await _inner(scope, receive, send)
