"""More than two runs: a table and charts over time, and the newest against the one before."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from compare_inputs import LOCUST_1, LOCUST_2
from locust_reports import line, report
from running import ROOT, in_process

from harness.compare import How, compare_runs, render, runs_in
from harness.errors import UsageError

RATES = {"first": 100.0, "second": 50.0, "it's the third": 75.0}


@pytest.fixture
def runs(tmp_path: Path) -> list[Path]:
    return [report(tmp_path / "runs" / name / "x_stats.csv", 200, rps=rps).parent for name, rps in RATES.items()]


def test_the_newest_run_is_compared_with_the_one_before(runs: list[Path]) -> None:
    comparison = compare_runs([str(run) for run in runs])

    throughput = {metric.name: figure for metric, figure in comparison.rows[0].figures.items()}["throughput"]
    assert throughput.ratio == pytest.approx(75 / 50)
    assert [side.name for side in comparison.runs] == [str(run) for run in runs]


def test_text_has_a_line_and_a_bar_from_zero_for_each_run(runs: list[Path]) -> None:
    lines = render(compare_runs([str(run) for run in runs])).splitlines()

    of_aggregated = lines[lines.index("Aggregated") :]
    bars = {line.split("  ")[0]: line.count("█") for line in of_aggregated if "█" in line}
    assert bars == {"1 first": 20, "2 second": 15, "3 it's the third": 17}  # p95 has ten in each


@pytest.mark.parametrize("named", [["{0}/*"], ["{0}/first", "{0}/it's the third", "{0}/second"]])
def test_a_pattern_alone_stands_for_the_runs_that_it_names(named: list[str], tmp_path: Path) -> None:
    for name, rps in RATES.items():
        report(tmp_path / name / "x_stats.csv", 200, rps=rps)

    comparison = compare_runs([run.format(tmp_path) for run in named])

    assert [Path(side.name).name for side in comparison.runs] == ["first", "it's the third", "second"]


def test_the_command_takes_quoted_paths_and_checks_the_newest(runs: list[Path]) -> None:
    named = f'{runs[0]} {runs[1]} "{runs[2]}"'

    ended = in_process("compare", "--runs", named, "--threshold", "Aggregated: throughput ratio >= 1.6")

    assert ended.returncode == 1, ended.stderr
    assert "MISSED" in ended.stdout


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("", "", None), "A and B to compare: not given"),
        (("a", "", None), "B to compare: not given"),
        (("a", "b", "c d e"), "not both"),
        (("", "", "it's one"), "no list of runs"),
    ],
)
def test_what_is_not_given_is_named(given: tuple[str, str, str | None], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        runs_in(*given)


@pytest.mark.parametrize("text", ["", "one"])
def test_one_run_alone_is_an_error(text: str, runs: list[Path]) -> None:
    with pytest.raises(UsageError, match="one run alone"):
        compare_runs([str(runs[0])] if text else [])


def test_json_and_csv_have_every_run(runs: list[Path]) -> None:
    comparison = compare_runs([str(run) for run in runs], how=How(rows="GET *"))

    document = json.loads(render(comparison, "json"))
    lines = list(csv.DictReader(io.StringIO(render(comparison, "csv"))))

    in_json = [run["rows"][0]["metrics"]["throughput"]["value"] for run in document["runs"]]
    in_csv = [float(line["value"]) for line in lines if line["metric"] == "throughput"]
    assert in_json == in_csv == list(RATES.values())
    assert {line["name"] for line in lines} == {"/a"}


def test_the_page_is_one_file_with_charts_and_escapes_foreign_names(tmp_path: Path) -> None:
    for name, rps in RATES.items():
        report(tmp_path / name / "x_stats.csv", 200, rps=rps, more=line("GET", "/<script>alert(1)</script>", 100))

    page = render(compare_runs([f"{tmp_path}/*"]), "html")

    assert page.startswith("<!doctype html>")
    assert 'data-chart="throughput"' in page
    assert "<script>alert" not in page
    assert "src=" not in page.replace("img-src", "")


def test_single_reports_are_compared_without_statistics_and_charts() -> None:
    program = (
        "import sys; from harness.compare import compare, render; "
        f"render(compare({str(LOCUST_1)!r}, {str(LOCUST_2)!r})); "
        "print({'numpy', 'scipy', 'altair', 'pydantic'} & set(sys.modules))"
    )

    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert ended.stdout == "set()\n"
