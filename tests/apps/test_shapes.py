"""What the pure part of the apps accepts, refuses and converts."""

import json
from zoneinfo import ZoneInfo

import pytest
from werkzeug.exceptions import BadRequest

from flask_app.errors import UnknownPlace, UpstreamFailed
from flask_app.shapes import LOCATION, SUN, WEATHER, check_input, local_times, read
from flask_app.timing import Trace

MOMENTS = ("first_light", "sunrise", "solar_noon", "sunset", "last_light")
MIDSUMMER = dict.fromkeys(MOMENTS, "2024-06-21T04:03:00Z")
PORTLAND = {
    "city": "Portland",
    "state": "OR",
    "latitude": 45.52,
    "longitude": -122.68,
    "time_zone": "America/Los_Angeles",
}
RAIN = {"description": "rain", "temperature_c": 12.5, "wind_kph": 3, "humidity_percent": 80}


@pytest.mark.parametrize("zip_code", ["97201", "97201-1234", "SW1A 1AA", "10115", "100-0001", "K1A 0B1"])
def test_a_postal_code_of_one_or_two_groups_is_accepted(zip_code: str) -> None:
    check_input({"zip_code": zip_code, "country": "us"})


@pytest.mark.parametrize(
    "zip_code", ["", "9", "97201\n", "97 201 1", "97201-", "../x", "97201\0", "\u0661\u0662\u0663", "9" * 11]
)
def test_any_other_postal_code_is_bad_input(zip_code: str) -> None:
    with pytest.raises(BadRequest):
        check_input({"zip_code": zip_code, "country": "us"})


@pytest.mark.parametrize("country", ["", "u", "usa", "u1", "us\n", "ÜS"])
def test_a_country_is_two_letters(country: str) -> None:
    with pytest.raises(BadRequest):
        check_input({"country": country})


def test_sun_times_are_told_by_the_clocks_of_the_place() -> None:
    sun = read(SUN, (200, json.dumps(MIDSUMMER).encode()))

    assert local_times(sun, ZoneInfo("America/Los_Angeles"))["sunset"] == "2024-06-20T21:03:00-07:00"
    assert local_times(sun, ZoneInfo("Asia/Tokyo"))["sunset"] == "2024-06-21T13:03:00+09:00"


@pytest.mark.parametrize(
    "moment", ["2024-06-21T04:03:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "noon", 1718884800, None]
)
def test_a_sun_time_without_a_zone_or_beyond_the_calendar_is_nonsense(moment: object) -> None:
    with pytest.raises(UpstreamFailed):
        read(SUN, (200, json.dumps(MIDSUMMER | {"sunrise": moment}).encode()))


@pytest.mark.parametrize(
    "change",
    [
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../../etc"},
        {"latitude": "45"},
        {"latitude": float("nan")},
        {"city": None},
    ],
)
def test_a_location_of_the_wrong_types_is_nonsense(change: dict[str, object]) -> None:
    with pytest.raises(UpstreamFailed):
        read(LOCATION, (200, json.dumps(PORTLAND | change).encode()))


@pytest.mark.parametrize("key", RAIN)
def test_an_answer_that_lacks_a_key_is_nonsense(key: str) -> None:
    with pytest.raises(UpstreamFailed):
        read(WEATHER, (200, json.dumps({name: value for name, value in RAIN.items() if name != key}).encode()))


def test_keys_that_nobody_asked_for_are_left_out() -> None:
    assert read(WEATHER, (200, json.dumps(RAIN | {"advertisement": "x"}).encode())) == RAIN


def test_the_upstreams_404_is_an_unknown_place_if_it_says_so() -> None:
    with pytest.raises(UnknownPlace):
        read(WEATHER, (404, b'{"error": "unknown place"}'))


@pytest.mark.parametrize("body", [b"", b"<!doctype html>", b'{"error": "no such route"}'])
def test_any_other_404_is_the_upstreams_fault(body: bytes) -> None:
    with pytest.raises(UpstreamFailed):
        read(WEATHER, (404, body))


@pytest.mark.parametrize("status", [201, 204, 301, 400, 500, 503])
def test_any_other_status_than_200_is_the_upstreams_fault(status: int) -> None:
    with pytest.raises(UpstreamFailed):
        read(WEATHER, (status, json.dumps(RAIN).encode()))


@pytest.mark.parametrize("request_id", ["", "a b", "a\tb", "ä", "x" * 129, "a\nb"])
def test_an_id_that_no_header_should_carry_is_not_forwarded(request_id: str) -> None:
    assert Trace(request_id).headers == {}


def test_a_span_that_fails_is_noted_too() -> None:
    trace = Trace("1-2")

    with pytest.raises(ZeroDivisionError), trace.span("sun"):
        _ = 1 / 0

    assert trace.server_timing().startswith("sun;start=")
