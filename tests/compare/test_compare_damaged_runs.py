"""A truncated or hand-edited run folder is a clear error, exit code 2, and nothing is overwritten."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from compare_inputs import make_trial, write_histograms, write_run

from harness.compare import compare
from harness.errors import UsageError
from harness.facts.point import users

HISTOGRAM = "histograms.hlog"
Spoil = Callable[[Path], object]


def a_run(folder: Path) -> Path:
    pair = {"lane": "quart", "baseline": "quart", "metric": "throughput", "point": users(16)}
    return write_run(folder, [make_trial("quart", 16, block) for block in (1, 2, 3)], controls=[pair], primaries=[pair])


def edit(name: str, old: str, new: str) -> Spoil:
    def spoil(folder: Path) -> None:
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new))

    return spoil


def cut(name: str, length: int) -> Spoil:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:length])


def remove(name: str) -> Spoil:
    return lambda folder: (folder / name).unlink()


def fewer(folder: Path) -> None:
    trials = [make_trial("quart", 16, block, window_ok=499 if block == 1 else 500) for block in (1, 2, 3)]
    write_histograms(folder / HISTOGRAM, trials)


def cut_row(folder: Path) -> None:
    *rows, _ = (folder / "trials.csv").read_text().splitlines(keepends=True)
    (folder / "trials.csv").write_text("".join(rows))


DAMAGES: dict[str, tuple[Spoil, str]] = {
    "run.json of another format": (
        edit("run.json", '"format":3', '"format":1'),
        "by another version (format 1, not 3)",
    ),
    "run.json cut off": (cut("run.json", 100), "run.json is damaged"),
    "run.json with a key that there is not": (edit("run.json", '"seed"', '"seeds"'), "run.json is damaged"),
    "trials.csv cut off": (cut("trials.csv", -60), "trials.csv, line "),
    "trials.csv without its last row": (cut_row, "run.json says complete, and trials.csv lacks b03-quart-u16"),
    "trials.csv gone": (remove("trials.csv"), "has no finished trial"),
    "a figure edited to nonsense": (edit("trials.csv", "204.0", "fast"), "'latency_mean_ms': 'fast' is wrong"),
    "a count edited": (edit("trials.csv", ",500,", ",501,"), "it holds 500 ok answers, trials.csv 501"),
    "histograms cut off": (cut(HISTOGRAM, 250), f"{HISTOGRAM} is damaged"),
    "histograms gone": (remove(HISTOGRAM), f"cannot read .*{HISTOGRAM}"),
    "histograms of another trial": (fewer, "it holds 499 ok answers, trials.csv 500"),
    "histograms of another encoding": (edit(HISTOGRAM, "HISTFAAA", "HISTAAAA"), f"{HISTOGRAM} is damaged"),
}
PAIRS = {
    "a metric that there is not": (edit("run.json", '"throughput"', '"speed"'), r"run\.json is damaged: primaries"),
    "a control that is none": (edit("run.json", '"controls":[{', '"controls":[{"x":1,'), r"damaged: controls"),
}


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("damage", [*DAMAGES, *PAIRS])
def test_a_damaged_run_is_an_error_on_either_side(tmp_path: Path, damage: str) -> None:
    good, bad = a_run(tmp_path / "good"), a_run(tmp_path / "bad")
    spoil, said = {**DAMAGES, **PAIRS}[damage]
    spoil(bad)

    for sides in ((good, bad), (bad, good)):
        with pytest.raises(UsageError) as raised:
            compare(*sides)
        assert raised.match(said.replace("(", r"\(").replace(")", r"\)"))
        assert raised.value.hint


@pytest.mark.parametrize("verb", ["compare", "report"])
def test_the_command_exits_with_2_and_overwrites_nothing(tmp_path: Path, verb: str) -> None:
    good, bad = a_run(tmp_path / "good"), a_run(tmp_path / "bad")
    fewer(bad)
    (bad / "report.md").write_text("the old report")
    before = contents(tmp_path)

    sides = [good, bad] if verb == "compare" else [bad]
    ended = subprocess.run([sys.executable, "-m", "harness", verb, *map(str, sides)], capture_output=True, text=True)

    assert ended.returncode == 2
    assert ended.stderr.startswith(f"error: {bad / HISTOGRAM} is damaged: of b01-quart-u16 it holds 499 ok answers")
    assert "hint: " in ended.stderr
    assert contents(tmp_path) == before


def test_a_table_can_be_compared_where_the_histograms_are_gone_and_the_error_says_so(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    (run / HISTOGRAM).unlink()

    with pytest.raises(UsageError) as raised:
        compare(run, run)

    assert f"{run / 'trials.csv'} alone can be compared" in raised.value.hint
    assert compare(run / "trials.csv", run / "trials.csv").rows


@pytest.mark.parametrize(("p99_bound", "code"), [("1s", 0), ("1ms", 1)])
def test_a_missed_threshold_exits_with_1(tmp_path: Path, p99_bound: str, code: int) -> None:
    run = str(a_run(tmp_path))
    command = [sys.executable, "-m", "harness", "compare", run, run, "--threshold", f"p99 < {p99_bound}"]

    ended = subprocess.run([*command, "--format", "csv"], capture_output=True, text=True)

    assert ended.returncode == code
    assert f"{'MISSED' if code else 'met   '} p99 < {p99_bound} at quart@16" in ended.stderr


def test_runs_of_different_plans_exit_with_2(tmp_path: Path) -> None:
    trials = [make_trial("quart", 16)]
    a, b = (str(write_run(tmp_path / name, trials, seed=seed)) for name, seed in (("a", 1), ("b", 2)))

    ended = subprocess.run([sys.executable, "-m", "harness", "compare", a, b], capture_output=True, text=True)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("error: A and B are runs of different plans: seed is 1 in A and 2 in B\nhint: ")
