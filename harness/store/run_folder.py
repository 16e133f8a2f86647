"""A run's folder: written trial by trial, read back whole."""

import csv
import fcntl
import json
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from pydantic import ValidationError

from harness.errors import UsageError
from harness.facts.point import Place
from harness.facts.run import RunInfo
from harness.facts.trial import Trial
from harness.judge.counts import Observed
from harness.judge.rows import Evidence
from harness.judge.window import intervals
from harness.store.files import cannot_write, csv_text, write_atomically
from harness.store.hlog import Line, added, read_logs, window_histogram
from harness.store.locust_csv import reports, window_of
from harness.store.packed import Packed, unpack
from harness.store.rows import add_rows, read_rows

LAST_LINES, LAST_SIGNS = 15, 2000  # of what a server said that a report shows
HISTOGRAMS, COUNTS, ROWS = "histograms.hlog", "counts.jsonl", "rows.npz"
COLUMNS = tuple(Trial.model_fields)
FORMATS = (2, 3)  # of run.json and what it describes; the last one is written
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
            if (written := _format(text)) not in (None, *FORMATS):
                raise UsageError(
                    f"{self.path} was written by another version (format {written}, not {FORMATS[-1]})",
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

    def write_rows(self, trial: str, rows: Packed) -> None:
        """Add a trial's requests and calls, before anything is made of them."""
        add_rows(self.path / ROWS, trial, rows)

    def read_rows(self, trials: Sequence[Trial]) -> Iterator[Packed]:
        """Yield the rows of these trials, one after another."""
        return read_rows(self.path / ROWS, [trial.trial for trial in trials])

    def write_trial(self, trial: Trial, observed: Observed, evidence: Evidence, opened_at: float) -> None:
        """Add a trial: histograms and raw counts, then its row; `opened_at` is wall clock, in seconds.

        With its row a trial is finished. What is left of one that is not is replaced when it is measured again.
        """
        cut = intervals(evidence.requests, evidence.window, evidence.load)
        log = self.path / HISTOGRAMS
        write_atomically(log, added(_text(log), trial.trial, cut, opened_at))
        counts = self.path / COUNTS
        others = [line for line in _text(counts).splitlines() if not line.startswith(_begin(trial.trial))]
        write_atomically(counts, "\n".join([*others, counts_line(trial.trial, observed), ""]))
        self._write_trials([*self.read_trials(), trial])

    def forget_lanes(self, lanes: Collection[str]) -> None:
        """Take the trials of some lanes out of trials.csv, so that they are due again."""
        trials = self.read_trials()
        if kept := [trial for trial in trials if trial.lane not in lanes]:
            self._write_trials(kept)
        elif trials:
            (self.path / "trials.csv").unlink()

    def write_log(self, trial: str, text: str) -> None:
        """Keep what a server said in an invalid trial."""
        write_atomically(self.path / "logs" / f"{trial}.log", text)

    def last_words(self, trials: Iterable[Trial]) -> dict[str, str]:
        """Return the end of what a server said in each invalid trial of which something is kept."""
        logs = {trial.trial: self.path / "logs" / f"{trial.trial}.log" for trial in trials if trial.status == "invalid"}
        kept = {
            name: path.read_text(encoding="utf-8", errors="replace") for name, path in logs.items() if path.exists()
        }
        return {name: _end(text) for name, text in kept.items() if text.strip()}

    def locust_reports(self) -> Iterator[tuple[str, str]]:
        """Yield name and text of every Locust report: of each lane at each point, over its valid trials."""
        places: dict[Place, list[Trial]] = {}
        for trial in self.read_trials():
            if trial.status == "valid":
                places.setdefault(trial.place, []).append(trial)
        for (lane, point), trials in places.items():
            windows = [
                window_of(unpack(rows, client_only=True), rows.meta.opened_at) for rows in self.read_rows(trials)
            ]
            users = round(point.level) if point.load == "closed" else 0
            for report, text in reports(windows, users).items():
                place = point.label.replace("/", "-per-").replace(" ", "-")
                yield f"locust/{lane}@{place}_{report}.csv", text

    def write_locust_reports(self) -> None:
        """Write Locust's reports anew."""
        written = set()
        for name, text in self.locust_reports():
            write_atomically(self.path / name, text)
            written.add(self.path / name)
        for path in set((self.path / "locust").glob("*.csv")) - written:
            path.unlink()

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

    def read_logs(self, trials: Sequence[Trial]) -> dict[str, list[Line]]:
        """Return each trial's log; UsageError where one does not hold the answers that the trial's row counts."""
        path = self.path / HISTOGRAMS
        logs = read_logs(path) if trials else {}
        for trial in trials:
            for tag, counted in (("ok", trial.window_ok), ("failed", trial.window_failed)):
                found = window_histogram(logs.setdefault(trial.trial, []), tag).get_total_count()
                if found != counted:
                    raise UsageError(
                        f"{path} is damaged: of {trial.trial} it holds {found} {tag} answers, trials.csv {counted}",
                        hint="measure again with `make bench`",
                    )
        return logs

    def read_counts(self) -> dict[str, Observed]:
        """Return the raw counts of each trial; UsageError where they are missing or damaged."""
        path = self.path / COUNTS
        try:
            found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            return {counts.pop("trial"): Observed.model_validate(counts) for counts in found}
        except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
            raise UsageError(f"{path} is damaged: {_first(error)}", hint="measure again") from None

    def _write_trials(self, trials: list[Trial]) -> None:
        rows = [[getattr(trial, name) for name in COLUMNS] for trial in trials]
        write_atomically(self.path / "trials.csv", csv_text(COLUMNS, rows))


def counts_line(trial: str, observed: Observed) -> str:
    """Return a trial's line of counts.jsonl."""
    return _begin(trial) + observed.model_dump_json()[1:]


def _begin(trial: str) -> str:
    return f'{{"trial":"{trial}",'


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


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
    reject_foreign(latest)
    unfinished = folder.parent / ".latest.unfinished"
    unfinished.unlink(missing_ok=True)
    unfinished.symlink_to(folder.name)
    unfinished.replace(latest)


def reject_foreign(latest: Path) -> None:
    """Raise UsageError where a file or folder of the user's has the name of the link to the newest run."""
    if latest.exists() and not latest.is_symlink():
        raise UsageError(f"{latest} is there, and is to point to the newest run", hint="give it another name")


def new_folder(results: Path, name: str) -> RunFolder:
    """Make and return the folder of a new run: another one for each, even of two that start within a second."""
    for number in count(1):
        path = results / (name if number == 1 else f"{name}-{number}")
        try:
            path.mkdir(parents=True)
        except FileExistsError:
            if not path.is_dir():
                raise cannot_write(path, NotADirectoryError(20, "a file is in the way")) from None
        except OSError as error:
            raise cannot_write(path, error) from None
        else:
            return RunFolder(path.resolve())
    raise AssertionError


def _end(text: str) -> str:
    return "\n".join(text.strip()[-LAST_SIGNS:].splitlines()[-LAST_LINES:])
