"""The table that turns flask_app/app.py into quart_app/app.py: the twins' contract, and the guide for a migration."""

import sys
from typing import NamedTuple


class Row(NamedTuple):
    """One substitution: every `flask` becomes `quart`, and `why` tells a reader who migrates."""

    flask: str
    quart: str
    why: str


TABLE = (
    Row(
        "from flask import Flask",
        "from quart import Quart",
        "Quart has Flask's names: `request`, `g`, `Response`, routing, hooks and error handlers stay as they are.",
    ),
    Row(
        "app = Flask(__name__, static_folder=None)",
        "app = Quart(__name__, static_folder=None)\napp.while_serving(services.upstream_session)",
        "An async client belongs to one event loop: the server opens it when it starts and closes it when it stops.",
    ),
    Row(
        "\ndef ",
        "\nasync def ",
        "Every handler and hook. A plain `def` would run in a small thread pool; `async def` runs in the event loop, "
        "so nothing in it may block.",
    ),
    Row("= services.", "= await services.", "Every call that waits is awaited, and other requests run meanwhile."),
    Row("return services.", "return await services.", "The same; without `await` it returns a coroutine, no answer."),
    Row('"flask"', '"quart"', "The name that each answer carries."),
)


def quart_from(flask_source: str) -> str:
    """Return the Quart twin of a Flask source; ValueError for a row of the table that changes nothing."""
    source = flask_source
    for row in TABLE:
        if row.flask not in source:
            raise ValueError(f"row {row.flask!r} of the table is not used")
        source = source.replace(row.flask, row.quart)
    return source


def migration_table() -> str:
    """Return the table as Markdown, for the README."""
    lines = ["| Flask | Quart | why |", "| --- | --- | --- |"]
    lines += [f"| {_code(row.flask)} | {_code(row.quart)} | {row.why} |" for row in TABLE]
    return "\n".join(lines) + "\n"


def _code(source: str) -> str:
    return "<br>".join(f"`{line.strip()}`" for line in source.strip().splitlines())


if __name__ == "__main__":
    sys.stdout.write(migration_table())
