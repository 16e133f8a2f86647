"""Wrong usage is said with what to type."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from running import in_process, small_config

from harness.cli import print_plain


def test_a_results_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    ended = in_process("bench", "--config", small_config(tmp_path), "--results", tmp_path / "file" / "results")

    assert ended.returncode == 2
    assert "cannot write" in ended.stderr
    assert f"see that {tmp_path / 'file' / 'results'} can be written" in ended.stderr


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (("bench", "--rates", "0"), "greater than 0", "rates"),
        (("bench", "--rates", "-5"), "greater than 0", "rates"),
        (("bench", "--rates", "many"), "not a list of rates", "--rates 100,400"),
        (("bench", "--rates", "90000"), "connections", "--processes"),
        (("bench", "--lanes", "oracle", "--aa"), "no pair", "--lanes"),
        (("bench", "--resume", "results/sample", "--blocks", "3"), "keeps its own values", "begin a new run"),
        (("verify", "nowhere"), "is not a run", "results/latest"),
        (("study", "stal"), "no study 'stal'", "did you mean 'stall'?"),
        (("bench", "--profile", "quik"), "no profile 'quik'", "did you mean 'quick'?"),
        (("bench", "--lanes", "qart"), "no lane 'qart'", "did you mean 'quart'?"),
        (("bench", "--scenario", "moon"), "no scenario 'moon'", "known: "),
        (("bench", "--points", "many"), "not a list of numbers", "--points 1,16,300"),
        (("bench", "--points", "0"), "points", ""),
        (("bench", "--delay", "fixed:soon"), "the stub refuses", "--delay"),
        (("bench", "--config", "nowhere.toml"), "cannot read nowhere.toml", "--config"),
        (("bench", "--resume", "nowhere"), "is not a run", "results/latest"),
        (("report", "nowhere"), "is not a run", "results/latest"),
        (("compare", "nowhere", "nowhere"), "nowhere", "hint"),
        (("bench", "--nonsense"), "No such option", "--help"),
    ],
)
def test_wrong_usage_says_what_to_type(words: tuple[str, ...], message: str, hint: str) -> None:
    ended = in_process(*words)

    assert ended.returncode == 2
    assert message in ended.stderr
    assert hint in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_bound_that_no_rule_names_is_said_before_anything_is_measured(tmp_path: Path) -> None:
    config = small_config(tmp_path)
    Path(config).write_text(Path(config).read_text().replace("steal_share", "steel_share"))

    ended = in_process("bench", "--config", config)

    assert ended.returncode == 2
    assert "there is no key 'validity.steel_share'" in ended.stderr
    assert "did you mean 'steal_share'?" in ended.stderr


def test_lines_are_printed_with_their_brackets_and_unbroken() -> None:
    file, line = StringIO(), "report: /tmp/[red]runs[/red]/" + 30 * "long name "

    print_plain(Console(file=file, width=40, force_terminal=True), line)

    assert file.getvalue() == line + "\n"
