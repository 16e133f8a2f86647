import shutil
from pathlib import Path

import pytest
from compare_inputs import (
    LOCUST_2,
    WRONG_CALLS,
    make_trial,
    write_first_run,
    write_run,
    write_second_run,
    write_trials,
)

from harness.compare.metrics import KNOWN
from harness.compare.read import read_side
from harness.compare.sides import Key, Side
from harness.errors import UsageError
from harness.facts.point import users
from harness.facts.trial import Trial


def figures(side: Side, key: Key) -> dict[str, float]:
    return {metric.name: value for metric, value in side.rows[key].values.items()}


def error_of(path: Path) -> UsageError:
    with pytest.raises(UsageError) as raised:
        read_side(path)
    assert raised.value.hint
    return raised.value


def edited(tmp_path: Path, old: str, new: str) -> Path:
    path = write_trials(tmp_path / "trials.csv", [make_trial("quart", 1)])
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return path


def test_counts_are_sums_and_the_rest_is_the_median_of_the_valid_trials(tmp_path: Path) -> None:
    trials = [
        make_trial("quart", 1, 1, window_ok=100, window_failed=0, throughput_rps=10.0),
        make_trial("quart", 1, 2, window_ok=80, window_failed=20, throughput_rps=30.0),
        make_trial("quart", 1, 3, window_ok=100, window_failed=0, throughput_rps=11.0),
        make_trial("quart", 1, 4, window_ok=9, throughput_rps=999.0, status="invalid", reasons=WRONG_CALLS),
    ]

    side = read_side(write_trials(tmp_path / "trials.csv", trials))

    found = figures(side, ("quart", users(1)))
    assert (found["trials"], found["requests"], found["failures"]) == (3, 300, 20)
    assert found["failure_share"] == pytest.approx(100 * 20 / 300)
    assert found["throughput"] == pytest.approx((10 * 30 * 11) ** (1 / 3))
    assert side.rows["quart", users(1)].marks == {KNOWN["p95"]: "few", KNOWN["p99"]: "few"}
    assert side.notes == ("invalid and left out: 1 of 4 trials",)


def test_a_figure_that_no_trial_has_is_absent(tmp_path: Path) -> None:
    trials = [make_trial("quart", 1, block, latency_p99_ms=None, pss_mib=pss) for block, pss in ((1, None), (2, 70.0))]

    found = figures(read_side(write_trials(tmp_path / "trials.csv", trials)), ("quart", users(1)))

    assert "p99" not in found
    assert found["pss"] == 70


def test_a_point_without_a_valid_trial_has_a_reason_and_no_row(tmp_path: Path) -> None:
    side = read_side(write_second_run(tmp_path))

    assert ("quart", users(300)) not in side.rows
    assert side.reason(("quart", users(300))) == f"1 trial, none valid: {WRONG_CALLS}"


def test_a_point_beyond_the_limit_has_a_reason_and_no_row(tmp_path: Path) -> None:
    side = read_side(write_first_run(tmp_path))

    assert ("flask-sync-4", users(300)) not in side.rows
    assert side.reason(("flask-sync-4", users(300))) == "beyond the lane's limit, with a wait of 15.0 s"


@pytest.mark.parametrize(("status", "words"), [("interrupted", "was interrupted"), ("running", "or was killed")])
def test_an_unfinished_run_is_read_and_says_so(tmp_path: Path, status: str, words: str) -> None:
    side = read_side(write_run(tmp_path, [make_trial("quart", 1)], status=status, plan=["b01", "b02"]))

    assert ("quart", users(1)) in side.rows
    assert words in side.notes[0]
    assert side.notes[0].endswith("1 trial of 2 planned")


def test_a_table_and_a_folder_without_run_json_hold_the_same_rows(tmp_path: Path) -> None:
    folder = write_first_run(tmp_path / "run")
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "trials.csv").write_text((folder / "trials.csv").read_text())

    assert read_side(folder / "trials.csv").rows == read_side(copy).rows
    assert read_side(folder).rows.keys() == read_side(copy).rows.keys()


def test_columns_that_are_not_ours_are_left_out(tmp_path: Path) -> None:
    path = write_trials(tmp_path / "trials.csv", [make_trial("quart", 1)])
    header, row = path.read_text().splitlines()
    path.write_text(f"{header},remark\n{row},good\n")

    assert ("quart", users(1)) in read_side(path).rows


def test_a_run_without_a_finished_trial_is_an_error(tmp_path: Path) -> None:
    (write_first_run(tmp_path) / "trials.csv").unlink()

    error = error_of(tmp_path)

    assert "has no finished trial" in str(error)
    assert f"RESUME={tmp_path}" in error.hint


def test_a_damaged_run_json_is_an_error(tmp_path: Path) -> None:
    (write_first_run(tmp_path) / "run.json").write_text('{"format": 1')

    assert "run.json is damaged" in str(error_of(tmp_path))


@pytest.mark.parametrize("column", [name for name, field in Trial.model_fields.items() if field.is_required()])
def test_each_missing_column_is_named(tmp_path: Path, column: str) -> None:
    path = edited(tmp_path, column, "other") if column == "started_utc" else _without(tmp_path, column)

    assert column in str(error_of(path)).partition("lacks columns: ")[2].split(", ")


def _without(tmp_path: Path, column: str) -> Path:
    path = write_trials(tmp_path / "trials.csv", [make_trial("quart", 1)])
    header, row = path.read_text().splitlines()
    columns = ["other" if name == column else name for name in header.split(",")]
    path.write_text(f"{','.join(columns)}\n{row}\n")
    return path


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        (",valid,", ",vaild,", "status"),
        (",200.0,", ",fast,", "throughput_rps"),
        (",200.0,", ",nan,", "throughput_rps"),
        (",500,", ",-500,", "window_ok"),
        (",closed,", ",ajar,", "load"),
    ],
)
def test_a_wrong_cell_is_named_with_line_and_column(tmp_path: Path, old: str, new: str, column: str) -> None:
    error = error_of(edited(tmp_path, old, new))

    assert f"line 2, column '{column}': '{new.strip(',')}' is" in str(error)


def test_a_trial_that_is_there_twice_is_an_error(tmp_path: Path) -> None:
    path = write_trials(tmp_path / "trials.csv", [make_trial("quart", 1)] * 2)

    assert "lines 2 and 3 are both trial b01-quart-u1" in str(error_of(path))


def test_a_table_of_two_scenarios_is_an_error(tmp_path: Path) -> None:
    trials = [make_trial("quart", 1), make_trial("quart", 4, scenario="city")]

    assert "mixes the scenarios city, sun" in str(error_of(write_trials(tmp_path / "trials.csv", trials)))


def test_a_table_that_was_cut_off_is_an_error(tmp_path: Path) -> None:
    path = write_trials(tmp_path / "trials.csv", [make_trial("quart", 1), make_trial("quart", 4)])
    path.write_text(path.read_text()[:-40])

    assert "line 3" in str(error_of(path))


def test_a_table_without_a_row_is_an_error(tmp_path: Path) -> None:
    assert "has a header and no row" in str(error_of(write_trials(tmp_path / "trials.csv", [])))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b"\n \r\n\t\n", "is empty"),
        (bytes(range(256)), "is not text"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is not text"),
        ("Type,Name\n".encode("utf-16"), "lacks columns"),
        (b'{"stats": []}', "is JSON"),
        (b"PK\x03\x04workbook", "is a workbook"),
        (b"\x1f\x8bpacked", "is packed with gzip and damaged"),
        (b"Type,Name,Name\n1,2,3\n", "more than one column 'Name'"),
        (b'a,b\n"' + b"x" * 200_000 + b'",1\n', "field larger than field limit"),
    ],
)
def test_what_is_no_table_is_an_error(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "some.csv"
    path.write_bytes(content)

    assert problem in str(error_of(path))


@pytest.mark.parametrize("name", ["missing", "missing.csv", "missing/deeper", "x" * 300])
def test_a_path_that_leads_nowhere_is_an_error(tmp_path: Path, name: str) -> None:
    assert name in str(error_of(tmp_path / name))


def test_a_folder_with_nothing_to_compare_is_an_error(tmp_path: Path) -> None:
    assert "has no run of ours and no Locust report" in str(error_of(tmp_path))


def test_a_folder_with_several_reports_is_an_error_that_names_one(tmp_path: Path) -> None:
    for name in ("b_stats.csv", "a_stats.csv"):
        shutil.copy(LOCUST_2, tmp_path / name)
    (tmp_path / "a_stats_history.csv").touch()

    error = error_of(tmp_path)

    assert "2 Locust reports" in str(error)
    assert str(tmp_path / "a_stats.csv") in error.hint
