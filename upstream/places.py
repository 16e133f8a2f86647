"""What the upstream knows: the answer to every call, as a pure function of the request's target."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qs, unquote

from upstream.delays import Endpoint

# An equinox: day and night are alike at every latitude, and America's clocks have been put forward, Europe's not yet.
_NOON = datetime(2024, 3, 20, 12, 7, 30, tzinfo=UTC)  # at longitude 0, where the sundial is 7.5 minutes slow that day
_PER_DEGREE = timedelta(minutes=4)
_FROM_NOON = {
    "first_light": timedelta(hours=-6, minutes=-27),
    "sunrise": timedelta(hours=-6, minutes=-4),
    "solar_noon": timedelta(0),
    "sunset": timedelta(hours=6, minutes=4),
    "last_light": timedelta(hours=6, minutes=27),
}


class Answer(NamedTuple):
    """A call's endpoint, and the status and body with which it is answered."""

    endpoint: Endpoint
    status: int
    body: bytes
    content_type: str = "application/json"


class _Place(NamedTuple):
    zip_code: str
    country: str
    city: str
    state: str
    latitude: float
    longitude: float
    time_zone: str


class _Weather(NamedTuple):
    description: str
    temperature_c: float
    wind_kph: float
    humidity_percent: int


_WEATHER_OF = {
    _Place("97201", "us", "Portland", "OR", 45.5076, -122.6897, "America/Los_Angeles"): _Weather(
        "rain", 11.5, 12.2, 81
    ),
    _Place("10001", "us", "New York", "NY", 40.7506, -73.9972, "America/New_York"): _Weather("clear", 9.1, 18.4, 47),
    _Place("85004", "us", "Phoenix", "AZ", 33.4517, -112.0693, "America/Phoenix"): _Weather("clear", 24.3, 7.6, 18),
    _Place("10115", "de", "Berlin", "BE", 52.5323, 13.3846, "Europe/Berlin"): _Weather("overcast", 8.4, 14.8, 72),
    _Place("SW1A 1AA", "gb", "London", "ENG", 51.501, -0.1416, "Europe/London"): _Weather("mist", 10.2, 9.4, 88),
    _Place("110001", "in", "New Delhi", "DL", 28.6327, 77.2198, "Asia/Kolkata"): _Weather("haze", 29.8, 8.3, 34),
    _Place("100-0001", "jp", "Tokyo", "13", 35.6852, 139.7528, "Asia/Tokyo"): _Weather("few clouds", 13.7, 16.9, 52),
    _Place("2000", "au", "Sydney", "NSW", -33.8688, 151.2093, "Australia/Sydney"): _Weather("cloudy", 22.6, 21.2, 65),
}
_PLACES = {(place.country, place.zip_code): place for place in _WEATHER_OF}


@lru_cache(maxsize=4096)
def answer(target: str) -> Answer | None:
    """Return the answer to a request's target (path and query as they were sent); None if that is no call."""
    path, _, query = target.partition("?")
    match path.split("/"):
        case ["", "location", country, zip_code]:
            return _found("location", _find(country, zip_code))
        case ["", "weather", country, zip_code]:
            place = _find(country, zip_code)
            return _found("weather", place and _WEATHER_OF[place])
        case ["", "sun"]:
            return _sun(query)
    return None


def _find(country: str, zip_code: str) -> _Place | None:
    return _PLACES.get((unquote(country).lower(), unquote(zip_code)))


def _found(endpoint: Endpoint, facts: _Place | _Weather | None) -> Answer:
    if facts is None:
        return Answer(endpoint, 404, _encode({"error": "unknown place"}))
    return Answer(endpoint, 200, _encode(facts._asdict()))


def _sun(query: str) -> Answer:
    given = parse_qs(query)
    latitude, longitude = _degrees(given.get("latitude"), 90), _degrees(given.get("longitude"), 180)
    if latitude is None or longitude is None:
        return Answer("sun", 400, _encode({"error": "latitude and longitude must be given once each, in degrees"}))
    noon = _NOON - longitude * _PER_DEGREE
    return Answer(
        "sun", 200, _encode({name: f"{noon + offset:%Y-%m-%dT%H:%M:%SZ}" for name, offset in _FROM_NOON.items()})
    )


def _degrees(values: Sequence[str] | None, most: float) -> float | None:
    """Return the one value as a number from -most to most; None if it is anything else."""
    try:
        [text] = values or ()
        degrees = float(text)
    except ValueError:
        return None
    return degrees if -most <= degrees <= most else None


def _encode(facts: Mapping[str, object]) -> bytes:
    return json.dumps(facts).encode()
