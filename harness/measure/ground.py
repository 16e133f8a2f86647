"""Where the server of a lane is started: on this machine, or on another one."""

from dataclasses import dataclass
from typing import Protocol

from harness.errors import UsageError
from harness.facts.config import LOOPBACK, Lane
from harness.measure.secrets import Secrets
from harness.measure.server import Server, check_command, check_outsider, start_server
from harness.measure.site import Site, free_port


class Ground(Protocol):
    """A machine that servers run on; they listen at its address `host`."""

    @property
    def host(self) -> str:
        """The address."""

    def free_port(self) -> int:
        """Return a port of the address that nobody listens on now."""

    def check(self, name: str, lane: Lane) -> None:
        """Raise UsageError where a lane cannot be started there."""

    def start(self, name: str, lane: Lane, *, port: int, upstream: str, secrets: Secrets | None = None) -> Server:
        """Start a lane's server, and wait until it answers; MeasurementError if it does not."""


def require_host(name: str, lane: Lane) -> None:
    """Raise UsageError unless a lane can be told at which address it is to listen."""
    if lane.url is not None:
        raise UsageError(
            f"lane {name} runs already, at {lane.url}",
            hint="leave out SERVER= and WORKERS=, which need servers of ours",
        )
    if not lane.says_host:
        raise UsageError(
            f"lane {name} does not say at which address it is to listen",
            hint=f"write {{host}} where the command of [lanes.{name}] names the address",
        )


@dataclass(frozen=True)
class Here:
    """This machine."""

    site: Site
    host: str = LOOPBACK

    def free_port(self) -> int:
        """Return a port of the address that nobody listens on now."""
        return free_port(self.host)

    def check(self, name: str, lane: Lane) -> None:
        """Raise UsageError where a lane's command does not exist, or its server does not run."""
        if self.host != LOOPBACK:
            require_host(name, lane)
        check_command(name, lane, self.site)
        check_outsider(name, lane, self.site)

    def start(self, name: str, lane: Lane, *, port: int, upstream: str, secrets: Secrets | None = None) -> Server:
        """Start a lane's server, and wait until it answers; MeasurementError if it does not."""
        return start_server(name, lane, self.site, port=port, upstream=upstream, secrets=secrets, host=self.host)
