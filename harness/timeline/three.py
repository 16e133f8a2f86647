"""Three requests that arrive together, long, long and short: at a server with one slot, and at an event loop."""

from collections.abc import Callable
from dataclasses import dataclass

from harness.facts.config import Lane, Upstream
from harness.judge.anatomy import dissect
from harness.judge.rows import Calls, Requests
from harness.measure.server import start_server
from harness.measure.site import free_port
from harness.measure.trial import CALL_COLUMNS
from harness.studies.laboratory import Laboratory, laboratory
from harness.timeline.together import Asked, send_together
from harness.timeline.tracks import Track

LONG, SHORT = "/api/sun/97201/us", "/api/weather/97201/us"  # two upstream calls, and one
ARRIVALS = {"1 long": LONG, "2 long": LONG, "3 short": SHORT}
PATIENCE_S = 15.0  # beyond what the upstream takes


@dataclass(frozen=True)
class Contestant:
    """A server of the comparison: its name in errors, its words in the picture, and how it is started."""

    name: str
    words: str
    lane: Lane


ONE_SLOT = Contestant(
    "one-slot",
    "one slot: Flask on a single gunicorn sync worker",
    Lane(
        command="gunicorn flask_app.app:app --bind 127.0.0.1:{port} --config servers/gunicorn.conf.py",
        slots=1,
        identity="flask",
    ),
)
EVENT_LOOP = Contestant(
    "event-loop",
    "event loop: Quart on Hypercorn",
    Lane(
        command="hypercorn quart_app.app:app --bind 127.0.0.1:{port} --config servers/hypercorn.toml",
        slots="unbounded",
        identity="quart",
    ),
)


def three_together(delay_s: float, say: Callable[[str], None]) -> tuple[Track, ...]:
    """Measure both servers, each upstream call waiting `delay_s`; MeasurementError where a server does not answer."""
    with laboratory(Upstream(delay=f"fixed:{delay_s:g}")) as bench:
        return tuple(track for one in (ONE_SLOT, EVENT_LOOP) for track in _measure(bench, one, delay_s, say))


def _measure(bench: Laboratory, one: Contestant, delay_s: float, say: Callable[[str], None]) -> list[Track]:
    say(f"measuring {one.words}")
    patience_s = 2 * len(ARRIVALS) * delay_s + PATIENCE_S
    server = start_server(one.name, one.lane, bench.tools.site, port=free_port(), upstream=bench.tools.stub.url)
    with server.child:
        # Once before, so that code is loaded and upstream connections are open, as in a server that has been serving.
        send_together(server, [Asked(f"before-{name[0]}", SHORT) for name in ARRIVALS], patience_s)
        bench.tools.stub.reset()
        asked = [Asked(f"{one.name}-{name[0]}", path) for name, path in ARRIVALS.items()]
        requests = send_together(server, asked, patience_s)
    log = bench.tools.stub.calls()
    return _tracks(one.words, requests, Calls(**{column: log[column] for column in CALL_COLUMNS}))


def _tracks(group: str, requests: Requests, calls: Calls) -> list[Track]:
    """Return the requests on the clock that begins with the first of them."""
    answered = sorted(requests.latency_s.tolist())
    percents = [100 * (answered.index(latency) + 1) / len(answered) for latency in requests.latency_s.tolist()]
    return [
        Track(group, name, dissect(requests, calls, place, percents[place]), float(start_s - requests.start_s[0]))
        for place, (name, start_s) in enumerate(zip(ARRIVALS, requests.start_s, strict=True))
    ]
