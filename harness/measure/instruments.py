"""What every measurement is made with: a place for processes, the stub, the probe of the server's core."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from harness.facts.config import Upstream
from harness.measure.generator import Senders
from harness.measure.ground import Ground, Here
from harness.measure.probes import split_cores
from harness.measure.site import Site, allow_many_files, scratch_folder
from harness.measure.speed import SpeedProbe, start_speed_probe
from harness.measure.stub import Stub, start_stub
from harness.measure.watch import Elsewhere


@dataclass(frozen=True)
class Instruments:
    """A site, a running stub, and a running probe where the server has a core of its own.

    `ground` is where servers are started; `elsewhere` are the other machines of the run.
    """

    site: Site
    stub: Stub
    probe: SpeedProbe | None
    ground: Ground
    elsewhere: tuple[Elsewhere, ...] = ()
    senders: Senders | None = None  # of the load, where it is not sent from here


@contextmanager
def instruments(upstream: Upstream, serve: int = 1) -> Iterator[Instruments]:
    """Make a scratch folder, keep `serve` cores for servers, start stub and probe; everything ends with the block."""
    allow_many_files()
    with scratch_folder() as scratch:
        site = Site(scratch, split_cores(serve))
        with start_stub(upstream, site) as stub, start_speed_probe(site) as probe:
            yield Instruments(site, stub, probe, Here(site))
