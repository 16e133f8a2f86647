"""What a plan's routes and data become on the wire, and which answers are right."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.scenarios import Requests, Route, Target, fault_in
from loadtests.trial_plan import Thinking

ROWS = [{"id": str(number), "name": f"n {number}/x"} for number in range(7)]
anything = st.text(max_size=20)


def test_a_route_without_columns_is_sent_as_it_is() -> None:
    target, headers, body = Route("/a?b=1", "a").request({})

    assert (target, headers, body) == ("/a?b=1", {}, None)


def test_columns_fill_path_query_headers_and_body_each_in_its_own_spelling() -> None:
    route = Route(
        path="/users/{name}",
        query={"q": "{name}", "page": "2"},
        headers={"X-Name": "{name}"},
        body={"who": "{name}", "tags": ["{id}", 3], "not a column": "{nobody}"},
        method="POST",
    )

    target, headers, body = route.request({"name": 'Zoë "Z" & co/1', "id": "7"})

    assert target == "/users/Zo%C3%AB%20%22Z%22%20%26%20co%2F1?q=Zo%C3%AB+%22Z%22+%26+co%2F1&page=2"
    assert headers == {"X-Name": 'Zoë "Z" & co/1', "Content-Type": "application/json"}
    assert json.loads(body or "") == {"who": 'Zoë "Z" & co/1', "tags": ["7", 3], "not a column": "{nobody}"}


def test_a_text_is_sent_as_text_with_the_type_that_its_route_names() -> None:
    route = Route(path="/", body="<id>{id}</id>", headers={"content-type": "text/xml"}, method="PUT")

    assert route.request({"id": "5"}) == ("/", {"content-type": "text/xml"}, "<id>5</id>")


@given(anything)
def test_any_value_survives_json(value: str) -> None:
    body = Route(path="/", body={"value": "{value}"}, method="POST").request({"value": value}).body

    assert json.loads(body or "") == {"value": value}


def test_each_row_is_taken_once_in_a_round_and_the_seed_chooses_the_order() -> None:
    def rows(seed: str) -> list[str]:
        sent = Requests([Route("/{id}", "r")], ROWS, seed)
        return [sent.at(0, number)[1].target for number in range(14)]

    first = rows("1 1")
    assert sorted(first[:7]) == sorted(first[7:]) == [f"/{number}" for number in range(7)]
    assert rows("1 1") == first
    assert rows("1 2") != first


@given(st.lists(st.integers(1, 5), min_size=1, max_size=5))
def test_each_route_stands_as_often_as_its_weight_in_a_cycle(weights: list[int]) -> None:
    routes = [Route(f"/{place}", str(place), weight=weight) for place, weight in enumerate(weights)]
    sent = Requests(routes)

    asked = [sent.at(turn, 0)[0].name for turn in range(sum(weights))]

    assert [asked.count(route.name) for route in routes] == weights


@pytest.mark.parametrize(
    ("expect", "body", "fault"),
    [
        ({"/a/0/b": 1}, '{"a": [{"b": 1}]}', ""),
        ({"/a/0/b": 1}, '{"a": [{"b": 2}]}', "wrong answer: /a/0/b is not 1"),
        ({"/a/1": 1}, '{"a": [1]}', "wrong answer: there is no /a/1"),
        ({"/a~1b/c~0d": None}, '{"a/b": {"c~d": null}}', ""),
        ({"": [1]}, "[1]", ""),
        ({"/a": 1}, "no json", "wrong answer: it is not JSON"),
        ({"/a": 1}, "17", "wrong answer: there is no /a"),
        ("text", "some text here", ""),
        ("text", "nothing", "wrong answer: no 'text' in it"),
    ],
)
def test_a_right_answer_has_the_text_or_the_values_that_are_expected(
    expect: str | dict[str, object], body: str, fault: str
) -> None:
    assert fault_in(200, {}, body.encode(), Route("/", "r", expect=expect), Target("")) == fault


@pytest.mark.parametrize(("status", "fault"), [(201, ""), (204, ""), (200, "status 200"), (500, "status 500")])
def test_a_right_answer_has_one_of_the_statuses_that_are_expected(status: int, fault: str) -> None:
    assert fault_in(status, {}, b"", Route("/", "r", status=(201, 204)), Target("")) == fault


def test_exponential_thinking_has_its_mean_and_belongs_to_its_user() -> None:
    def times(user: int, seed: str = "1") -> list[float]:
        thinking = Thinking(0.5, "exponential", seed).seconds(user)
        return [next(thinking) for _ in range(4000)]

    assert sum(times(1)) / 4000 == pytest.approx(0.5, rel=0.05)
    assert times(1) == times(1)
    assert times(1) != times(2)
    assert times(1) != times(1, "2")


def test_constant_thinking_always_takes_as_long() -> None:
    thinking = Thinking(0.25).seconds(3)

    assert [next(thinking) for _ in range(3)] == [0.25] * 3
