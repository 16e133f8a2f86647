"""The rendered text is compared with files; `REWRITE_GOLDEN=1 pytest tests/compare` writes them anew."""

import csv
import io
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from bounds import config_of
from compare_inputs import (
    LOCUST_1,
    LOCUST_2,
    make_trial,
    write_first_run,
    write_open_run,
    write_second_run,
    write_trials,
    write_verdict_run,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from harness.compare import FORMATS, Comparison, compare, render
from harness.compare.comparison import match
from harness.compare.metrics import KNOWN
from harness.compare.sides import Key, Row, Side
from harness.errors import UsageError

GOLDEN = Path(__file__).parent / "golden"
FOREIGN = st.text(max_size=30) | st.sampled_from(
    ["=1+1", "+x", "-x", "@x", "\t=x", "a|b", "\x1b[31m", "<b>", "`*_", "[x]"]
)
GOLDEN_FILES = {
    "80.txt": ("text", 80),
    "120.txt": ("text", 120),
    "json": ("json", 100),
    "md": ("markdown", 100),
    "csv": ("csv", 100),
}


def locust_pair(_: Path) -> Comparison:
    here = Path(__file__).parent
    a, b = (path.relative_to(here) for path in (LOCUST_1, LOCUST_2))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(here)
        return compare(a, b, ["Aggregated: p99 < 500ms", "GET /api/sun/97201/us: throughput ratio >= 1.5"])


def run_pair(folder: Path) -> Comparison:
    write_first_run(folder / "before")
    write_second_run(folder / "after")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return compare(Path("before"), Path("after"), ["quart@16: p95 < 500ms", "flask-sync-4@16: failure_share < 1%"])


def verdict_pair(folder: Path) -> Comparison:
    write_verdict_run(folder / "before")
    write_verdict_run(folder / "after", quart=0.9, flask=1.04)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return compare(Path("before"), Path("after"))


def open_pair(folder: Path) -> Comparison:
    thresholds = ["quart: p99 < 1s", "quart: p95 < 300ms"]
    write_open_run(folder / "before")
    write_open_run(folder / "after", quart=0.9, config=config_of(thresholds=thresholds))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return compare(Path("before"), Path("after"))


def named(*names: str) -> Comparison:
    rows: dict[Key, Row] = {
        ("GET", name): Row({KNOWN["mean"]: 1.5, KNOWN["p99"]: 2}, {KNOWN["p99"]: "few"}) for name in names
    }
    side = Side("a|b=\x1b[1m", "locust", "made up", rows)
    return match(side, side)


@pytest.mark.parametrize("pair", [locust_pair, run_pair, verdict_pair, open_pair])
@pytest.mark.parametrize("name", ["80.txt", "120.txt", "json", "md", "csv"])
def test_the_rendering_is_the_reviewed_one(tmp_path: Path, pair: Callable[[Path], Comparison], name: str) -> None:
    form, width = GOLDEN_FILES[name]
    rendered = render(pair(tmp_path), form, width=width)

    golden = GOLDEN / f"{pair.__name__}.{name}"
    if os.environ.get("REWRITE_GOLDEN"):
        golden.write_text(rendered)
    assert rendered == golden.read_text()


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_ends_in_one_newline(form: str) -> None:
    assert re.search(r"[^\n]\n\Z", render(compare(LOCUST_1, LOCUST_2), form))


def test_an_unknown_format_is_an_error() -> None:
    with pytest.raises(UsageError, match="no format 'yaml'"):
        render(compare(LOCUST_1, LOCUST_1), "yaml")


@pytest.mark.parametrize("width", [80, 100, 120])
def test_text_fits_the_terminal_and_has_no_colour_unless_asked(tmp_path: Path, width: int) -> None:
    for comparison in (
        locust_pair(tmp_path),
        run_pair(tmp_path),
        verdict_pair(tmp_path / "v"),
        open_pair(tmp_path / "o"),
    ):
        lines = render(comparison, width=width).splitlines()

        assert max(map(cell_len, lines)) <= width
        assert not any("\x1b" in line or line != line.rstrip() for line in lines)


@pytest.mark.parametrize("pair", [run_pair, verdict_pair])
def test_colour_adds_nothing_but_escapes(tmp_path: Path, pair: Callable[[Path], Comparison]) -> None:
    comparison = pair(tmp_path)
    plain, coloured = render(comparison), render(comparison, color=True)

    assert plain != coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured).split() == plain.split()


def test_every_row_and_metric_is_in_the_text_once() -> None:
    lines = render(compare(LOCUST_1, LOCUST_2)).splitlines()

    assert sum(line.startswith("p99.9 ") for line in lines) == 3
    assert lines.count("GET /api/sun/97201/us") == 1


def test_one_row_has_no_overview(tmp_path: Path) -> None:
    path = write_trials(tmp_path / "trials.csv", [make_trial("quart", 1)])

    assert "Overview" not in render(compare(path, path))


@settings(deadline=None)
@given(st.lists(FOREIGN, min_size=1, max_size=3, unique=True))
def test_foreign_names_send_nothing_to_the_terminal(names: list[str]) -> None:
    for form in ("text", "markdown", "csv", "json"):
        assert all(sign.isprintable() or sign == "\n" for sign in render(named(*names), form))


@settings(deadline=None)
@given(st.lists(FOREIGN, min_size=1, max_size=3, unique=True))
def test_foreign_names_leave_the_markdown_table_whole(names: list[str]) -> None:
    tables = [block for block in render(named(*names), "markdown").split("\n\n") if block.startswith("|")]

    for table in tables:
        assert len({len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in table.split("\n")}) == 1
    lines = [line for table in tables for line in table.split("\n")]
    assert not any(re.search(r"(?<!\\)(?:\\\\)*[<`]", line) for line in lines)


@settings(deadline=None)
@given(st.lists(FOREIGN, min_size=1, max_size=3, unique=True))
def test_no_foreign_name_is_a_formula_in_a_spreadsheet_and_numbers_stay_numbers(names: list[str]) -> None:
    header, *rows = csv.reader(io.StringIO(render(named(*names), "csv")))

    assert header[:9] == ["method", "name", "metric", "unit", "a", "b", "ratio", "difference", "direction"]
    texts = [cell for row in rows for place, cell in enumerate(row) if header[place] != "difference"]  # a number
    assert not any(text.startswith(("=", "+", "-", "@", "\t", "\r")) for text in texts)
    assert {float(row[4]) for row in rows} == {1.5, 2.0}


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_every_verdict_is_shown_once_and_better_and_worse_are_kept_for_verdicts(tmp_path: Path, form: str) -> None:
    comparison = verdict_pair(tmp_path)
    lines = render(comparison, form).splitlines()

    assert sum("95 % interval 0" in line or "95 % interval 1" in line for line in lines) == 4
    assert sum("3/3" in line for line in lines) == 4
    mean = [line for line in lines if "mean" in line and "geometric" not in line]
    assert mean
    assert not any("better" in line or "worse" in line for line in mean)


def test_the_verdicts_in_json_and_csv_are_those_of_the_comparison(tmp_path: Path) -> None:
    comparison = verdict_pair(tmp_path)
    document = json.loads(render(comparison, "json"))
    rows = list(csv.DictReader(io.StringIO(render(comparison, "csv"))))

    words = [(verdict.label, verdict.metric, verdict.word) for verdict in comparison.verdicts]
    assert [(one["row"], one["metric"], one["verdict"]) for one in document["verdicts"]] == words
    written = {(f"{row['lane']}@{row['point']}", row["metric"], row["verdict"]) for row in rows if row["verdict"]}
    assert written == set(words)
    assert document["worse"] == len(comparison.worse) == 2


def test_foreign_lanes_and_reasons_send_nothing_to_the_terminal(tmp_path: Path) -> None:
    good, bad = make_trial("a\x1b[2J", 1), make_trial("b\x9b", 1, status="invalid", reasons="late\x1b]0;x\x07")
    path = write_trials(tmp_path / "trials.csv", [good, bad])

    for form in FORMATS:
        assert all(sign.isprintable() or sign == "\n" for sign in render(compare(path, path), form))


def test_json_has_the_values_as_they_were_read() -> None:
    document = json.loads(render(compare(LOCUST_1, LOCUST_2, ["Aggregated: p99 < 300ms"]), "json"))

    (sun,) = (row for row in document["rows"] if row["name"] == "/api/sun/97201/us")
    assert (sun["method"], sun["row"]) == ("GET", "GET /api/sun/97201/us")
    assert sun["metrics"]["mean"] == {
        "a": 212,
        "b": 204.1172819922,
        "ratio": pytest.approx(204.1172819922 / 212),
        "difference": pytest.approx(204.1172819922 - 212),
        "direction": "better",
        "mark_a": None,
        "mark_b": None,
    }
    assert document["metrics"]["throughput"] == {"unit": "req/s", "better": "higher"}
    assert document["thresholds"] == [
        {
            "threshold": "Aggregated: p99 < 300ms",
            "row": "Aggregated",
            "of": "b",
            "value": 370,
            "mark": None,
            "met": False,
            "why": None,
        }
    ]
    assert document["missed"] == 1


def test_a_name_in_json_is_the_name_that_was_read() -> None:
    document = json.loads(render(named("a|b\t=\x1b"), "json"))

    assert document["rows"][0]["name"] == "a|b\t=\x1b"
