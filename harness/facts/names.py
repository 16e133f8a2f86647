"""Names that are looked up, and what is said of one that is not known."""

import difflib
from collections.abc import Collection, Mapping
from typing import TypeVar

from harness.errors import UsageError

T = TypeVar("T")


def pick(known: Mapping[str, T], name: str, kind: str) -> T:
    """Return known[name]; UsageError suggests the nearest name."""
    if name in known:
        return known[name]
    raise UsageError(f"there is no {kind} {name!r}", hint=nearest(name, known))


def nearest(name: str, known: Collection[str]) -> str:
    """Return the hint for a name that is not known: the nearest one, else all of them."""
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]!r}?" if close else "known: " + ", ".join(sorted(known))
