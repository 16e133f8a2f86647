"""`make advise` as a team calls it: plain words from the newest run, and plain words for what cannot be."""

import shutil
from pathlib import Path

import pytest
from running import ROOT, in_process

TEAM = ("--rate", "50", "--upstream-ms", "400", "--slo-ms", "1000", "--workers", "4", "--threads", "1")
SAMPLE = ROOT / "results" / "sample"


def asked(*words: str, **changed: str) -> tuple[str, ...]:
    """Return the team's question with other numbers, by option."""
    numbers = dict(zip(TEAM[::2], TEAM[1::2], strict=True)) | {
        f"--{k.replace('_', '-')}": v for k, v in changed.items()
    }
    return ("advise", *(word for pair in numbers.items() for word in pair), "--run", str(SAMPLE), *words)


def test_it_says_that_it_is_not_enough_and_what_would_be() -> None:
    ended = in_process(*asked())

    words = " ".join(ended.stdout.split())
    assert ended.returncode == 0
    assert words.startswith("Today (Flask, 4 processes of 1 thread) is not enough: p95 within 1,000 ms holds up to ")
    assert "The smallest change that is enough: Flask, 1 process of " in words
    assert "What this rests on" in words
    assert "What was not tested" in words


def test_it_says_that_it_is_enough_and_how_far_that_holds() -> None:
    ended = in_process(*asked(rate="3"))

    assert "is enough" in ended.stdout
    assert "smallest change that is enough" not in ended.stdout
    assert "That surely holds up to" in ended.stdout


def test_a_limit_that_nothing_keeps_names_the_nearest() -> None:
    ended = in_process(*asked(slo_ms="300"))

    words = " ".join(ended.stdout.split())
    assert ended.returncode == 0
    assert (
        "No change of the server is enough: the upstream takes 400 ms of it. The nearest to p95 within 300 ms is"
        in words
    )


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"rate": "many"}, "RATE=many is not a number"),
        ({"rate": "0"}, "RATE=0 cannot be"),
        ({"rate": "nan"}, "RATE=nan cannot be"),
        ({"rate": "inf"}, "RATE=inf cannot be"),
        ({"upstream_ms": "-1"}, "UPSTREAM_MS=-1 cannot be"),
        ({"slo_ms": "0"}, "SLO_MS=0 cannot be"),
        ({"workers": "2.5"}, "WORKERS=2.5 is not a whole number"),
        ({"threads": "0"}, "THREADS=0 cannot be"),
        ({"cores": "0"}, "CORES=0 cannot be"),
        ({"tail": "0.5"}, "TAIL=0.5 cannot be"),
        ({"cpu_ms": "0"}, "CPU_MS=0 cannot be"),
        ({"calls": "0"}, "a request without calls waits for none"),
        ({"percentile": "100"}, "PERCENTILE=100 cannot be"),
    ],
)
def test_a_number_that_cannot_be_is_said(changed: dict[str, str], message: str) -> None:
    ended = in_process(*asked(**changed))

    assert ended.returncode == 2
    assert message in ended.stderr
    assert "hint" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_numbers_that_are_missing_are_named_with_what_they_are() -> None:
    ended = in_process("advise", "--rate", "50", "--run", SAMPLE)

    assert ended.returncode == 2
    assert "advice needs UPSTREAM_MS, SLO_MS, WORKERS, THREADS" in ended.stderr
    assert "make advise RATE=50" in ended.stderr


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"calls": "3"}, "makes 0, 1 or 2 calls"),
        ({"cpu_ms": "5"}, "has its own CPU"),
        ({"cores": "2"}, "one core"),
        ({"percentile": "90"}, "p50, p95 and p99"),
    ],
)
def test_what_cannot_be_verified_is_said_before_anything_is_measured(changed: dict[str, str], message: str) -> None:
    ended = in_process(*asked("--verify", **changed))

    assert ended.returncode == 2
    assert message in ended.stderr


def test_without_any_run_there_is_no_calibration_yet(tmp_path: Path) -> None:
    ended = in_process("advise", *TEAM, "--results", tmp_path)

    assert ended.returncode == 2
    assert "there is no calibration yet" in ended.stderr
    assert "make bench" in ended.stderr


def test_a_newest_run_that_calibrates_nothing_gives_way_to_the_sample_and_that_is_said(tmp_path: Path) -> None:
    for name in ("latest", "sample"):
        (tmp_path / name).mkdir()
        shutil.copy(SAMPLE / "run.json", tmp_path / name)
    shutil.copy(SAMPLE / "trials.csv", tmp_path / "sample")

    ended = in_process("advise", *TEAM, "--results", tmp_path)

    assert ended.returncode == 0
    assert "latest calibrates no synchronous lane" in " ".join(ended.stderr.split())
    assert "the project's sample stands in" in " ".join(ended.stderr.split())
