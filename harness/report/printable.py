"""Makes foreign text harmless before it is shown anywhere."""

from typing import Any

from harness.facts.records import Run


def printable(run: Run) -> Run:
    """Return the run with every text on one line, without control characters (a terminal would obey them)."""
    return Run.model_validate(_plain(run.model_dump()))


def _plain(value: Any) -> Any:
    match value:
        case str():
            return " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())
        case dict():
            return {_plain(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            return value
