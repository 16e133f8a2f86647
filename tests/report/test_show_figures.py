import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.document.numbers import ABSENT, count, duration, figure, percent


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.59412, "0.594"),
        (1.0, "1.00"),
        (9.996, "10.0"),
        (99.96, "100"),
        (1334.4, "1,330"),
        (999.6, "1,000"),
        (1234567, "1,230,000"),
        (-0.0125, "-0.0125"),
        (None, ABSENT),
    ],
)
def test_a_figure_has_three_significant_digits_and_thousands_separators(value: float | None, text: str) -> None:
    assert figure(value) == text


@given(st.floats(min_value=1e-6, max_value=1e9))
def test_a_figure_is_within_half_a_percent_and_never_has_an_exponent(value: float) -> None:
    text = figure(value)

    assert re.fullmatch(r"[0-9,]+(\.[0-9]+)?", text)
    assert float(text.replace(",", "")) == pytest.approx(value, rel=0.005)


def test_what_does_not_exist_is_never_zero() -> None:
    assert {figure(None), percent(None), count(None)} == {ABSENT}


def test_counts_are_exact() -> None:
    assert [count(1234567), count(302.0), count(302.5)] == ["1,234,567", "302", "302.5"]


def test_a_share_is_shown_in_percent() -> None:
    assert [percent(0.9537), percent(1.0)] == ["95.4", "100"]


def test_a_duration_is_read_in_minutes() -> None:
    assert [duration(41.7), duration(451)] == ["42 s", "7 min 31 s"]
