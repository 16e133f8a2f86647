"""Predictions before a measurement, and their score after it."""

from pathlib import Path

from harness.bench.options import Options, chosen
from harness.errors import UsageError
from harness.facts.config import Config, Profile
from harness.facts.point import Point, users
from harness.facts.prediction import Predictions, Residual
from harness.measure.clock import utc_now
from harness.model.predict import Planned, of_plan
from harness.model.residuals import residuals
from harness.store.predictions import delivered_calls_s, read_predictions, write_predictions
from harness.store.read_run import read_run
from harness.store.run_folder import RunFolder


def foretell(run: Path, options: Options, file: Path) -> tuple[Predictions, str]:
    """Write what a run's calibration says of the points that these options will measure; return it with its hash.

    UsageError where the scenario or the delay is another than the run's, or nothing can be predicted.
    """
    known, config = read_run(run), chosen(options)
    scenario, delay = next(iter(config.scenarios)), config.upstream.delay
    if (scenario, delay) != (known.info.scenario, known.info.delay):
        raise UsageError(
            f"{run} knows {known.info.scenario} with {known.info.delay}, not {scenario} with {delay}",
            hint="predict what a run of the same scenario and delay will measure",
        )
    found = of_plan(known, delivered_calls_s(known, run), planned(config, config.profiles[options.profile]))
    if not found.points:
        raise UsageError(f"{run} calibrates nothing of profile {options.profile}", hint="choose lanes that it measured")
    found = found.model_copy(update={"written_utc": utc_now()})
    return found, write_predictions(file, found)


def planned(config: Config, profile: Profile) -> dict[str, list[Planned]]:
    """Return the points of a profile by lane: closed load, and the rates that are given as such."""
    most = max(profile.points)
    closed = [
        Planned(users(point), profile.verdict_blocks if point == most else profile.blocks, profile.window_s)
        for point in profile.points
    ]
    opened = [Planned(Point("open", rate), profile.blocks, profile.window_of_open_load_s) for rate in profile.rates]
    return {lane: [*closed, *opened] for lane in profile.lanes if lane not in config.only_controls}


def score_of(run: Path, file: Path) -> tuple[tuple[Residual, ...], str]:
    """Return the predictions of a file beside what a run measured, and the file's hash.

    UsageError where the file was changed, was written after the run began, or is about something else.
    """
    predictions, told = read_predictions(file)
    info = RunFolder(run).read_info()
    if (predictions.scenario, predictions.delay) != (info.scenario, info.delay):
        raise UsageError(
            f"{file} is about {predictions.scenario} with {predictions.delay}, {run} about {info.scenario} with "
            f"{info.delay}",
            hint="score the run that was predicted",
        )
    if not predictions.written_utc or predictions.written_utc >= info.started_utc:
        raise UsageError(
            f"{file} was written at {predictions.written_utc or 'an unknown time'}, and {run} began at "
            f"{info.started_utc}",
            hint="make predict comes first, then make bench, then make score",
        )
    found = residuals(predictions, read_run(run))
    if not found:
        raise UsageError(f"{run} measured nothing that {file} predicts", hint="measure the same lanes and points")
    return found, told
