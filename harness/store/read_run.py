"""A run read back from its folder, summarised and judged."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from hdrh.histogram import HdrHistogram

from harness.capacity.answer import held_rates
from harness.capacity.probe import exceeded
from harness.facts.capacity import LaneCapacity
from harness.facts.config import judged_places
from harness.facts.faults import UnderFault
from harness.facts.names import pick
from harness.facts.prediction import Predictions
from harness.facts.route import RouteCounts
from harness.facts.run import Run, RunInfo
from harness.facts.trial import Trial
from harness.judge.by_route import of_routes
from harness.judge.damage import under_fault
from harness.judge.ladder import ladders
from harness.judge.summary import spectra, summaries
from harness.judge.verdict import fooled_by, most_failed, of_whole_blocks, resolutions, verdicts
from harness.store.hlog import seconds, window_histogram
from harness.store.packed import unpack
from harness.store.predictions import PREDICTIONS, read_predictions
from harness.store.run_folder import COUNTS, RunFolder


def read_run(path: Path) -> Run:
    """Return the whole run; UsageError where the folder is none, or damaged."""
    folder = RunFolder(path)
    info, trials = folder.read_info(), folder.read_trials()
    histograms = folder.read_logs(trials)
    good: Mapping[str, HdrHistogram] = {name: window_histogram(lines, "ok") for name, lines in histograms.items()}
    primaries, controls = info.primaries, info.controls
    judged = of_whole_blocks(trials, judged_places((*primaries, *controls)))
    most = most_failed(info.config.validity)
    judged_controls = verdicts(controls, judged, most_failed=most)
    is_complete = info.status == "complete"
    return Run(
        info=info,
        trials=tuple(trials),
        seconds={name: seconds(lines) for name, lines in histograms.items()},
        summaries=summaries(trials, info.skipped, good),
        verdicts=verdicts(
            primaries,
            judged,
            most_failed=most,
            planned=info.judged_blocks,
            fooled=fooled_by(judged_controls),
            complete=is_complete,
        ),
        controls=judged_controls,
        resolutions=resolutions(primaries, controls, judged, info.judged_blocks or 0),
        ladders=ladders(info.config.steps, trials),
        held_rates=probed(folder, info, trials),
        routes=of_routes(trials, _route_counts(folder, info), primaries),
        predictions=_predictions(path),
        under_faults=tuple(_under_faults(folder, info, trials)),
        logs=folder.last_words(trials),
        spectra=spectra(trials, info.verdict_point, good) if info.verdict_point else {},
    )


def _predictions(path: Path) -> Predictions | None:
    """Return what was predicted of the run's points; None where nothing was."""
    return read_predictions(path / PREDICTIONS)[0] if (path / PREDICTIONS).exists() else None


def probed(folder: RunFolder, info: RunInfo, trials: Sequence[Trial]) -> tuple[LaneCapacity, ...]:
    """Return what each lane holds by these trials, of a run that searches for it; nothing of another run."""
    if (slo := info.slo) is None:
        return ()
    opened = [trial for trial in trials if trial.load == "open"]
    rows = zip(opened, folder.read_rows(opened), strict=True) if opened else ()
    seen = {trial.trial: exceeded(unpack(packed, client_only=True), slo) for trial, packed in rows}
    return held_rates(trials, seen, slo, info.named)


def _route_counts(folder: RunFolder, info: RunInfo) -> dict[str, tuple[RouteCounts, ...]]:
    """Return what each route did, by trial; nothing where a scenario has one route alone."""
    scenario = info.config.scenarios.get(info.scenario)
    if scenario is None or len(scenario.routes) == 1:
        return {}
    if not (folder.path / COUNTS).exists():
        return {}
    return {name: counts.routes for name, counts in folder.read_counts().items()}


def _under_faults(folder: RunFolder, info: RunInfo, trials: Sequence[Trial]) -> Iterator[UnderFault]:
    """Yield what became of each trial with a fault."""
    with_fault = [trial for trial in trials if trial.fault]
    for trial, rows in zip(with_fault, folder.read_rows(with_fault) if with_fault else (), strict=True):
        config = info.config
        routes = pick(config.lanes, trial.lane, "lane in run.json").routes(config.scenarios[info.scenario])
        fault = pick(config.faults, trial.fault, "fault in run.json")
        yield under_fault(trial, unpack(rows), routes, fault, config.orchestrator)
