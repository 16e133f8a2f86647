"""tests/README.md names tests that are there."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
NAMED = re.findall(r"`(?:([\w/]+\.py)(?:::(\w+))?|(test_\w+))`", (TESTS / "README.md").read_text())


def named() -> list[tuple[str, str]]:
    """Return file and test of each name; a test without a file is of the file before it."""
    found: list[tuple[str, str]] = []
    for file, test, alone in NAMED:
        found.append((file or found[-1][0], test or alone))
    return found


@pytest.mark.parametrize(("file", "test"), named())
def test_what_keeps_a_situation_is_there(file: str, test: str) -> None:
    assert f"def {test}" in (TESTS / file).read_text()
