"""The servers of bench.toml that no other test measures: a short run of each, where the calls' delays differ."""

import pytest
from bounds import WIDE
from running import ROOT, SMALL, in_process, only_run, outcome

LANES = ("flask-gevent", "quart-uvloop", "quart-gunicorn", "oracle")
CALLS = {"oracle": 0}  # a stub itself; the others make the three calls of a city


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """The trial of each lane, by its name."""
    folder = tmp_path_factory.mktemp("servers")
    declared, _, _ = (ROOT / "bench.toml").read_text().partition("# The primaries")
    _, small, brief = SMALL.read_text().partition("# The tests share")
    config = folder / "bench.toml"
    config.write_text(declared + small + brief.replace('["threads", "quart"]', str(list(LANES))) + WIDE)
    words = ("--scenario", "city", "--delay", "lognormal:0.03:0.5", "--results", folder / "results")
    ended = in_process("bench", "--config", config, *words)
    assert ended.returncode == 0, ended.stderr
    return {trial["lane"]: trial for trial in outcome(only_run(folder / "results"))}


@pytest.mark.parametrize("lane", LANES)
def test_a_server_answers_every_request_and_makes_its_calls(lane: str, trials: dict[str, dict[str, str]]) -> None:
    number = {name: int(value) for name, value in trials[lane].items() if value.isdigit()}

    assert trials[lane]["status"] == "valid", trials[lane]["reasons"]
    assert number["started"] == number["ok"] > 0
    assert number["upstream_calls"] == CALLS.get(lane, 3) * number["ok"]


def test_the_instruments_own_check_takes_the_time_that_it_is_told_to(trials: dict[str, dict[str, str]]) -> None:
    assert 200 <= float(trials["oracle"]["latency_p50_ms"]) < 400
    assert float(trials["oracle"]["throughput_rps"]) <= 1.03 * 4 / 0.2
