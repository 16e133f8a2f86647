"""A lane whose server does not start costs its own trials, and no other lane's."""

import time
from collections.abc import Sequence
from pathlib import Path

from harness.bench.setting import Setting
from harness.errors import MeasurementError
from harness.facts.trial import Trial
from harness.judge.rows import nothing_but
from harness.measure.clock import utc_now
from harness.plan.blocks import PlannedTrial

NOT_STARTED = "did not start"
LOG_BYTES = 16_384  # of a server's log that are kept


class DidNotStart(Exception):  # noqa: N818 - no error of the run, but a fact of one lane
    """A lane's server did not start: why, what of its turn was not measured, and the end of its log."""

    def __init__(self, error: MeasurementError, trials: Sequence[PlannedTrial], log: str) -> None:
        said = " | ".join(line.strip() for line in str(error).splitlines())
        super().__init__(f"{NOT_STARTED}: {said}" + (f"; {error.hint}" if error.hint else ""))
        self.trials, self.log = trials, log


def give_up(trials: Sequence[PlannedTrial], failure: DidNotStart, setting: Setting) -> None:
    """Store trials whose lane did not start, as invalid; the log with the first of them."""
    for planned in trials:
        setting.progress.begins(planned)
        trial = setting.keeper.keep(planned, nothing_but(str(failure), planned), utc_now(), time.time())
        setting.progress.ended(trial, planned)
    if trials and failure.log:
        setting.folder.write_log(trials[0].name, failure.log)


def unstarted(trials: Sequence[Trial]) -> list[str]:
    """Return the lanes of which nothing was measured, since their server never started."""
    started = {trial.lane: False for trial in trials}
    for trial in trials:
        started[trial.lane] |= not trial.reasons.startswith(NOT_STARTED)
    return [lane for lane, ever in started.items() if not ever]


def end_of(log: Path) -> str:
    """Return the last part of a log; nothing where there is none."""
    return log.read_bytes()[-LOG_BYTES:].decode(errors="replace") if log.exists() else ""
