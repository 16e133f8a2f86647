"""The same plan on this machine and over namespaces: `PYTHONPATH=.:tests/support python tools/apart.py RESULTS`.

The namespaces share the cores of one machine, so each takes the others for strangers: the bounds are wide here, as in
the tests. Prints, for each point, the ratio of throughput with its 95 % interval (Welch's test on the logs of the
blocks), and how far p50 and p95 lie apart beside the round trip of the wire.
"""

import math
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bounds import WIDE
from namespaces import machines
from scipy.stats import ttest_ind

from harness.facts.run import Run
from harness.facts.trial import Trial
from harness.store.read_run import read_run

PLAN = ("--lanes", "flask-threads-64,quart", "--points", "20,100", "--blocks", "6", "--no-aa")


def main() -> None:
    """Measure here, then with server, stub and load on three machines; compare the trials."""
    results = Path(sys.argv[1]).resolve()
    results.mkdir(parents=True)
    config = results / "bench.toml"
    config.write_text(Path("bench.toml").read_text(encoding="utf-8").partition("\n[validity]")[0] + WIDE)
    bench = (sys.executable, "-m", "harness", "bench", "--config", config, *PLAN)
    subprocess.run([*bench, "--results", results / "here"], check=True)
    with tempfile.TemporaryDirectory() as folder, machines(Path(folder)) as four:
        hosts = ("--server", four.host("alpha"), "--upstream-host", four.host("beta"), "--workers", four.host("gamma"))
        words = four.command(*bench, *hosts, "--allow-remote", "--results", results / "apart")
        subprocess.run(words, env=four.environment, check=True)
    here, apart = (read_run((results / name / "latest").resolve()) for name in ("here", "apart"))
    for lane, point in dict.fromkeys((trial.lane, trial.point) for trial in here.trials):
        print(f"{lane} at {point.label}: {_compared(*(_valid(run, lane, point.label) for run in (here, apart)))}")


def _valid(run: Run, lane: str, label: str) -> list[Trial]:
    found = [trial for trial in run.trials if (trial.lane, trial.point.label, trial.status) == (lane, label, "valid")]
    if any(trial.started != trial.ok or trial.upstream_calls != 2 * trial.ok for trial in found):
        raise SystemExit(f"{lane} at {label}: the counts are not exact")
    return found


def _compared(here: list[Trial], apart: list[Trial]) -> str:
    first, second = ([math.log(trial.throughput_rps or 0) for trial in trials] for trials in (here, apart))
    low, high = (math.exp(bound) for bound in ttest_ind(second, first, equal_var=False).confidence_interval(0.95))
    ratio = math.exp(statistics.mean(second) - statistics.mean(first))
    p50, p95 = (
        statistics.median(getattr(trial, name) for trial in apart) - statistics.median(getattr(t, name) for t in here)
        for name in ("latency_p50_ms", "latency_p95_ms")
    )
    rtt = statistics.median(trial.rtt_ms or 0.0 for trial in apart)
    return (
        f"{len(here)} and {len(apart)} valid trials, throughput {ratio:.3f} ({low:.3f} to {high:.3f}), "
        f"p50 {p50:+.1f} ms, p95 {p95:+.1f} ms, round trip {rtt:.2f} ms"
    )


if __name__ == "__main__":
    main()
