"""What each answer says of itself, and what the apps send to the upstream."""

import json
from time import monotonic

import pytest
from live_servers import Server, Twins
from scripted_upstream import Reply, ScriptedUpstream


@pytest.mark.parametrize("path", ["/", "/api/sun/97201/us", "/no/such/route", "/api/sun/!/us", "/api/sun/00000/us"])
def test_every_answer_names_its_app(twins: Twins, path: str) -> None:
    assert twins.flask.ask(path).headers["x-app"] == "flask"
    assert twins.quart.ask(path).headers["x-app"] == "quart"


@pytest.mark.parametrize(
    ("path", "calls"),
    [
        ("/health", []),
        ("/nowhere", []),
        ("/api/events/Portland/OR/us", []),
        ("/api/weather/97201/us", ["weather"]),
        ("/api/weather/00000/us", ["weather"]),
        ("/api/sun/97201/us", ["location", "sun"]),
        ("/api/city/97201/us", ["location", "sun", "weather"]),
    ],
)
def test_every_answer_times_its_calls_and_its_handler(app: Server, path: str, calls: list[str]) -> None:
    assert sorted(app.ask(path).spans()) == sorted([*calls, "handler"])


def test_spans_are_on_the_monotonic_clock_and_inside_the_handlers(app: Server) -> None:
    before_ms = monotonic() * 1000
    timing = app.ask("/api/city/97201/us").spans()
    after_ms = monotonic() * 1000

    first_ms, last_ms = timing["handler"]
    assert before_ms <= first_ms <= last_ms <= after_ms
    assert all(first_ms <= start <= end <= last_ms + 0.01 for start, end in timing.values())


def test_sun_waits_for_its_location(app: Server) -> None:
    timing = app.ask("/api/sun/97201/us").spans()

    assert timing["location"][1] <= timing["sun"][0]
    assert timing["sun"][1] - timing["sun"][0] >= 4.9  # the stub's 5 ms


@pytest.mark.parametrize(("sent", "forwarded"), [(["7-1"], "7-1"), (["a", "b"], "a,b"), (["no label"], ""), ([], "")])
def test_both_apps_make_the_same_calls_and_forward_the_request_id(
    scripted_app: Server, upstream: ScriptedUpstream, sent: list[str], forwarded: str
) -> None:
    upstream.play(_city)

    answer = scripted_app.ask("/api/city/SW1A%201AA/gb", headers=[("X-Request-Id", value) for value in sent])

    location, sun, weather = sorted(upstream.heads)
    assert answer.status == 200
    assert location.startswith("GET /location/gb/SW1A%201AA HTTP/1.1")
    assert sun.startswith("GET /sun?latitude=-0.5&longitude=1e-07 HTTP/1.1")
    assert weather.startswith("GET /weather/gb/SW1A%201AA HTTP/1.1")
    assert [_request_id(head) for head in upstream.heads] == [forwarded] * 3


def _request_id(head: str) -> str:
    return next((line[13:].strip() for line in head.splitlines() if line.lower().startswith("x-request-id:")), "")


def _city(head: str, _number: int) -> Reply:
    moments = ("first_light", "sunrise", "solar_noon", "sunset", "last_light")
    bodies: dict[str, dict[str, object]] = {
        "/location": {"city": "A", "state": "B", "latitude": -0.5, "longitude": 1e-7, "time_zone": "UTC"},
        "/sun": dict.fromkeys(moments, "2024-06-20T12:00:00Z"),
        "/weather": {"description": "", "temperature_c": 0, "wind_kph": 0, "humidity_percent": 0},
    }
    body = next(json.dumps(body) for path, body in bodies.items() if head.startswith(f"GET {path}"))
    return Reply(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
