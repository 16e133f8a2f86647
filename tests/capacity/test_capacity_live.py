"""`capacity` from beginning to end, on a lane of eight slots that take 40 ms each; and what it refuses."""

from pathlib import Path

import pytest
from running import in_process, only_run, small_config

from harness.store.read_run import read_run

SHORT = """
[profiles.capacity]
lanes = ["threads"]
points = [1, 16]
blocks = 1
verdict_blocks = 1
window_s = 0.75
max_wait_s = 3
open_window_s = 1.0
calibrate = false
"""


def test_a_lane_is_climbed_named_probed_and_answered(tmp_path: Path) -> None:
    config = small_config(tmp_path, SHORT)
    words = ("--slo", "p95<400ms", "--config", config, "--results", tmp_path / "results")

    ended = in_process("capacity", *words, "--peak", "1000", "--price-hour", "0.5")

    assert ended.returncode == 0, ended.stderr
    assert "What rate does it hold?" in ended.stdout
    folder = only_run(tmp_path / "results")
    (found,) = read_run(folder).held_rates
    assert found.named_rps is not None
    assert 0 < found.named_rps <= 200  # 8 slots / 40 ms; a busy machine holds less
    rates = [probe.rate_rps for probe in found.probes]
    assert {float(f"{found.named_rps * factor:.3g}") for factor in (0.95, 1, 1.05)} <= set(rates)
    assert found.held_rps is None or found.held_rps < 230
    assert f"threads: {'' if found.held_rps else 'no probed rate'}" in ended.stdout or "threads holds" in ended.stdout
    assert "What rate does it hold?" in (folder / "report.md").read_text()


@pytest.mark.parametrize(
    ("slo", "said"),
    [("p99<fast", "is no part of an SLO"), ("errors<1%", "bounds no latency"), ("", "bounds no latency")],
)
def test_what_is_no_slo_is_refused_before_anything_is_measured(slo: str, said: str, tmp_path: Path) -> None:
    ended = in_process("capacity", "--slo", slo, "--results", tmp_path / "results")

    assert ended.returncode == 2
    assert said in ended.stderr
    assert not (tmp_path / "results").exists()
