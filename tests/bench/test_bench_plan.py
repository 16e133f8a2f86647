"""`bench --plan` says what would be measured, and measures nothing."""

from pathlib import Path

import pytest
from running import ROOT, in_process, small_config

from harness.bench.options import Options, chosen


def test_the_plan_is_printed_and_nothing_is_written(tmp_path: Path) -> None:
    ended = in_process(
        *("bench", "--plan", "--config", small_config(tmp_path), "--results", tmp_path / "results", "--rates", "40")
    )

    assert ended.returncode == 0, ended.stderr
    assert "4 trials of 2 lanes in 1 blocks" in ended.stdout
    assert "min" in ended.stdout
    assert "users 4 in 1 block; open load 40/s in 1 block" in ended.stdout
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--lanes", "qart"), "no lane 'qart'"),
        (("--delay", "fixed:soon"), "the stub refuses"),
        (("--rates", "90000"), "connections"),
    ],
)
def test_a_plan_that_cannot_be_kept_is_refused_as_by_a_run(words: tuple[str, ...], message: str) -> None:
    ended = in_process("bench", "--plan", *words)

    assert ended.returncode == 2
    assert message in ended.stderr


LEAST = """
[scenarios.orders]
routes = [{ path = "/orders/42" }]

[lanes.sync]
command = "gunicorn orders_flask:app --bind 127.0.0.1:{port} --threads 100"
slots = 100

[lanes.async]
command = "uvicorn orders_fastapi:app --port {port}"
"""


def test_the_least_that_readme_shows_is_a_whole_configuration(tmp_path: Path) -> None:
    assert LEAST in (ROOT / "README.md").read_text()
    (tmp_path / "my.toml").write_text(LEAST)

    config = chosen(Options(config=tmp_path / "my.toml"))

    assert config.profiles["quick"].lanes == ("sync", "async")
    assert {(pair.lane, pair.baseline) for pair in config.primaries} == {("async", "sync")}
    assert [pair.load for pair in config.primaries] == ["closed", "open", "open"]
    assert list(config.scenarios) == ["orders"]
    assert {lane.cwd for lane in config.lanes.values()} == {str(tmp_path.resolve())}
