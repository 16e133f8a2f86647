"""City's pair of calls runs together under every kind of worker, and never queues for a thread."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from live_servers import UPSTREAM, Server, gunicorn, hypercorn, serving

CITY = "/api/city/97201/us"
USERS = 80
SLOWER = (0.5, 1.0, 2.0, 3.0)  # seconds a call takes; on a busy machine users overlap only in long ones
MANY_AT_ONCE = {
    "gthread": partial(gunicorn, f"--threads={USERS}"),
    "gevent": partial(gunicorn, "--worker-class=gevent"),
    "hypercorn": hypercorn,
    "gunicorn's asgi": partial(gunicorn, "--worker-class=asgi", app="quart_app.app:app"),
}


@pytest.fixture(scope="module")
def slow_stub(logs: Path) -> Iterator[Server]:
    """An upstream slow enough that what overlaps is seen to overlap."""
    with serving((*UPSTREAM, f"--delay=fixed:{SLOWER[0]}"), logs=logs) as [stub]:
        yield stub


@pytest.fixture
def city_server(request: pytest.FixtureRequest, logs: Path, slow_stub: Server) -> Iterator[Server]:
    """The app under the worker that the test names."""
    with serving(request.param(UPSTREAM_URL=slow_stub.url, UPSTREAM_READ_TIMEOUT_S="9"), logs=logs) as [server]:
        yield server


@pytest.mark.parametrize("city_server", [partial(gunicorn, "--workers=2", "--preload")], ids=["sync"], indirect=True)
def test_a_sync_worker_forked_after_the_import_asks_for_sun_and_weather_at_the_same_time(city_server: Server) -> None:
    timing = city_server.ask(CITY).spans()

    assert timing["location"][1] <= timing["sun"][0] < timing["weather"][1]
    assert timing["weather"][0] < timing["sun"][1]


@pytest.mark.parametrize("city_server", MANY_AT_ONCE.values(), ids=MANY_AT_ONCE, indirect=True)
def test_as_many_pairs_run_together_as_there_are_requests(city_server: Server, slow_stub: Server) -> None:
    # Calls one by one would be 80 at most, a thread pool of the usual size a few more, aiohttp's usual pool 100.
    assert any(_most_in_flight(city_server, slow_stub, delay_s) > 1.5 * USERS for delay_s in SLOWER)


def _most_in_flight(server: Server, stub: Server, delay_s: float) -> int:
    stub.ask("/control/reset", "POST", body=json.dumps({"delay": f"fixed:{delay_s}"}).encode())

    with ThreadPoolExecutor(USERS) as users:
        statuses = list(users.map(lambda _: server.ask(CITY).status, range(USERS)))

    assert statuses == [200] * USERS
    return int(json.loads(stub.ask("/control/stats").body)["max_in_flight"])
