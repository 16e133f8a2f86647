"""Servers as they should not be: each trial is valid, or invalid with a reason that names the cause."""

import pytest
from bounds import WIDE
from running import ROOT, in_process, only_run, rows

ODD = ROOT / "tests" / "support" / "odd_server.py"
VALID = ""
SAID = {
    "chunked": VALID,
    "gzip": VALID,
    "too-short": "every answer was wrong",
    "recycled": "the server ended in mid-trial with exit code 0",
}


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    folder = tmp_path_factory.mktemp("odd")
    lanes = "".join(f'[lanes.m-{mode}]\ncommand = "python {ODD} {{port}} {mode}"\n' for mode in SAID)
    profile = (
        f"lanes = {[f'm-{mode}' for mode in SAID]}\npoints = [2]\nblocks = 1\nverdict_blocks = 1\nwindow_s = 0.5\n"
    )
    config = folder / "bench.toml"
    config.write_text(
        f'[scenarios.odd]\nroutes = [{{ path = "/x", expect = "ok", upstream = [] }}]\n{lanes}'
        f'[profiles.quick]\nscenario = "odd"\ncalibrate = false\n{profile}{WIDE}'
    )
    ended = in_process("bench", "--config", config, "--results", folder / "results")
    assert ended.returncode == 3, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
    return {trial["lane"].removeprefix("m-"): trial for trial in rows(only_run(folder / "results") / "trials.csv")}


@pytest.mark.parametrize(("mode", "reason"), SAID.items(), ids=SAID)
def test_a_server_is_measured_or_its_fault_is_named(mode: str, reason: str, trials: dict[str, dict[str, str]]) -> None:
    trial = trials[mode]

    assert trial["status"] == ("invalid" if reason else "valid"), trial["reasons"]
    assert reason in trial["reasons"]
