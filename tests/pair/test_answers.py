"""In what answers differ, and what is no difference."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.pair.answers import Answer, differences, unlike

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


def answer(body: str, status: int = 200, **headers: str) -> Answer:
    return Answer(route="/x", status=status, headers=headers, body=body)


@given(values)
def test_a_value_is_like_itself(value: Any) -> None:
    assert unlike(value, value) == {}


@given(values, values)
def test_what_differs_one_way_differs_the_other_way_round(left: Any, right: Any) -> None:
    assert {place: pair[::-1] for place, pair in unlike(left, right).items()} == dict(unlike(right, left).items())


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        ('{"a": {"b": [1, 2]}}', '{"a": {"b": [1, 3]}}', ["body at /a/b/1: 2 / 3"]),
        ('{"a": 1, "b": 2}', '{"b": 2, "a": 1}', []),
        ('{"a": 1}', '{"a": true}', ["body at /a: 1 / true"]),
        ('{"a": 1}', "{}", ["body at /a: 1 / nothing"]),
        ("hello", "hallo", ["body: hello / hallo"]),
    ],
)
def test_bodies_are_compared_as_json_where_they_are_json(ours: str, theirs: str, said: list[str]) -> None:
    assert list(differences([answer(ours)], [answer(theirs)])) == said


def test_another_status_says_all() -> None:
    assert list(differences([answer("a")], [answer("b", 404)])) == ["status 200 / 404"]


def test_headers_that_matter_are_compared_whatever_their_case() -> None:
    ours, theirs = answer("a", Location="/x", Date="now"), answer("a", location="/y", date="then")

    assert list(differences([ours], [theirs])) == ["location /x / /y"]


def test_what_changes_from_answer_to_answer_of_one_lane_is_no_difference() -> None:
    ours = [answer('{"at": 1, "a": 1}'), answer('{"at": 2, "a": 1}')]
    theirs = [answer('{"at": 5, "a": 2}'), answer('{"at": 6, "a": 2}')]

    assert list(differences(ours, theirs)) == ["body at /a: 1 / 2"]
