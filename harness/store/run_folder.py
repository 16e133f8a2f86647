"""A run's folder: written trial by trial, read back whole."""

import csv
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from harness.errors import UsageError
from harness.facts.records import RunInfo, Trial
from harness.judge.counts import Observed
from harness.judge.rows import Evidence
from harness.judge.window import intervals
from harness.store.files import cannot_write, csv_text, write_atomically
from harness.store.hlog import Line, log_text, read_log, window_histogram
from harness.store.locust_csv import Reported, reports

COLUMNS = tuple(Trial.model_fields)
FORMAT = 1  # of run.json and what it describes
NEEDED = {name for name, field in Trial.model_fields.items() if field.is_required()}


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
            text = (self.path / "run.json").read_text()
            if (written := _format(text)) not in (None, FORMAT):
                raise UsageError(
                    f"{self.path} was written by another version (format {written}, not {FORMAT})",
                    hint="read it with the version that wrote it: run.json names its commit",
                )
            return RunInfo.model_validate_json(text)
        except OSError as error:
            hint = "give the folder of a run, for example results/latest"
            raise UsageError(f"{self.path} is not a run: no run.json: {error.strerror}", hint=hint) from None
        except (ValidationError, UnicodeDecodeError) as error:
            raise UsageError(f"{self.path}/run.json is damaged: {_first(error)}", hint="measure again") from None

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Make the folder, and keep other runs from writing to it meanwhile; UsageError where one already is."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            held = os.open(self.path, os.O_RDONLY)
        except OSError as error:
            raise cannot_write(self.path, error) from None
        try:
            self._claim(held)
            yield
        finally:
            os.close(held)

    def _claim(self, held: int) -> None:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(f"another run is writing to {self.path}", hint="wait for it, or begin a new run") from None

    def write_trial(self, trial: Trial, observed: Observed, evidence: Evidence, opened_at: float) -> None:
        """Add a trial: reports, histograms and raw counts, then its row; `opened_at` is wall clock, in seconds."""
        reported = Reported(evidence.requests, evidence.window, evidence.load, trial.users or 0, opened_at)
        for report, text in reports(reported).items():
            write_atomically(self.path / "locust" / f"{trial.trial}_{report}.csv", text)
        log = log_text(intervals(evidence.requests, evidence.window, evidence.load), opened_at)
        write_atomically(self._log(trial), log)
        write_atomically(self._counts(trial), observed.model_dump_json(indent=1) + "\n")
        self._write_trials([*self.read_trials(), trial])

    def read_trials(self) -> list[Trial]:
        """Return the finished trials in the order in which they ran; UsageError where trials.csv is damaged."""
        table = self.path / "trials.csv"
        if not table.exists():
            return []
        try:
            with table.open(newline="", encoding="utf-8") as file:
                reader = csv.DictReader(file, strict=True)
                if missing := NEEDED - set(reader.fieldnames or ()):
                    raise csv.Error(f"it has no column {', '.join(sorted(missing))}")
                return [Trial.model_validate(row) for row in reader]
        except (OSError, ValidationError, csv.Error, UnicodeDecodeError) as error:
            raise UsageError(
                f"{table} is damaged: {_first(error)}", hint="it is written by `make bench` only"
            ) from None

    def read_log(self, trial: Trial) -> list[Line]:
        """Return a trial's log; UsageError where it does not hold the answers that the trial's row counts."""
        lines = read_log(self._log(trial))
        for tag, counted in (("ok", trial.window_ok), ("failed", trial.window_failed)):
            found = window_histogram(lines, tag).get_total_count()
            if found != counted:
                raise UsageError(
                    f"{self._log(trial)} is damaged: it holds {found} {tag} answers, trials.csv {counted}",
                    hint="measure again with `make bench`",
                )
        return lines

    def read_counts(self, trial: Trial) -> Observed:
        """Return a trial's raw counts; UsageError where they are missing or damaged."""
        try:
            return Observed.model_validate_json(self._counts(trial).read_text())
        except (OSError, ValidationError, UnicodeDecodeError) as error:
            raise UsageError(f"{self._counts(trial)} is damaged: {_first(error)}", hint="measure again") from None

    def _log(self, trial: Trial) -> Path:
        return self.path / "histograms" / f"{trial.trial}.hlog"

    def _counts(self, trial: Trial) -> Path:
        return self.path / "counts" / f"{trial.trial}.json"

    def _write_trials(self, trials: list[Trial]) -> None:
        rows = [[getattr(trial, name) for name in COLUMNS] for trial in trials]
        write_atomically(self.path / "trials.csv", csv_text(COLUMNS, rows))


def _format(text: str) -> object:
    """Return the format that a run.json says it has; None where it says nothing."""
    try:
        return json.loads(text).get("format")
    except (ValueError, AttributeError):
        return None


def _first(error: Exception) -> str:
    """Return what is wrong first, in one line."""
    if isinstance(error, ValidationError):
        problem = error.errors()[0]
        return f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}"
    return str(error)


def point_latest_to(folder: Path) -> None:
    """Let results/latest point to a run."""
    latest = folder.parent / "latest"
    if latest.is_dir() and not latest.is_symlink():
        raise UsageError(f"{latest} is a folder, and is to point to the newest run", hint="give it another name")
    unfinished = folder.parent / ".latest.unfinished"
    unfinished.unlink(missing_ok=True)
    unfinished.symlink_to(folder.name)
    unfinished.replace(latest)
