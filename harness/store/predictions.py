"""Predictions on disk: of a run beside its trials, or of points that are still to be measured, each with a hash."""

import hashlib
import json
from pathlib import Path

import numpy as np
from pydantic import JsonValue, ValidationError

from harness.errors import UsageError
from harness.facts.prediction import Predictions
from harness.facts.run import Run
from harness.model.calibrate import calibrate, usable
from harness.model.closed import Floats
from harness.model.predict import of_run
from harness.store.files import write_atomically
from harness.store.run_folder import ROWS, RunFolder

PREDICTIONS = "predictions.json"
NO_CALLS: Floats = np.zeros((0, 1))


def with_predictions(run: Run, path: Path) -> Run:
    """Return a run with what its calibration says of its other points, which is written into its folder, too."""
    predictions = of_run(run, delivered_calls_s(run, path))
    if predictions.points:
        write_predictions(path / PREDICTIONS, predictions)
    return run.model_copy(update={"predictions": predictions if predictions.points else None})


def write_predictions(path: Path, predictions: Predictions) -> str:
    """Write predictions with the hash of what they say; return the hash."""
    said = predictions.model_dump(mode="json")
    found = _hash(said)
    write_atomically(path, json.dumps({"sha256": found, "predictions": said}, indent=1) + "\n")
    return found


def read_predictions(path: Path) -> tuple[Predictions, str]:
    """Return predictions and their hash; UsageError where the file is none, damaged, or was changed since."""
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        predictions, told = Predictions.model_validate(held["predictions"]), str(held["sha256"])
    except OSError as error:
        raise UsageError(f"no predictions in {path}: {error.strerror}", hint="make predict writes them") from None
    except (ValidationError, ValueError, LookupError, TypeError) as error:
        raise UsageError(
            f"{path} holds no predictions: {type(error).__name__}", hint="make predict writes them"
        ) from None
    if _hash(held["predictions"]) != told:
        raise UsageError(f"{path} was changed after it was written: its hash is another", hint="make predict writes it")
    return predictions, told


def delivered_calls_s(run: Run, path: Path) -> Floats:
    """Return the delays of the upstream's calls, a row a request, in a trial that calibrates a lane.

    No rows where requests differ in their calls. Of calls that are made together the longest counts.
    """
    scenario = run.info.config.scenarios.get(run.info.scenario)
    phases = scenario.routes[0].upstream if scenario and len(scenario.routes) == 1 else None
    if not phases or not (path / ROWS).exists():
        return NO_CALLS
    for lane, one in calibrate(run).items():
        if run.info.config.lanes[lane].path is not None:
            continue
        trial = next(trial for trial in usable(run, lane) if trial.point == one.points[0])
        (rows,) = RunFolder(path).read_rows([trial])
        calls = rows.injected_us.astype(float) / 1e6
        if calls.size and calls.size % sum(map(len, phases)) == 0:
            edges = np.cumsum([0, *map(len, phases)])[:-1]
            return np.asarray(np.maximum.reduceat(calls.reshape(-1, sum(map(len, phases))), edges, axis=1))
    return NO_CALLS


def _hash(said: JsonValue) -> str:
    """Return the hash of what a file says, not of how a later version would say it."""
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
