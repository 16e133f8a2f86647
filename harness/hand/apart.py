"""The instruments of a run whose parts are on several machines."""

import contextlib
import secrets
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

from harness.errors import UsageError
from harness.facts.config import LOOPBACK, Upstream
from harness.facts.host import Host, Hosts
from harness.hand.reach import FarGround, FarHand, far_stub
from harness.hand.senders import FarSenders
from harness.measure.ground import Ground, Here
from harness.measure.instruments import Instruments
from harness.measure.probes import Cores, split_cores
from harness.measure.site import Site, allow_many_files, scratch_folder
from harness.measure.speed import start_speed_probe
from harness.measure.stub import start_stub

LEAST_CORES = 2  # of a server's machine: one is the server's alone


@contextmanager
def instruments_apart(upstream: Upstream, serve: int, hosts: Hosts) -> Iterator[Instruments]:
    """Make a scratch folder, reach the other machines, start stub and probe where they belong; all ends with the block.

    UsageError where a machine cannot be reached or is not prepared.
    """
    allow_many_files()
    with scratch_folder() as scratch, ExitStack() as opened:
        site = Site(scratch, split_cores(serve) if hosts.server.is_local else Cores())
        hands = {
            host: opened.enter_context(FarHand(host, hosts.parts_of(host), site)).refuse_another() for host in hosts.far
        }
        ours, token = _our_address(hosts, hands), secrets.token_hex()
        ground = _ground(hosts, hands, site, serve, ours)
        probe = opened.enter_context(start_speed_probe(site))
        stub = opened.enter_context(
            start_stub(upstream, site, host=LOOPBACK if hosts.server.is_local else ours, token=token)
            if hosts.upstream.is_local
            else far_stub(hands[hosts.upstream], upstream, site, token)
        )
        senders = FarSenders([hands[host] for host in hosts.workers], site) if hosts.workers else None
        yield Instruments(site, stub, probe, ground, tuple(hands.values()), senders)


def _ground(hosts: Hosts, hands: dict[Host, FarHand], site: Site, serve: int, ours: str) -> Ground:
    """Return where servers are started; on another machine with cores of their own."""
    if hosts.server.is_local:
        return Here(site, ours if hosts.workers else LOOPBACK)
    hand = hands[hosts.server]
    if hand.about["cores"] < LEAST_CORES:
        raise UsageError(
            f"{hand.host.name} may use one core, and the server needs one of its own",
            hint="take a machine with two cores or more",
        )
    hand.about["machine"] = hand.ask("serve", cores=serve)
    return FarGround(hand, site)


def machines(hosts: Hosts, tools: Instruments) -> dict[str, str]:
    """Return what a run's description says of its machines: who shares one with whom, and what each is."""
    told = {"machines": "; ".join(hosts.shared()), "loads": "; ".join(addresses(hosts, tools))}
    for hand in tools.elsewhere:
        if isinstance(hand, FarHand):
            about = hand.about
            has = about.get("machine") or {"cores": str(about["cores"])}
            what = ", ".join(f"{name} {value}" for name, value in has.items())
            told[f"machine {hand.host.name}"] = f"{hand.address}; {what}"
    return told


def addresses(hosts: Hosts, tools: Instruments) -> list[str]:
    """Return a line for each address of another machine that a run loads, or that is open to others meanwhile."""
    lines = [] if hosts.server.is_local else [f"the server listens at {tools.ground.host} ({hosts.server})"]
    return [*lines, f"the upstream listens at {urlsplit(tools.stub.url).hostname} ({hosts.upstream})"]


def _our_address(hosts: Hosts, hands: dict[Host, FarHand]) -> str:
    """Return the address of this machine that the others reach: the named one, or that of the way to the first."""
    named = next((host.address for host in (hosts.server, hosts.upstream) if host.is_local and host.address), None)
    if named is not None:
        return named
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as way:
        way.connect((next(iter(hands.values())).address, 9))  # nothing is sent: the system only chooses the way
        address: str = way.getsockname()[0]
        return address
