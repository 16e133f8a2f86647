"""The run that advice rests on: the newest, else the project's sample."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harness.errors import UsageError
from harness.facts.run import Run
from harness.model.advice import Known
from harness.model.calibrate import comparable
from harness.model.stacks import SYNCHRONOUS, stack_of
from harness.store.run_folder import RunFolder

LATEST, SAMPLE = "latest", "sample"


@dataclass(frozen=True)
class Source:
    """A run's folder, and what it knows."""

    folder: Path
    run: Run
    known: Known

    @property
    def usual_calls(self) -> int:
        """How many upstream calls follow one another behind a request of the run."""
        return next(iter(self.known.calibrated.values())).calls


def source(results: Path, chosen: Path | None, say: Callable[[str], None]) -> Source:
    """Return the chosen run's calibration, else that of results/latest, else that of results/sample.

    A newest run that calibrates no synchronous lane is passed over, which is said. UsageError where no run is left.
    """
    if chosen is not None:
        return _read(chosen)
    try:
        if (results / LATEST).exists():
            return _read(results / LATEST)
    except UsageError as error:
        say(f"{error}; the project's sample stands in for it")
    if (results / SAMPLE).exists():
        return _read(results / SAMPLE)
    raise UsageError(
        f"there is no calibration yet: no run in {results}", hint="make bench, or RUN= names a run's folder"
    )


def _read(path: Path) -> Source:
    folder = RunFolder(path)
    info, trials = folder.read_info(), folder.read_trials()
    run = Run(info=info, trials=tuple(trials), seconds={}, summaries=(), verdicts=())
    calibrated = comparable(run)
    if not any(stack_of(info.config.lanes[lane]) in SYNCHRONOUS for lane in calibrated):
        raise UsageError(
            f"{path} calibrates no synchronous lane: it has no valid closed load of one kind of request with CPU times",
            hint="make bench measures what advice needs",
        )
    preferred = tuple(dict.fromkeys(primary.lane for primary in info.config.primaries))
    return Source(path.resolve(), run, Known(calibrated, info.config.lanes, preferred))
