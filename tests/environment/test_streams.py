"""Whatever the standard streams are: closed, full, of another encoding, or a pipe whose reader went away."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from running import PLAIN, ROOT, command

PYTHON = [sys.executable]
SAMPLE = ("results/sample", "results/sample")
CLOSED = ("<&-", ">&-", "2>&-", "<&- >&-", ">&- 2>&-", "<&- >&- 2>&-")
NARROW = {
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
    "C locale": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}


def in_shell(text: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a line of bash in which "$@" is the harness with these words."""
    return subprocess.run(
        ["bash", "-c", text, "bash", *command(*words)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=60,
        check=False,
        env={**os.environ, **PLAIN, **environment},
    )


@pytest.mark.parametrize("closed", CLOSED)
@pytest.mark.parametrize(("words", "code"), [(("compare", *SAMPLE), 0), (("compare", "nowhere", "nowhere"), 2)])
def test_a_closed_descriptor_changes_no_exit_code(closed: str, words: tuple[str, ...], code: int) -> None:
    ended = in_shell(f'"$@" {closed}', *words)

    assert (ended.returncode, "Traceback" in ended.stderr) == (code, False)


@pytest.mark.parametrize("closed", ["<&-", "<&- >&- 2>&-"])
def test_no_later_file_gets_the_number_of_a_closed_descriptor(closed: str) -> None:
    opened = (
        "import os; from harness.streams import open_missing; open_missing(); print(os.open('/', 0), file=open(3, 'w'))"
    )

    ended = subprocess.run(
        ["bash", "-c", f'"$@" 3>&1 {closed}', "bash", *PYTHON, "-c", opened],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert int(ended.stdout) > 2


@pytest.mark.parametrize("encoding", NARROW)
def test_text_that_the_encoding_lacks_is_spelled(encoding: str, tmp_path: Path) -> None:
    ended = in_shell('"$@"', "compare", str(tmp_path / "≥200"), "nowhere", **NARROW[encoding])

    assert ended.returncode == 2
    assert ended.stderr.startswith(f"error: there is no {tmp_path}/")
    assert ended.stderr.isascii()


def test_a_threshold_that_ascii_lacks_is_printed_with_its_meaning() -> None:
    ended = in_shell('"$@"', "study", "≥ Café “1”", PYTHONIOENCODING="ascii")

    assert "'>= Cafe \"1\"'" in ended.stderr


@pytest.mark.parametrize("encoding", NARROW)
def test_files_are_read_as_utf_8_whatever_the_locale(encoding: str) -> None:
    ended = in_shell('"$@"', "compare", *SAMPLE, **NARROW[encoding])

    assert ended.returncode == 0
    assert ended.stdout.startswith("A: results/sample")


@pytest.mark.parametrize("words", [("compare", *SAMPLE), ("--help",), ("bench", "--help")])
def test_a_full_output_is_an_error(words: tuple[str, ...]) -> None:
    ended = in_shell('"$@" >/dev/full', *words)

    assert ended.returncode == 2
    assert ended.stderr == "error: cannot write to stdout: No space left on device\nhint: send the output elsewhere\n"


def test_full_streams_both_are_an_exit_code() -> None:
    assert in_shell('"$@" >/dev/full 2>/dev/full', "compare", *SAMPLE).returncode == 2
    assert in_shell('"$@" 2>/dev/full', "compare", "nowhere", "nowhere").returncode == 2


@pytest.mark.parametrize("pipe", ["| true", "2>&1 | true", "| head -1", "2>&1 | head -1"])
@pytest.mark.parametrize(("words", "code"), [(("compare", *SAMPLE), 0), (("compare", "nowhere", "nowhere"), 2)])
def test_a_reader_that_goes_away_changes_no_exit_code_and_hears_nothing(
    pipe: str, words: tuple[str, ...], code: int
) -> None:
    ended = in_shell(f'"$@" {pipe}; exit ${{PIPESTATUS[0]}}', *words)

    assert ended.returncode in {code, 130 if "2>&1" in pipe else code}
    assert "Traceback" not in ended.stderr
    assert "Exception ignored" not in ended.stderr
    assert ended.stdout.count("\n") <= 1


def test_a_run_whose_progress_nobody_reads_ends_as_interrupted(tmp_path: Path) -> None:
    ended = in_shell(
        '"$@" 2>&1 >/dev/null | head -1; exit ${PIPESTATUS[0]}',
        "bench",
        "--profile",
        "smoke",
        "--results",
        str(tmp_path),
    )

    assert ended.returncode == 130
    assert [path.name for path in tmp_path.glob("*/trials.csv")] == []
    assert "Traceback" not in ended.stdout


@pytest.mark.parametrize("optimized", ["-O", "-OO"])
def test_help_and_assertions_are_there_under_optimization(optimized: str) -> None:
    words = [*PYTHON, optimized, "-m", "harness", "--help"]

    ended = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    assert "Measure the lanes side by side" in ended.stdout


def test_an_optimization_of_the_environment_is_undone_for_children_too() -> None:
    ended = in_shell('"$@"', "bench", "--help", PYTHONOPTIMIZE="2")

    assert "Measure the lanes side by side" in ended.stdout


@pytest.mark.parametrize("program", ["upstream", "producer_consumer"])
@pytest.mark.parametrize("closed", ["<&-", ">&-", "<&- >&-"])
def test_the_other_programs_work_with_closed_descriptors(program: str, closed: str) -> None:
    ended = subprocess.run(
        ["bash", "-c", f'"$@" {closed}', "bash", *PYTHON, "-m", program, "--seed", "many"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (ended.returncode, "Traceback" in ended.stderr) == (2, False)
