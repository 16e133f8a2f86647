"""What becomes of a trial's evidence: its rows are stored first, then it is judged from what was stored."""

from dataclasses import dataclass, replace

from harness.errors import HarnessError
from harness.facts.config import Config
from harness.facts.routes import Scenario
from harness.facts.trial import Trial
from harness.judge.counting import count_trial
from harness.judge.rows import Evidence, nothing_but
from harness.judge.trial_row import times, trial_row
from harness.measure.secrets import NO_SECRETS, Secrets
from harness.plan.blocks import PlannedTrial
from harness.store.packed import Packed, pack, unpack
from harness.store.run_folder import RunFolder


@dataclass(frozen=True)
class Keeper:
    """Stores and judges the trials of one run."""

    folder: RunFolder
    config: Config
    scenario_name: str
    scenario: Scenario
    secrets: Secrets = NO_SECRETS

    def keep(self, planned: PlannedTrial, evidence: Evidence, started_utc: str, opened_at: float) -> Trial:
        """Store a trial and return its row; `opened_at` is the wall clock as its window opened, in seconds.

        A fault of ours in it makes this trial invalid; only a folder that cannot be written ends the run.
        """
        evidence = self._without_secrets(evidence)
        try:
            rows = pack(evidence, planned.timing, opened_at)
        except Exception as fault:
            evidence = nothing_but(f"its rows cannot be stored: {fault!r}", planned)
            rows = pack(evidence, planned.timing, opened_at)
        self.folder.write_rows(planned.name, rows)
        try:
            return self._judge(planned, unpack(rows), started_utc, rows)
        except HarnessError:
            raise
        except Exception as fault:
            faults = (*evidence.watched.faults, f"its rows cannot be counted: {fault!r}")
            nothing = nothing_but("; ".join(faults), planned)
            return self._judge(planned, nothing, started_utc, rows)

    def _without_secrets(self, evidence: Evidence) -> Evidence:
        """Return the evidence with nothing secret in its faults, which quote what servers say."""
        faults = tuple(self.secrets.mask(fault) for fault in evidence.watched.faults)
        return replace(evidence, watched=evidence.watched.model_copy(update={"faults": faults}))

    def _judge(self, planned: PlannedTrial, evidence: Evidence, started_utc: str, rows: Packed) -> Trial:
        lane = self.config.lanes[planned.lane]
        routes = lane.routes(self.scenario)
        observed = count_trial(planned, routes, evidence)
        trial = trial_row(
            planned,
            lane,
            routes,
            observed,
            times(evidence),
            self.config.validity,
            scenario=self.scenario_name,
            started_utc=started_utc,
        )
        self.folder.write_trial(trial, observed, evidence, rows.meta.opened_at)
        return trial
