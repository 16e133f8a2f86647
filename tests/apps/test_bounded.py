"""The two apps behind a limit: the same refusal beyond it, and /health whatever is in flight."""

import asyncio
import importlib
from typing import Any

import pytest
from werkzeug.test import Client

EVENTS = "/api/events/portland/or/us"


@pytest.fixture
def bounded(monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    """Both apps, with room for one request."""
    monkeypatch.setenv("MOST_IN_FLIGHT", "1")
    return tuple(importlib.reload(importlib.import_module(f"servers.bounded_{name}")) for name in ("flask", "quart"))  # type: ignore[return-value]


def of_flask(module: Any, path: str) -> tuple[int, dict[str, str], bytes]:
    answer = Client(module.app).get(path)
    return answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, answer.data


async def of_quart(module: Any, path: str) -> tuple[int, dict[str, str], bytes]:
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [],
        "extensions": {},
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
        "asgi": {"version": "3.0"},
        "state": {},
    }
    sent: list[dict[str, Any]] = []
    told = asyncio.Queue[dict[str, Any]]()
    told.put_nowait({"type": "http.request", "body": b"", "more_body": False})

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await module.app(scope, told.get, send)
    headers = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:])


def test_what_is_beyond_the_limit_is_refused_alike_and_health_is_not(bounded: tuple[Any, Any]) -> None:
    flask, quart = bounded

    async def asked(path: str) -> tuple[int, dict[str, str], bytes]:
        async with quart._free:
            return await of_quart(quart, path)

    with flask._free:
        refused, well = of_flask(flask, EVENTS), of_flask(flask, "/health")
    refused_by_quart, well_by_quart = asyncio.run(asked(EVENTS)), asyncio.run(asked("/health"))

    assert refused[0] == refused_by_quart[0] == 503
    assert refused[1] | {"x-app": ""} == refused_by_quart[1] | {"x-app": ""}
    assert refused[2] == refused_by_quart[2]
    assert (well[0], well[2]) == (well_by_quart[0], well_by_quart[2])
    assert well[0] == 200


def test_a_place_is_free_again_once_its_request_is_answered(bounded: tuple[Any, Any]) -> None:
    flask, quart = bounded

    assert [of_flask(flask, EVENTS)[0] for _ in range(2)] == [200, 200]
    assert [asyncio.run(of_quart(quart, EVENTS))[0] for _ in range(2)] == [200, 200]
