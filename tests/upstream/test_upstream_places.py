import json
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstream.places import answer

PLACES = [
    "/us/97201", "/us/10001", "/us/85004", "/de/10115", "/gb/SW1A%201AA", "/in/110001", "/jp/100-0001", "/au/2000",
]  # fmt: skip


def facts(target: str) -> Any:
    found = answer(target)
    assert found is not None
    assert found.status == 200
    return json.loads(found.body)


@pytest.mark.parametrize("place", PLACES)
def test_each_place_has_a_location_in_a_real_time_zone_and_a_weather(place: str) -> None:
    location, weather = facts(f"/location{place}"), facts(f"/weather{place}")

    assert list(location) == ["zip_code", "country", "city", "state", "latitude", "longitude", "time_zone"]
    assert ZoneInfo(location["time_zone"])
    assert list(weather) == ["description", "temperature_c", "wind_kph", "humidity_percent"]


@pytest.mark.parametrize("place", PLACES)
def test_the_sun_of_a_place_is_highest_about_noon_of_its_clocks(place: str) -> None:
    location = facts(f"/location{place}")

    sun = facts(f"/sun?latitude={location['latitude']}&longitude={location['longitude']}")

    times = [datetime.fromisoformat(sun[n]) for n in ("first_light", "sunrise", "solar_noon", "sunset", "last_light")]
    local_noon = times[2].astimezone(ZoneInfo(location["time_zone"]))
    assert times == sorted(times)
    assert abs(local_noon - local_noon.replace(hour=12, minute=30)) < timedelta(minutes=60)
    assert all(text.endswith("Z") for text in sun.values())


def test_country_codes_are_read_in_either_case() -> None:
    assert answer("/location/US/97201") == answer("/location/us/97201")


@pytest.mark.parametrize("target", ["/location/us/10115", "/weather/xx/97201", "/location//", "/weather/us/%00"])
def test_an_unknown_place_is_404(target: str) -> None:
    found = answer(target)

    assert found is not None
    assert (found.status, found.body) == (404, b'{"error": "unknown place"}')


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?",
        "?latitude=1",
        "?latitude=x&longitude=1",
        "?latitude=nan&longitude=1",
        "?latitude=1&longitude=181",
        "?latitude=-91&longitude=0",
        "?latitude=1&latitude=2&longitude=3",
        "?latitude=1e999&longitude=1",
    ],
)
def test_nonsense_degrees_are_400(query: str) -> None:
    found = answer(f"/sun{query}")

    assert found is not None
    assert found.status == 400
    assert "degrees" in json.loads(found.body)["error"]


@pytest.mark.parametrize("target", ["/", "", "/health", "/sun/", "/location", "/location/us/97201/", "//sun", "*"])
def test_other_targets_are_no_calls(target: str) -> None:
    assert answer(target) is None


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_the_sun_rises_everywhere(latitude: float, longitude: float) -> None:
    assert facts(f"/sun?latitude={latitude}&longitude={longitude}")["sunrise"].startswith("2024-03-")
