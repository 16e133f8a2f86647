"""Whatever the standard streams are: closed, full, of another encoding, or a pipe whose reader went away."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from compare_inputs import LOCUST_1, LOCUST_2
from running import PLAIN, ROOT, command

PYTHON = [sys.executable]
REPORTS = (str(LOCUST_1), str(LOCUST_2))
WRONG = ("ui", "--stub-port", "0")  # the lightest command that ends in an error of its own
ALL = "<&- >&- 2>&-"
NARROW = {
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
    "C locale": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}
FIRST_FREE = (
    "import os; from harness.streams import open_missing; open_missing(); print(os.open('/', 0), file=open(3, 'w'))"
)


def in_shell(text: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a line of bash in which "$@" is these words."""
    return subprocess.run(
        ["bash", "-c", text, "bash", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=120,
        check=False,
        env={**os.environ, **PLAIN, **environment},
    )


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", ALL])
def test_a_closed_descriptor_changes_no_exit_code(closed: str) -> None:
    helped = in_shell(f'"$@" {closed}', *command("bench", "--help"))
    refused = in_shell(f'"$@" {closed}', *command(*WRONG))

    assert (helped.returncode, refused.returncode) == (0, 2)
    assert "Traceback" not in helped.stderr + refused.stderr


def test_no_later_file_gets_the_number_of_a_closed_descriptor() -> None:
    opened = [in_shell(f'"$@" 3>&1 {closed}', *PYTHON, "-c", FIRST_FREE).stdout for closed in ("<&-", ALL)]

    assert all(int(number) > 2 for number in opened)


@pytest.mark.parametrize("encoding", NARROW)
def test_text_that_the_encoding_lacks_is_spelled(encoding: str) -> None:
    ended = in_shell('"$@"', *command("compare", "nowhere/≥ Café “1”", "nowhere"), **NARROW[encoding])

    spelled = {"latin-1": ">= Caf\N{REPLACEMENT CHARACTER}"}.get(encoding, ">= Cafe")
    assert ended.returncode == 2
    assert ended.stderr.startswith(f'error: there is no nowhere/{spelled} "1"')


def test_files_are_read_as_utf_8_whatever_the_locale() -> None:
    ended = in_shell('"$@"', *command("compare", *REPORTS), **NARROW["C locale"])

    assert ended.returncode == 0
    assert ended.stdout.startswith("A: ")


def test_a_full_output_is_an_error() -> None:
    ended = in_shell('"$@" >/dev/full', *command("bench", "--help"))
    both = in_shell('"$@" >/dev/full 2>/dev/full', *command("--help"))

    assert ended.stderr == "error: cannot write to stdout: No space left on device\nhint: send the output elsewhere\n"
    assert (ended.returncode, both.returncode) == (2, 2)


@pytest.mark.parametrize("pipe", ["| true", "2>&1 | true", "2>&1 | head -1"])
def test_a_reader_that_goes_away_changes_no_exit_code_and_hears_nothing(pipe: str) -> None:
    line = f'"$@" {pipe}; exit ${{PIPESTATUS[0]}}'

    helped, refused = in_shell(line, *command("bench", "--help")), in_shell(line, *command(*WRONG))

    assert helped.returncode == 0
    assert refused.returncode in {2, 130 if "2>&1" in pipe else 2}
    assert "Traceback" not in helped.stderr + refused.stderr
    assert "Exception ignored" not in helped.stderr + refused.stderr
    assert (helped.stdout + refused.stdout).count("\n") <= 2


def test_a_run_whose_progress_nobody_reads_ends_as_interrupted(tmp_path: Path) -> None:
    line = '"$@" 2>&1 >/dev/null | head -1; exit ${PIPESTATUS[0]}'

    ended = in_shell(line, *command("bench", "--profile", "smoke", "--results", tmp_path))

    assert ended.returncode == 130
    assert all('"status": "interrupted"' in path.read_text() for path in tmp_path.glob("*Z-smoke/run.json"))
    assert "Traceback" not in ended.stdout


@pytest.mark.parametrize(("option", "environment"), [("-OO", ""), ("-B", "2")])
def test_help_and_assertions_are_there_under_optimization(option: str, environment: str) -> None:
    ended = in_shell('"$@"', *PYTHON, option, "-m", "harness", "bench", "--help", PYTHONOPTIMIZE=environment)

    assert "Measure the lanes side by side" in ended.stdout


@pytest.mark.parametrize("closed", ["<&-", "2>&-", ALL])
def test_the_other_programs_work_with_closed_descriptors(closed: str) -> None:
    wrong = [
        in_shell(f'"$@" {closed}', *PYTHON, "-m", name, "--seed", "x") for name in ("upstream", "producer_consumer")
    ]
    shown = in_shell(f'"$@" {closed}', *PYTHON, "-m", "producer_consumer", "--speed", "1000", "--only", "sync")

    assert [(ended.returncode, "Traceback" in ended.stderr) for ended in wrong] == [(2, False), (2, False)]
    assert (shown.returncode, "Traceback" in shown.stderr) == (0, False)
