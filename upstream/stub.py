"""The data routes: wait as long as the law says, then answer as the faults say."""

import asyncio
import math
import socket
import struct
import time

from aiohttp import web
from multidict import CIMultiDict, istr

from upstream.delays import ENDPOINTS, Endpoint, Model, delay_s
from upstream.endpoints import Service
from upstream.faults import BrownOut, Error, Fault, Garbage, Hang, Reset, extra_s, hit
from upstream.ledger import Ledger
from upstream.luck import uniform
from upstream.places import Answer

_REQUEST_ID, _DELAY, _CONTENT_TYPE = istr("X-Request-Id"), istr("X-Delay-Ms"), istr("Content-Type")
_EARLY_S = 0.0005
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER of 0 s: closing sends RST instead of FIN
_NONSENSE = {"not-json": b"<html>It works!</html>", "wrong-shape": b'["nonsense"]'}


class Stub:
    """What the stub was told to do with calls, and what became of them."""

    def __init__(self, seed: int, model: Model, service: Service | None = None) -> None:
        self.seed, self.model, self.service = seed, model, service or Service()
        self.faults: tuple[Fault, ...] = ()
        self.ledger = self.new_ledger()

    @property
    def models(self) -> dict[Endpoint, Model]:
        """The law of each endpoint's delays."""
        return dict.fromkeys((*ENDPOINTS, *self.service.declared), self.model) | self.service.models

    def new_ledger(self) -> Ledger:
        """Return a ledger without any call."""
        return Ledger(self.models)

    async def call(self, request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
        """Serve one call; cancelled when its caller goes away."""
        start_s = time.perf_counter()
        endpoint, status, body, content_type = answer
        request_id = request.headers.get(_REQUEST_ID, "")
        injected_s, fault = self._fate(endpoint, request_id or str(self.ledger.calls[endpoint]))
        row = self.ledger.start(request_id, endpoint, start_s, injected_s)
        try:
            if isinstance(fault, Hang):
                await asyncio.sleep(fault.cap_s)
                return _break_off(request)
            await wait_until(start_s + injected_s)
            if isinstance(fault, Reset):
                return _break_off(request)
            if fault is not None:
                status, body = _spoil(status, body, fault)
            self.ledger.deliver(row, endpoint, injected_s, time.perf_counter() - start_s, status)
            headers = CIMultiDict({_CONTENT_TYPE: content_type, _DELAY: f"{injected_s * 1000:.3f}"})
            return web.Response(body=body, status=status, headers=headers)
        finally:
            self.ledger.end()

    def _fate(self, endpoint: Endpoint, request_id: str) -> tuple[float, Fault | None]:
        """Return a call's delay in seconds and the fault that it meets."""
        model = self.service.models.get(endpoint, self.model)
        injected_s = delay_s(model, self.seed, endpoint, request_id)
        if not self.faults:
            return injected_s, None
        fault = hit(self.faults, endpoint, uniform(self.seed, f"{endpoint}/fault", request_id))
        return injected_s + extra_s(self.faults, endpoint, fault), fault


async def wait_until(moment_s: float) -> None:
    """Return at a moment of CLOCK_MONOTONIC, half a millisecond early at most and on a free core as little late.

    uvloop's timers count whole milliseconds of that clock. A timer for the millisecond in which the moment lies fires
    before it about as often as after it; if it is more than half a millisecond early, one more is worth its CPU.
    """
    now_s = time.perf_counter()
    if now_s < moment_s:
        await asyncio.sleep((math.floor(moment_s * 1000) - math.floor(now_s * 1000)) / 1000)
        if moment_s - time.perf_counter() > _EARLY_S:
            await asyncio.sleep(0.001)


def _spoil(status: int, body: bytes, fault: Fault) -> tuple[int, bytes]:
    """Return the status and body that a fault leaves of an answer's."""
    match fault:
        case Error():
            return fault.status, b'{"error": "injected error"}'
        case BrownOut():
            return 503, b'{"error": "injected brown-out"}'
        case Garbage():
            return 200, _NONSENSE[fault.body]
    return status, body


def _break_off(request: web.BaseRequest) -> web.StreamResponse:
    """Reset the connection; return an answer that reaches nobody."""
    if request.transport is not None:
        request.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        request.transport.abort()
    return web.Response()
