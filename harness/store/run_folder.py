"""A run's folder: written trial by trial, read back whole."""

import csv
from dataclasses import dataclass
from pathlib import Path

from hdrh.histogram import HdrHistogram
from pydantic import ValidationError

from harness.config import Primary
from harness.errors import UsageError
from harness.judge.evidence import Evidence
from harness.judge.summary import summaries
from harness.judge.verdict import verdicts
from harness.judge.window import intervals
from harness.records import Run, RunInfo, Trial
from harness.store.files import csv_text, write_atomically
from harness.store.hlog import Line, log_text, read_log, seconds, window_histogram
from harness.store.locust_csv import Reported, reports

COLUMNS = tuple(Trial.model_fields)


@dataclass(frozen=True)
class RunFolder:
    """The files of one run, in `path`."""

    path: Path

    def write_info(self, info: RunInfo) -> None:
        """Replace run.json."""
        write_atomically(self.path / "run.json", info.model_dump_json(indent=1) + "\n")

    def read_info(self) -> RunInfo:
        """Return run.json; UsageError where this is not a run's folder."""
        try:
            return RunInfo.model_validate_json((self.path / "run.json").read_text())
        except OSError as error:
            hint = "give the folder of a run, for example results/latest"
            raise UsageError(f"{self.path} is not a run: no run.json: {error.strerror}", hint=hint) from None
        except (ValidationError, UnicodeDecodeError) as error:
            raise UsageError(f"{self.path}/run.json is damaged: {_first(error)}", hint="measure again") from None

    def write_trial(self, trial: Trial, evidence: Evidence, opened_at: float) -> None:
        """Add a trial: its reports and its histograms first, then its row; `opened_at` is wall clock, in seconds."""
        reported = Reported(evidence.requests, evidence.window, trial.users, opened_at)
        for report, text in reports(reported).items():
            write_atomically(self.path / "locust" / f"{trial.trial}_{report}.csv", text)
        log = log_text(intervals(evidence.requests, evidence.window), opened_at)
        write_atomically(self._log(trial), log)
        self._write_trials([*self.read_trials(), trial])

    def read_trials(self) -> list[Trial]:
        """Return the finished trials in the order in which they ran; UsageError where trials.csv is damaged."""
        table = self.path / "trials.csv"
        if not table.exists():
            return []
        try:
            with table.open(newline="", encoding="utf-8") as file:
                reader = csv.DictReader(file, strict=True)
                if tuple(reader.fieldnames or ()) != COLUMNS:
                    raise csv.Error("its columns are not those of a trials.csv")
                return [Trial.model_validate(row) for row in reader]
        except (OSError, ValidationError, csv.Error, UnicodeDecodeError) as error:
            raise UsageError(
                f"{table} is damaged: {_first(error)}", hint="it is written by `make bench` only"
            ) from None

    def read(self) -> Run:
        """Return the whole run, summarised and judged."""
        info, trials = self.read_info(), self.read_trials()
        logs = {trial.trial: read_log(self._log(trial)) for trial in trials}
        primaries = [Primary.model_validate(primary) for primary in info.primaries]
        return Run(
            info=info,
            trials=tuple(trials),
            seconds={name: seconds(lines) for name, lines in logs.items()},
            summaries=summaries(trials, info.skipped, _good_answers(logs)),
            verdicts=verdicts(primaries, trials, info.verdict_users),
        )

    def _log(self, trial: Trial) -> Path:
        return self.path / "histograms" / f"{trial.trial}.hlog"

    def _write_trials(self, trials: list[Trial]) -> None:
        rows = [[getattr(trial, name) for name in COLUMNS] for trial in trials]
        write_atomically(self.path / "trials.csv", csv_text(COLUMNS, rows))


def _good_answers(logs: dict[str, list[Line]]) -> dict[str, HdrHistogram]:
    return {name: window_histogram(lines, "ok") for name, lines in logs.items()}


def _first(error: Exception) -> str:
    """Return what is wrong first, in one line."""
    if isinstance(error, ValidationError):
        problem = error.errors()[0]
        return f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}"
    return str(error)


def point_latest_to(folder: Path) -> None:
    """Let results/latest point to a run."""
    latest = folder.parent / "latest"
    unfinished = folder.parent / ".latest.unfinished"
    unfinished.unlink(missing_ok=True)
    unfinished.symlink_to(folder.name)
    unfinished.replace(latest)
