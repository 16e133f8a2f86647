"""Secrets: read from the environment by name, put in where they are sent, and in nothing that is kept."""

from typing import Any

import pytest
from bounds import config_of
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.measure.secrets import Secrets, secrets_of

SECRETS = Secrets({"TOKEN": "abc", "LONG": "abcdef", "EMPTY": ""})
CONFIG: dict[str, Any] = {
    "scenarios": {
        "s": {"routes": [{"path": "/", "headers": {"A": "Bearer ${TOKEN}"}, "body": {"deep": ["${LONG}", 7]}}]}
    },
    "lanes": {"l": {"command": "serve {port}", "env": {"KEY": "${LANE_KEY}"}}},
}


def test_names_are_replaced_in_texts_tables_and_lists_and_nothing_else_is() -> None:
    sent = SECRETS.fill({"a": "x ${TOKEN}${LONG}", "b": ["${EMPTY}", 5, None], "$c": "$TOKEN {TOKEN}"})

    assert sent == {"a": "x abcabcdef", "b": ["", 5, None], "$c": "$TOKEN {TOKEN}"}


def test_a_longer_secret_is_masked_before_one_that_is_a_part_of_it() -> None:
    assert SECRETS.mask("abcdef and abc, ab") == "*** and ***, ab"


@given(st.text(), st.text(min_size=1))
def test_a_masked_text_never_holds_the_secret(around: str, value: str) -> None:
    masked = Secrets({"A": value}).mask(around + value + around)

    assert value not in masked or value in "***"


def test_every_place_that_may_name_a_secret_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TOKEN", "LONG", "LANE_KEY"):
        monkeypatch.setenv(name, name.lower())

    assert secrets_of(config_of(**CONFIG)).values == {"TOKEN": "token", "LONG": "long", "LANE_KEY": "lane_key"}


def test_a_missing_variable_is_an_error_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "t")
    monkeypatch.delenv("LONG", raising=False)

    with pytest.raises(UsageError, match="no LONG") as raised:
        secrets_of(config_of(**CONFIG))

    assert raised.value.hint == "set it first: export LONG=..."


def test_a_secret_is_not_shown_by_its_holder() -> None:
    assert "abc" not in repr(SECRETS)
