"""The data routes of the API a third time, with FastAPI: an app of another framework, measured as any app is.

`uvicorn examples.fastapi_app:app`; the calls and the shapes are those of the Quart app.
"""

from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from werkzeug.exceptions import HTTPException

from quart_app import services
from quart_app.shapes import City, LocalSunTimes, Weather, check_input, local_times
from quart_app.timing import Trace

app = FastAPI(lifespan=asynccontextmanager(lambda _: services.upstream_session()), openapi_url=None)


@app.middleware("http")
async def mark(request: Request, call: Callable[[Request], Awaitable[Response]]) -> Response:
    """Start the request's clock; say on the answer who gave it and where its time went."""
    trace = request.state.trace = Trace(",".join(request.headers.getlist("X-Request-Id")))
    response = await call(request)
    response.headers["X-App"] = "fastapi"
    response.headers["Server-Timing"] = trace.server_timing()
    return response


@app.exception_handler(HTTPException)
async def problem(_: Request, error: HTTPException) -> JSONResponse:
    """Answer an error of the calls or the input with problem JSON (RFC 9457)."""
    body = {"type": "about:blank", "title": error.name, "status": error.code, "detail": error.description}
    return JSONResponse(body, error.code or 500, media_type="application/problem+json")


@app.get("/health")
async def health() -> dict[str, str]:
    """Answer at once."""
    return {"status": "ok"}


@app.get("/api/weather/{zip_code}/{country}", response_model=None)
async def weather(request: Request, zip_code: str, country: str) -> Weather:
    """Answer with the weather of a place: one upstream call."""
    check_input(request.path_params)
    return await services.weather(request.state.trace, zip_code, country)


@app.get("/api/sun/{zip_code}/{country}", response_model=None)
async def sun(request: Request, zip_code: str, country: str) -> LocalSunTimes:
    """Answer with the sun times of a place: two upstream calls, one after the other."""
    check_input(request.path_params)
    location = await services.location(request.state.trace, zip_code, country)
    return local_times(await services.sun(request.state.trace, location), location["time_zone"])


@app.get("/api/city/{zip_code}/{country}", response_model=None)
async def city(request: Request, zip_code: str, country: str) -> City:
    """Answer with sun and weather of a place: three upstream calls, the last two together."""
    check_input(request.path_params)
    trace = request.state.trace
    location = await services.location(trace, zip_code, country)
    sun_times, weather_now = await services.sun_and_weather(trace, zip_code, country, location)
    there = local_times(sun_times, location["time_zone"])
    return City(city=location["city"], state=location["state"], sun=there, weather=weather_now)
