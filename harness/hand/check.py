"""What other machines lack for a run, what they have, and how far away they are."""

from collections.abc import Sequence

from harness.errors import HarnessError
from harness.facts.host import Host
from harness.hand.reach import FarHand
from harness.measure.probes import Cores
from harness.measure.site import Site, scratch_folder

Row = dict[str, str]
READY = "ready"
COLUMNS = ("host", "state", "address", "cores", "memory", "open files", "clock")


def check(hosts: Sequence[Host]) -> tuple[list[Row], bool]:
    """Return a row for each machine, and whether all of them are ready."""
    with scratch_folder() as scratch:
        rows = [dict.fromkeys(COLUMNS, "") | _row(host, Site(scratch, Cores())) for host in hosts]
    return rows, all(row["state"] == READY for row in rows)


def _row(host: Host, site: Site) -> Row:
    """Return what is known of one; the clock's seconds are those before ours, give or take half the way there and back.

    The wall clock matters to nobody: moments are compared on CLOCK_MONOTONIC, which counts from a machine's start.
    """
    try:
        with FarHand(host, (), site) as hand:
            lacks, about, clock = hand.lacks(), hand.about, hand.offset()
            return {
                "host": host.name,
                "state": f"has another {', '.join(lacks)}: make hosts-setup HOSTS={host}" if lacks else READY,
                "address": about["address"] or host.address or "not known: write it behind an =",
                "cores": str(about["cores"]),
                "memory": f"{about['memory_gib']:.1f} GiB free",
                "open files": f"{about['open_files']:,}",
                "clock": f"{clock.ahead_s:+,.4f} s, to {clock.uncertainty_s * 1000:.2f} ms",
            }
    except HarnessError as error:
        return {"host": host.name, "state": f"{error}; {error.hint}"}
