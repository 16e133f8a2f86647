import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from producer_consumer.programs import PROGRAMS

ROOT = Path(__file__).resolve().parents[2]
ESCAPE = "\x1b["
YELLOW, CYAN, WHITE = "\x1b[33m", "\x1b[36m", "\x1b[37m"


def words(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "producer_consumer", *arguments]


def surroundings(**extra: str) -> dict[str, str]:
    """Return the environment without what decides about colour, and with `extra`."""
    deciding = {"NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "TERM", "COLORTERM", "PYTHONIOENCODING"}
    kept = {key: value for key, value in os.environ.items() if key not in deciding}
    return kept | {"COLUMNS": "120", "TERM": "xterm"} | extra


def demo(*arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words(*arguments),
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
        env=surroundings(**extra),
    )


def test_the_demo_ends_with_a_table_and_bars_of_all_programs_beside_theory() -> None:
    done = demo("--speed", "200")

    table = done.stdout[done.stdout.rindex("first wait") :]
    assert (done.returncode, done.stderr) == (0, "")
    assert "takes about 0 s" in done.stdout
    assert [len(re.findall(rf"^ +{name} ", table, re.MULTILINE)) for name in PROGRAMS] == [3, 3, 3, 3]
    assert "19.4 + 10.0" in table
    assert "max(19.4, 19.3, 20.0) + 1.1" in table
    assert "29.39" in table
    assert table.count("━") > 100


@pytest.mark.parametrize("name", PROGRAMS)
def test_only_runs_one_program(name: str) -> None:
    done = demo("--only", name, "--speed", "500")

    assert (done.returncode, done.stderr) == (0, "")
    assert [other for other in PROGRAMS if PROGRAMS[other].title in done.stdout] == [name]


def test_the_producer_is_yellow_the_consumer_cyan_and_the_program_white() -> None:
    done = demo("--only", "async", "--speed", "500", FORCE_COLOR="1")

    assert re.search(rf"{re.escape(YELLOW)} *\d+\.\d\d  producer 1: generated 400", done.stdout)
    assert re.search(rf"{re.escape(CYAN)} *\d+\.\d\d  consumer: processed 400", done.stdout)
    assert re.search(rf"{re.escape(WHITE)} *\d+\.\d\d  program: 20 items", done.stdout)


def test_no_color_takes_every_colour_away() -> None:
    done = demo("--only", "async", "--speed", "500", FORCE_COLOR="1", NO_COLOR="1")

    attributes = {number for found in re.findall(r"\x1b\[([\d;]*)m", done.stdout) for number in found.split(";")}
    assert attributes <= {"0", "1", "2", "3"}  # plain, bold, dim, italic


def test_what_goes_into_a_file_holds_no_escape() -> None:
    assert ESCAPE not in demo("--only", "async", "--speed", "500").stdout


def test_a_terminal_without_unicode_gets_a_table_too() -> None:
    done = demo("--only", "async", "--speed", "500", PYTHONIOENCODING="ascii")

    assert (done.returncode, done.stderr) == (0, "")
    assert "worst wait" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--speed", "fast"], "argument --speed: 'fast' is not a number"),
        (["--speed", "0"], "argument --speed: must be from 0.1 to 1000, not 0"),
        (["--speed", "-1"], "argument --speed: must be from 0.1 to 1000, not -1"),
        (["--speed", "nan"], "argument --speed: must be from 0.1 to 1000, not nan"),
        (["--speed", "inf"], "argument --speed: must be from 0.1 to 1000, not inf"),
        (["--seed", "x"], "argument --seed: invalid int value: 'x'"),
        (["--only", "fibers"], "argument --only: invalid choice: 'fibers'"),
        (["--colour"], "unrecognized arguments: --colour"),
    ],
)
def test_bad_options_are_refused_with_a_hint(arguments: list[str], problem: str) -> None:
    refused = demo(*arguments)

    error, hint = refused.stderr.splitlines()
    assert (refused.returncode, refused.stdout) == (2, "")
    assert error.startswith(f"error: {problem}")
    assert hint.startswith("hint: ")


@pytest.mark.parametrize("name", PROGRAMS)
def test_ctrl_c_ends_a_program_at_once_without_a_traceback(name: str) -> None:
    with subprocess.Popen(
        words("--only", name),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=surroundings(),
    ) as process:
        assert process.stdout is not None
        first = next(line for line in process.stdout if "generated" in line)
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=10)

    assert "generated 1" in first
    assert (process.returncode, errors) == (130, "interrupted\n")
    assert "items in" not in rest


def test_a_reader_that_goes_away_ends_the_demo_quietly() -> None:
    with subprocess.Popen(
        words("--only", "threads", "--speed", "10"),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=surroundings(),
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
        ended = process.wait(timeout=10)

    assert (ended, errors) == (-signal.SIGPIPE, "")
