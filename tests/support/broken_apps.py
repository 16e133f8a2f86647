"""Both apps with one more route, whose handler raises what nobody expects."""

from flask_app.app import app as flask_app
from quart_app.app import app as quart_app


@flask_app.get("/broken")
def broken() -> str:
    raise ZeroDivisionError("secret")


@quart_app.get("/broken")
async def broken_async() -> str:
    raise ZeroDivisionError("secret")
