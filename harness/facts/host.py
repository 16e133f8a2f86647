"""Which machine does what in a run, as the command line and run.json say it."""

import re
from collections.abc import Iterable
from typing import Literal, Self

from harness.errors import UsageError
from harness.facts.record import Record

WRITTEN = re.compile(r"(?P<by>ssh|nsenter):(?P<target>[\w.@-]+)(?::(?P<folder>[^=,\s]+))?(?:=(?P<address>[\w.]+))?")
LOCAL = re.compile(r"local(?:=(?P<address>[\w.]+))?")
EXAMPLE = "local, ssh:me@host, ssh:me@host:/its/folder, and =ADDRESS behind it where the run's network is another"


class Host(Record):
    """A machine and how it is reached: this one, by the system's ssh, or by nsenter (a process's namespaces: tests).

    `target` is ssh's destination or a pid; `folder` is where the project lies there (None: where hosts-setup puts it);
    `address` is the one at which it is loaded (None: the one at which it is reached).
    """

    by: Literal["local", "ssh", "nsenter"] = "local"
    target: str = ""
    folder: str | None = None
    address: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the host that a text names; UsageError where it names none."""
        if found := LOCAL.fullmatch(text):
            return cls(address=found["address"])
        found = WRITTEN.fullmatch(text)
        if found is None or found["target"].startswith("-"):  # ssh would take it for an option
            raise UsageError(f"{text!r} is no host", hint=f"write {EXAMPLE}")
        return cls.model_validate(found.groupdict())

    @property
    def is_local(self) -> bool:
        """Whether it is the machine that the run is planned on."""
        return self.by == "local"

    @property
    def name(self) -> str:
        """What it is called: the target without its user; this machine is `local`."""
        return "local" if self.is_local else self.target.rpartition("@")[2]

    def __str__(self) -> str:
        """Return it as it is written."""
        if self.is_local:
            return "local" + (f"={self.address}" if self.address else "")
        folder, address = f":{self.folder}" if self.folder else "", f"={self.address}" if self.address else ""
        return f"{self.by}:{self.target}{folder}{address}"


HERE = Host()


class Hosts(Record):
    """Where a run's parts are: the server, the upstream's stub, and who sends the load; the harness is always here."""

    server: Host = HERE
    upstream: Host = HERE
    workers: tuple[Host, ...] = ()  # none: the load is sent from here

    @classmethod
    def of(cls, server: str | None, upstream: str | None, workers: Iterable[str]) -> Self:
        """Return the hosts that these texts name; what is not said is done here. UsageError where one names none."""
        senders = tuple(map(Host.parse, workers))
        if other := [host for host in senders if host.by != "ssh"]:
            raise UsageError(
                f"{other[0]} cannot send: Locust's workers come back to their master through ssh",
                hint="name machines as ssh:me@host; without any the load is sent from here (PROCESSES=)",
            )
        return cls(server=Host.parse(server or "local"), upstream=Host.parse(upstream or "local"), workers=senders)

    @property
    def are_local(self) -> bool:
        """Whether everything is on this machine."""
        return self.server.is_local and self.upstream.is_local and not self.workers

    @property
    def far(self) -> tuple[Host, ...]:
        """The other machines, each once."""
        return tuple(dict.fromkeys(host for host in (self.server, self.upstream, *self.workers) if not host.is_local))

    def parts_of(self, host: Host) -> tuple[str, ...]:
        """Return what a machine does."""
        parts = [("server", self.server), ("upstream", self.upstream), *(("load", one) for one in self.workers)]
        if not self.workers:
            parts.append(("load", HERE))
        return tuple(dict.fromkeys(part for part, where in parts if _same(where, host)))

    def shared(self) -> tuple[str, ...]:
        """Return a sentence for each machine: who shares it with whom."""
        found = [f"{host.name}: {' and '.join(self.parts_of(host))}" for host in self.far]
        return (*found, f"local: {', '.join((*self.parts_of(HERE), 'harness'))}")


def _same(one: Host, other: Host) -> bool:
    return (one.by, one.target) == (other.by, other.target)


ALL_HERE = Hosts()
