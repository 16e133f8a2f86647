"""A run read back from its folder, summarised and judged."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from hdrh.histogram import HdrHistogram
from pydantic import ValidationError

from harness.errors import UsageError
from harness.facts.config import Primary
from harness.facts.records import Run, users
from harness.judge.summary import spectra, summaries
from harness.judge.verdict import of_whole_blocks, resolutions, undecided, verdicts, withheld
from harness.store.hlog import seconds, window_histogram
from harness.store.run_folder import RunFolder


def read_run(path: Path) -> Run:
    """Return the whole run; UsageError where the folder is none, or damaged."""
    folder = RunFolder(path)
    info, trials = folder.read_info(), folder.read_trials()
    logs = {trial.trial: folder.read_log(trial) for trial in trials}
    good: Mapping[str, HdrHistogram] = {name: window_histogram(lines, "ok") for name, lines in logs.items()}
    primaries, controls = _pairs(path, info.primaries), _pairs(path, info.controls)
    judged = of_whole_blocks(trials, [*primaries, *controls], info.verdict_users)
    judged_controls = verdicts(controls, judged, info.verdict_users)
    found = withheld(verdicts(primaries, judged, info.verdict_users), judged_controls)
    return Run(
        info=info,
        trials=tuple(trials),
        seconds={name: seconds(lines) for name, lines in logs.items()},
        summaries=summaries(trials, info.skipped, good),
        verdicts=found if info.status == "complete" else undecided(found),
        controls=judged_controls,
        resolutions=resolutions(primaries, controls, judged, info.verdict_users),
        spectra=spectra(trials, users(info.verdict_users), good),
    )


def _pairs(path: Path, declared: Sequence[object]) -> list[Primary]:
    try:
        return [Primary.model_validate(pair) for pair in declared]
    except ValidationError as error:
        problem = error.errors()[0]["msg"]
        raise UsageError(
            f"{path}/run.json is damaged: primaries: {problem}", hint="give it as it was written"
        ) from None
