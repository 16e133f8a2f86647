"""Makes foreign text harmless before it is shown anywhere."""

from typing import Any

from pydantic import BaseModel

from harness.facts.run import Run


def printable(run: Run) -> Run:
    """Return the run with every text on one line, without control characters (a terminal would obey them).

    What a server said keeps its lines and their indentation.
    """
    # the settings are not checked again: made harmless, a command need not be one that bench.toml may say
    harmless = _plain({**run.model_dump(exclude={"info", "logs"}), "info": run.info})
    logs = {_plain(trial): "\n".join(map(_visible, said.splitlines())) for trial, said in run.logs.items()}
    return Run.model_validate({**harmless, "logs": logs})


def _visible(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _plain(value: Any) -> Any:
    match value:
        case str():
            return " ".join(_visible(value).split())
        case BaseModel():
            return value.model_copy(update={name: _plain(item) for name, item in value})
        case dict():
            return {_plain(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return type(value)(_plain(item) for item in value)
        case _:
            return value
