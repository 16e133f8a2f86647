"""The control routes: read and reset the counters, read the log, set the faults. None is delayed or counted."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from upstream.delays import expected, parse_model
from upstream.faults import Faults
from upstream.stub import Stub

OWN = ("GET /location/{country}/{zip_code}", "GET /sun?latitude=..&longitude=..", "GET /weather/{country}/{zip_code}")
_Body = TypeVar("_Body", bound=BaseModel)


class _ResetOrder(BaseModel):
    """What POST /control/reset is told; a seed or delay that is not given stays as it is."""

    model_config = ConfigDict(extra="forbid", strict=True)

    seed: int | None = None
    delay: str | None = None
    keep_faults: bool = False


async def control(stub: Stub, request: web.BaseRequest) -> web.Response:
    """Answer a control route or /health; 400 with a reason for a bad body; 404 and 405 for what is neither.

    A call that nobody declared is noted: the service under test wants something that it does not get.
    """
    methods = _ROUTES.get(request.path)
    if methods is None:
        stub.ledger.refuse(f"{request.method} {request.path}")
        if allowed := stub.service.methods(request.raw_path):
            return only(", ".join(allowed))
        error = f"no such endpoint: {request.method} {request.path}"
        return _json({"error": error, "declared": [*stub.service.words(), *OWN]}, status=404)
    serve = methods.get(request.method)
    return await serve(stub, request) if serve else only(", ".join(methods))


def only(allowed: str) -> web.Response:
    """Answer a request of another method than the allowed ones: 405."""
    return _json({"error": f"the method must be {allowed}"}, status=405, headers={"Allow": allowed})


async def _health(_stub: Stub, _request: web.BaseRequest) -> web.Response:
    return _json({"status": "ok"})


async def _stats(stub: Stub, _request: web.BaseRequest) -> web.Response:
    return _json(stub.ledger.stats())


async def _calls(stub: Stub, _request: web.BaseRequest) -> web.Response:
    return _json(stub.ledger.log())


async def _delays(stub: Stub, _request: web.BaseRequest) -> web.Response:
    return _json(expected(stub.models))


async def _reset(stub: Stub, request: web.BaseRequest) -> web.Response:
    order = await _read(request, _ResetOrder)
    try:
        model = stub.model if order.delay is None else parse_model(order.delay)
    except ValueError as error:
        raise _bad_request(f"delay: {error}") from None
    if stub.ledger.in_flight:
        return _json({"error": "calls are in flight", "in_flight": stub.ledger.in_flight}, status=409)
    stub.model, stub.ledger = model, stub.new_ledger()
    stub.seed = stub.seed if order.seed is None else order.seed
    stub.faults = stub.faults if order.keep_faults else ()
    return _json({"status": "ok"})


async def _set_faults(stub: Stub, request: web.BaseRequest) -> web.Response:
    faults = tuple((await _read(request, Faults)).root)
    for name in (fault.endpoint for fault in faults):
        if name not in ("*", *stub.models):
            raise _bad_request(f"endpoint {name} is none of {', '.join(stub.models)}")
    stub.faults = faults
    return _json({"status": "ok"})


_ROUTES: dict[str, dict[str, Callable[[Stub, web.BaseRequest], Awaitable[web.Response]]]] = {
    "/health": {"GET": _health},
    "/control/stats": {"GET": _stats},
    "/control/calls": {"GET": _calls},
    "/control/delays": {"GET": _delays},
    "/control/reset": {"POST": _reset},
    "/control/faults": {"PUT": _set_faults},
}


async def _read(request: web.BaseRequest, body: type[_Body]) -> _Body:
    """Return the request's JSON body in its shape, no body being `{}`; HTTPBadRequest says what is wrong with it."""
    try:
        return body.model_validate_json(await request.read() or b"{}")
    except ValidationError as error:
        raise _bad_request("; ".join(map(_in_words, error.errors()))) from None


def _in_words(problem: Any) -> str:
    where = ".".join(map(str, problem["loc"]))
    return f"{where}: {problem['msg']}" if where else str(problem["msg"])


def _bad_request(message: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=json.dumps({"error": message}), content_type="application/json")


def _json(facts: object, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response(facts, status=status, headers=headers)
