"""The two apps, live, each behind a server of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from live_servers import UPSTREAM, Server, Twins, gunicorn, hypercorn, serving
from scripted_upstream import ScriptedUpstream, scripted_upstream


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the servers of the session write."""
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="session")
def stubs(logs: Path) -> Iterator[Twins]:
    """Each app's own upstream stub, so that each app's calls are counted."""
    with serving(UPSTREAM, UPSTREAM, logs=logs) as stubs:
        yield Twins(*stubs)


@pytest.fixture(scope="session")
def twins(logs: Path, stubs: Twins) -> Iterator[Twins]:
    """Both apps, each in front of its stub."""
    flask = gunicorn("--threads=4", UPSTREAM_URL=stubs.flask.url)
    quart = hypercorn(UPSTREAM_URL=stubs.quart.url)
    with serving(flask, quart, logs=logs) as apps:
        yield Twins(*apps)


@pytest.fixture(scope="session")
def upstream() -> Iterator[ScriptedUpstream]:
    """An upstream that misbehaves as a test writes it down."""
    with scripted_upstream() as server:
        yield server


@pytest.fixture(scope="session")
def scripted_twins(logs: Path, upstream: ScriptedUpstream) -> Iterator[Twins]:
    """Both apps, in front of the scripted upstream."""
    flask = gunicorn("--threads=4", UPSTREAM_URL=upstream.url)
    quart = hypercorn(UPSTREAM_URL=upstream.url)
    with serving(flask, quart, logs=logs) as apps:
        yield Twins(*apps)


@pytest.fixture(scope="session")
def scripted_urllib3(logs: Path, upstream: ScriptedUpstream) -> Iterator[Server]:
    """The Flask app with its other client, in front of the scripted upstream."""
    with serving(gunicorn("--threads=4", UPSTREAM_URL=upstream.url, UPSTREAM_CLIENT="urllib3"), logs=logs) as [app]:
        yield app


@pytest.fixture(scope="session", params=Twins._fields)
def name(request: pytest.FixtureRequest) -> str:
    """One app's name and then the other's."""
    return str(request.param)


@pytest.fixture(scope="session")
def app(name: str, twins: Twins) -> Server:
    """One app and then the other."""
    return twins.of(name)


@pytest.fixture(scope="session")
def stub(name: str, stubs: Twins) -> Server:
    """The app's own stub."""
    return stubs.of(name)


@pytest.fixture(scope="session")
def scripted_app(name: str, scripted_twins: Twins) -> Server:
    """One app and then the other, in front of the scripted upstream."""
    return scripted_twins.of(name)
