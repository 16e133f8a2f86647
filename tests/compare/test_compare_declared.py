"""The thresholds of bench.toml: before a run, at its end, and in a comparison."""

from pathlib import Path

import pytest
from bounds import WIDE, config_of
from compare_inputs import make_trial, write_run, write_trials

from harness.compare import check_run, compare, outcome_lines, reject_impossible
from harness.errors import UsageError
from harness.facts.parsing import parse_config
from harness.store.read_run import read_run

LANES = ("flask-sync-4", "quart")


def run_with(folder: Path, *thresholds: str) -> Path:
    return write_run(
        folder,
        [make_trial("quart", users, block) for users in (1, 16) for block in (1, 2, 3)],
        config=config_of(thresholds=thresholds),
    )


@pytest.mark.parametrize(
    "text", ["p99 < 500ms", "quart: p95 < 1s", "quart@300: throughput > 900/s", "quart@475.5/s: p50 < 1s", "pss < 9MiB"]
)
def test_what_a_run_can_be_held_to_is_accepted(text: str) -> None:
    reject_impossible([text], LANES)


@pytest.mark.parametrize(
    ("text", "problem", "hint"),
    [
        ("p99", "is not a threshold", "write it like"),
        ("p99 < 0ms", "missed by every possible value", "correct the number"),
        ("quart: p99 ratio < 1.1", "compares two runs, and bench.toml is about one", "--threshold"),
        ("quarts: p99 < 1s", "there is no lane (in thresholds: 'quarts: p99 < 1s') 'quarts'", "did you mean 'quart'?"),
        ("quart@many: p99 < 1s", "'many' is no point", "arrivals a second like quart@475/s"),
        ("quart@: p99 < 1s", "'' is no point", "users like quart@300"),
        ("quart@300.0: p99 < 1s", "'300.0' is no point", "users like quart@300"),
        ("@300: p99 < 1s", "there is no lane", "known: flask-sync-4, quart"),
        ("quart: p99.9 < 1s", "no metric of a run", "did you mean 'p99'?"),
    ],
)
def test_what_no_run_can_be_held_to_is_an_error_before_it(text: str, problem: str, hint: str) -> None:
    with pytest.raises(UsageError) as raised:
        reject_impossible(["p99 < 500ms", text], LANES)

    assert problem in str(raised.value)
    assert hint in raised.value.hint


def test_bench_toml_may_declare_thresholds() -> None:
    text = 'thresholds = ["p99 < 500ms"]\nscenarios.sun.routes = [{ path = "/" }]\nlanes = {}\nprofiles = {}\n'

    assert parse_config(text + WIDE).thresholds == ("p99 < 500ms",)


def test_a_run_is_checked_against_its_own_thresholds(tmp_path: Path) -> None:
    run = run_with(tmp_path, "quart: p95 < 205ms", "quart@16: throughput >= 200/s")

    found = [(outcome.label, outcome.met) for outcome in check_run(read_run(run))]

    assert found == [("quart@1", False), ("quart@16", False), ("quart@16", True)]


def test_what_a_run_did_not_measure_is_not_checked_and_not_silent(tmp_path: Path) -> None:
    broken = [make_trial("quart", 300, status="invalid", reasons="late")]
    run = write_run(tmp_path, broken, config=config_of(thresholds=("quart: p95 < 1s", "flask: p95 < 1s")))

    outcomes = check_run(read_run(run))

    assert [outcome.met for outcome in outcomes] == [None, None]
    assert [line for _, line in outcome_lines(outcomes)] == [
        "not checked quart: p95 < 1s at quart@300 (this run does not have the row (1 trial, none valid: late))",
        "not checked flask: p95 < 1s (this run did not measure it)",
    ]


def test_a_comparison_checks_what_side_b_declared(tmp_path: Path) -> None:
    strict, without = run_with(tmp_path / "strict", "quart@16: p95 < 205ms"), run_with(tmp_path / "without")

    assert [outcome.threshold for outcome in compare(without, strict).missed] == ["quart@16: p95 < 205ms"]
    assert compare(strict, without).outcomes == ()


def test_thresholds_that_are_given_replace_those_of_side_b(tmp_path: Path) -> None:
    strict = run_with(tmp_path, "quart@16: p95 < 205ms")

    assert [one.threshold for one in compare(strict, strict, ["p95 < 1s"]).outcomes] == ["p95 < 1s", "p95 < 1s"]
    assert compare(strict, strict / "trials.csv").outcomes == ()


def test_a_point_that_only_side_a_has_is_none_of_side_bs_thresholds(tmp_path: Path) -> None:
    b = write_run(
        tmp_path / "b", [make_trial("quart", 16), make_trial("flask", 16)], config=config_of(thresholds=("p50 < 1s",))
    )
    a = write_run(tmp_path / "a", [make_trial("quart", users) for users in (1, 16)])

    assert [(outcome.label, outcome.met) for outcome in compare(a, b).outcomes] == [
        ("quart@16", True),
        ("flask@16", True),
    ]


def test_thresholds_that_are_no_texts_are_an_error(tmp_path: Path) -> None:
    run = write_run(tmp_path, [make_trial("quart", 1)])
    described = (run / "run.json").read_text()
    (run / "run.json").write_text(described.replace('"thresholds":[]', '"thresholds":5'))

    with pytest.raises(UsageError, match=r"run\.json is damaged: config\.thresholds"):
        compare(run, run)


def test_a_table_alone_declares_nothing(tmp_path: Path) -> None:
    path = write_trials(tmp_path / "trials.csv", [make_trial("quart", 1)])

    assert compare(path, path).outcomes == ()
