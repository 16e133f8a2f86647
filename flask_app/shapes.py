"""What comes in and what goes out: which input is good, what the upstream must answer, what the API answers."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field, FiniteFloat, TypeAdapter, ValidationError
from typing_extensions import TypedDict  # pydantic does not read typing's own before Python 3.12
from werkzeug.exceptions import BadRequest

from .errors import UnknownPlace, UpstreamFailed

Shape = TypeVar("Shape")

GRAMMAR = {
    "zip_code": re.compile("[0-9A-Za-z]{2,10}([ -][0-9A-Za-z]{2,10})?"),
    "country": re.compile("[A-Za-z]{2}"),
}

# Years that hold every sun time that means something, and that no time zone shifts out of the calendar.
Moment = Annotated[AwareDatetime, Field(ge=datetime(1900, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC))]


class Location(TypedDict):
    """The upstream's answer about a place; degrees."""

    city: str
    state: str
    latitude: FiniteFloat
    longitude: FiniteFloat
    time_zone: ZoneInfo


class SunTimes(TypedDict):
    """The upstream's answer about the sun; moments in UTC."""

    first_light: Moment
    sunrise: Moment
    solar_noon: Moment
    sunset: Moment
    last_light: Moment


class Weather(TypedDict):
    """The weather of a place, as the upstream gives it and as the API passes it on."""

    description: str
    temperature_c: FiniteFloat
    wind_kph: FiniteFloat
    humidity_percent: FiniteFloat


class NoSuchPlace(TypedDict):
    """The upstream's answer, with status 404, about a place it does not know; any other 404 is its failure."""

    error: Literal["unknown place"]


class LocalSunTimes(TypedDict):
    """The sun as the clocks of the place show it; ISO 8601 with the zone's offset."""

    time_zone: str
    first_light: str
    sunrise: str
    solar_noon: str
    sunset: str
    last_light: str


class City(TypedDict):
    """The sun and the weather of a place together."""

    city: str
    state: str
    sun: LocalSunTimes
    weather: Weather


UNKNOWN_PLACE = TypeAdapter(NoSuchPlace)
LOCATION = TypeAdapter(Location)
SUN = TypeAdapter(SunTimes)
WEATHER = TypeAdapter(Weather)


def check_input(arguments: Mapping[str, str]) -> None:
    """Raise BadRequest (400) for the first argument that is not of its grammar."""
    for name, grammar in GRAMMAR.items():
        if name in arguments and not grammar.fullmatch(arguments[name]):
            raise BadRequest(f"{name} must match {grammar.pattern}")


def read(shape: TypeAdapter[Shape], answer: tuple[int, bytes]) -> Shape:
    """Return what the upstream answered (status, body) in its shape; UnknownPlace or UpstreamFailed if it has none."""
    status, body = answer
    try:
        if status == 404:
            UNKNOWN_PLACE.validate_json(body, strict=True)
            raise UnknownPlace
        if status == 200:
            return shape.validate_json(body, strict=True)
    except ValidationError as error:
        raise UpstreamFailed from error
    raise UpstreamFailed


def local_times(sun: SunTimes, zone: ZoneInfo) -> LocalSunTimes:
    """Return the same moments on the clocks of the zone."""

    def clock(moment: datetime) -> str:
        return moment.astimezone(zone).isoformat()

    return LocalSunTimes(
        time_zone=zone.key,
        first_light=clock(sun["first_light"]),
        sunrise=clock(sun["sunrise"]),
        solar_noon=clock(sun["solar_noon"]),
        sunset=clock(sun["sunset"]),
        last_light=clock(sun["last_light"]),
    )
