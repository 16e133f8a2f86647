"""`python -m upstream`: start the stub."""

import argparse
import gc
import os
import secrets
import sys
from pathlib import Path

import uvloop

from upstream.delays import parse_model
from upstream.endpoints import Service, read_endpoints
from upstream.server import allow_connections, serve
from upstream.stub import Stub
from upstream.usage import Parser, between, refuse

TOKEN = "UPSTREAM_TOKEN"  # noqa: S105 - the name of a variable
LOOPBACK = ("127.0.0.1", "::1", "localhost")
_DELAYS = "fixed:SECONDS, course or lognormal:MEDIAN_S:SIGMA"


def main() -> None:
    """Serve until told to end; wrong usage, a taken port or too few open files end with exit code 2."""
    _open_missing()
    order = _parse()
    try:
        model = parse_model(order.delay)
    except ValueError as error:
        refuse(f"bad --delay: {error}", f"--delay takes {_DELAYS}, as in --delay fixed:0.1")
    try:
        service = Service(read_endpoints(order.endpoints) if order.endpoints else None)
    except (OSError, ValueError) as error:
        refuse(f"bad --endpoints: {error}", 'it names a JSON file, as in {"pay": {"path": "/pay/{id}"}}')
    try:
        allow_connections(order.hold)
    except OSError as error:
        refuse(str(error), "raise the hard limit (ulimit -Hn) or give a smaller --hold")
    gc.disable()  # calls leave it nothing to collect, and with 2,000 in flight it stops the loop for 20 to 60 ms
    try:
        uvloop.run(serve(Stub(order.seed, model, service), order.host, order.port, _token(order.host)))
    except OSError as error:
        refuse(f"cannot listen on {order.host}:{order.port}: {error}", "--port 0 takes any free port")


def _open_missing() -> None:
    """Open the standard streams that are closed on /dev/null, so that all can be written to."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115 - open as long as the process lives


def _token(host: str) -> str | None:
    """Return what who controls the stub has to say: the environment's word; None, nothing, on loopback without one.

    Elsewhere strangers could change what is measured: without a word of the environment nobody knows the token.
    """
    given = os.environ.get(TOKEN)
    return given or (None if host in LOOPBACK else secrets.token_hex())


def _parse() -> argparse.Namespace:
    parser = Parser(prog="python -m upstream", description="The slow upstream: waits by a seeded law, then answers.")
    parser.add_argument(
        "--host", default="127.0.0.1", help=f"elsewhere than on loopback, control takes the token in ${TOKEN}"
    )
    parser.add_argument("--port", type=between(0, 65535), default=0, help="0, the default, takes any free port")
    parser.add_argument("--seed", type=int, default=1, help="chooses the delays (default 1)")
    parser.add_argument("--delay", default="fixed:0.1", metavar="SPEC", help=f"{_DELAYS} (default fixed:0.1)")
    parser.add_argument("--endpoints", type=Path, metavar="FILE", help="JSON: what else is served, by name")
    parser.add_argument(
        "--hold", type=between(1, 1_000_000), default=1000, metavar="N", help="connections to be ready for (1000)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
