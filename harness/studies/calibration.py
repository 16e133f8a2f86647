"""The calibration that a run relies on: measured once for a machine and its versions, and kept beside the runs."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from harness.measure.clock import utc_now
from harness.store.files import write_atomically
from harness.studies.instrument import calibrate, recorder_share
from harness.studies.laboratory import laboratory

FILE = "calibration.json"
Calibration = dict[str, float | str | None]


def calibration(folder: Path, circumstances: Mapping[str, str], say: Callable[[str], None]) -> Calibration:
    """Return the calibration of these circumstances (machine, versions): the kept one, or a new one, which is kept."""
    kept = _read(folder / FILE)
    if kept is not None and kept["circumstances"] == circumstances:
        figures: Calibration = kept["figures"]
        return figures
    say("calibrating the instrument on this machine (once, about 20 s)")
    return renewed(folder, circumstances)


def renewed(folder: Path, circumstances: Mapping[str, str], *, with_recorder: bool = False) -> Calibration:
    """Measure the instrument now, and keep what it can do; what the recorder costs takes half a minute more."""
    with laboratory() as bench:
        figures: Calibration = {"measured_utc": utc_now(), **calibrate(bench)}
        if with_recorder:
            figures["recorder_share_of_bare_generator"] = recorder_share(bench, rounds=3, seconds=2.0)
    kept = {"circumstances": dict(circumstances), "figures": figures}
    write_atomically(folder / FILE, json.dumps(kept, indent=1) + "\n")
    return figures


def _read(path: Path) -> dict[str, Calibration] | None:
    """Return what was kept; None where nothing was, or nothing that can be read: then it is measured anew."""
    try:
        kept = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return kept if isinstance(kept, dict) and kept.keys() == {"circumstances", "figures"} else None
