"""City scape: a small API that waits on a slow upstream.

This file has a twin in the other package; contract/mirror.py turns the one into the other.
"""

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from . import services
from .shapes import City, LocalSunTimes, Weather, check_input, local_times
from .timing import Trace

app = Flask(__name__, static_folder=None)
app.url_map.merge_slashes = False  # an empty segment makes another path, which is 404 and not a redirect
# Routes bound to a name of our own never look at the Host header, however malformed it is.
app.config["SERVER_NAME"] = "localhost"
app.url_map.default_subdomain = "any"


@app.before_request
def begin() -> None:
    """Start the request's clock, and answer 400 to a path whose parts are malformed."""
    # Some servers hand over a header that was sent twice as two values, others as one, joined by a comma.
    g.trace = Trace(",".join(request.headers.getlist("X-Request-Id")))
    check_input(request.view_args or {})


@app.after_request
def finish(response: Response) -> Response:
    """Say on every answer who gave it and where its time went."""
    response.headers["X-App"] = "flask"
    response.headers["Server-Timing"] = g.trace.server_timing()
    if "Allow" in response.headers:
        response.allow = sorted(response.allow)  # a set until here, in another order in every process
    return response


@app.errorhandler(HTTPException)
def problem(error: HTTPException) -> tuple[dict[str, object], int, dict[str, str]]:
    """Answer every error, the unexpected (500) too, with problem JSON (RFC 9457)."""
    status = error.code or 500
    body = {"type": "about:blank", "title": error.name, "status": status, "detail": error.description}
    return body, status, {**dict(error.get_headers()), "Content-Type": "application/problem+json"}


@app.get("/")
def index() -> dict[str, object]:
    """Answer with the name of the API and its routes."""
    return {"name": "city scape", "routes": sorted(rule.rule for rule in app.url_map.iter_rules())}


@app.get("/health")
def health() -> dict[str, str]:
    """Answer at once: ready, whatever the upstream does."""
    return {"status": "ok"}


@app.get("/api/weather/<zip_code>/<country>")
def weather(zip_code: str, country: str) -> Weather:
    """Answer with the weather of a place: one upstream call."""
    return services.weather(g.trace, zip_code, country)


@app.get("/api/sun/<zip_code>/<country>")
def sun(zip_code: str, country: str) -> LocalSunTimes:
    """Answer with the sun times of a place on its own clocks: two upstream calls, the second needs the first."""
    location = services.location(g.trace, zip_code, country)
    sun_times = services.sun(g.trace, location)
    return local_times(sun_times, location["time_zone"])


@app.get("/api/city/<zip_code>/<country>")
def city(zip_code: str, country: str) -> City:
    """Answer with sun and weather of a place: three upstream calls, the last two together."""
    location = services.location(g.trace, zip_code, country)
    sun_times, weather_now = services.sun_and_weather(g.trace, zip_code, country, location)
    return City(
        city=location["city"],
        state=location["state"],
        sun=local_times(sun_times, location["time_zone"]),
        weather=weather_now,
    )


@app.get("/api/events/<city>/<state>/<country>")
def events(**_place: str) -> dict[str, object]:
    """Answer with what is on, the same in every city: the control that waits for nothing."""
    return {
        "events": [
            {"name": "Concert in the park", "starts": "2024-06-20T19:30"},
            {"name": "Farmers' market", "starts": "2024-06-22T08:00"},
            {"name": "Open-air cinema", "starts": "2024-06-22T21:45"},
        ]
    }
