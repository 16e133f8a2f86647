import json
from typing import Any

import pytest
from single_requests import city_request, sun_request

from harness.timeline.trace import trace
from harness.timeline.tracks import Track

LANES = {
    "quart": [Track("1 user", "median", sun_request()), Track("1 user", "p99", city_request(), 0.00012345)],
    '<b>flask</b> "quoted" \u2028': [Track("4 users", "median", sun_request(late_s=0.004, request_id="7-7"))],
}
FIELDS = {
    "X": {"name": str, "cat": str, "ph": str, "ts": int, "dur": int, "pid": int, "tid": int, "args": dict},
    "M": {"name": str, "ph": str, "ts": int, "pid": int, "tid": int, "args": dict},
}


@pytest.fixture(scope="module")
def events() -> list[dict[str, Any]]:
    document = json.loads(trace(LANES))
    assert document.keys() == {"displayTimeUnit", "traceEvents"}
    assert document["displayTimeUnit"] in ("ms", "ns")
    found: list[dict[str, Any]] = document["traceEvents"]
    return found


def spans(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event for event in events if event["ph"] == "X"]


def names(events: list[dict[str, Any]], what: str) -> dict[tuple[int, int], str]:
    return {(event["pid"], event["tid"]): event["args"]["name"] for event in events if event["name"] == what}


def test_every_event_has_the_fields_that_the_format_asks_for(events: list[dict[str, Any]]) -> None:
    for event in events:
        assert {name: type(value) for name, value in event.items()} == FIELDS[event["ph"]], event
        assert min(event["ts"], event.get("dur", 0)) >= 0
        assert min(event["pid"], event["tid"]) > 0


def test_events_are_sorted_and_names_come_first(events: list[dict[str, Any]]) -> None:
    kinds = "".join(event["ph"] for event in events)
    moments = [event["ts"] for event in spans(events)]

    assert kinds.rstrip("X").strip("M") == ""
    assert moments == sorted(moments)


def test_the_events_of_a_thread_nest(events: list[dict[str, Any]]) -> None:
    threads: dict[tuple[int, int], list[int]] = {}
    for event in spans(events):
        open_until = threads.setdefault((event["pid"], event["tid"]), [])
        while open_until and open_until[-1] <= event["ts"]:
            open_until.pop()
        open_until.append(event["ts"] + event["dur"])
        assert open_until == sorted(open_until, reverse=True), event

    assert len(threads) == 7  # three requests, and what the stub says: one row, two rows, one row


def test_processes_are_lanes_and_threads_are_requests_and_what_the_stub_says_of_them(
    events: list[dict[str, Any]],
) -> None:
    assert list(names(events, "process_name").values()) == list(LANES)
    assert list(names(events, "thread_name").values()) == [
        *("1 user, median", "1 user, median, the stub"),
        *("1 user, p99", "1 user, p99, the stub", "1 user, p99, the stub"),
        *("4 users, median", "4 users, median, the stub"),
    ]
    assert len({tid for _, tid in names(events, "thread_name")}) == 7
    assert {event["args"]["request"] for event in spans(events)} == {"0-1", "7-7"}


def test_the_phases_of_a_request_fill_it_without_a_gap(events: list[dict[str, Any]]) -> None:
    whole = [event for event in spans(events) if event["cat"] == "request"]

    assert sorted(event["dur"] for event in whole) == [250_000, 250_000, 300_000]
    for request in whole:
        inside = [
            event
            for event in spans(events)
            if (event["pid"], event["tid"]) == (request["pid"], request["tid"]) and event is not request
        ]
        assert inside[0]["ts"] == request["ts"]
        assert sum(event["dur"] for event in inside) == request["dur"]
