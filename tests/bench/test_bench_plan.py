"""`bench --plan` says what would be measured, and measures nothing."""

from pathlib import Path

import pytest
from running import in_process, small_config


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
