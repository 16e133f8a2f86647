"""Reports in the shapes that people have: other Locusts, other encodings, saved again by a spreadsheet or by pandas."""

import gzip
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.compare.metrics import KNOWN, percentile
from harness.compare.read import read_side
from harness.compare.sides import AGGREGATED, Side
from harness.errors import UsageError

HEADER = (
    "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,"
    "Max Response Time,Average Content Size,Requests/s,Failures/s,50%,95%,99%,100%"
)
FIGURES = "4000,0,31.5,33.25,6,410,256,66.5,0.0,31,62,120,410"
ROWS = (f"GET,/orders,{FIGURES}", f"POST,/orders,{FIGURES}", f",Aggregated,{FIGURES.replace('4000', '8000')}")
REPORT = "\n".join((HEADER, *ROWS))
QUOTED = HEADER.replace(",", '","').join('""')
OLD = HEADER.replace("Request Count", "# requests").replace("Failure Count", "# failures").replace("Type", "Method")
BEFORE_014 = OLD.partition(",Failures/s")[0]
OLD_FIGURES = FIGURES.partition(",0.0,")[0]


def beside(*columns: Iterable[str]) -> bytes:
    """Return lines with the cells of these columns beside one another."""
    return "\n".join(map(",".join, zip(*columns, strict=True))).encode()


def spoken(side: Side) -> dict[tuple[str, str], tuple[float, ...]]:
    """Return what counts in each row: requests, throughput and p95."""
    shown = (KNOWN["requests"], KNOWN["throughput"], percentile(95))
    return {(str(key[0]), str(key[1])): tuple(row.values[metric] for metric in shown) for key, row in side.rows.items()}


EXPECTED = {
    ("GET", "/orders"): (4000, 66.5, 62),
    ("POST", "/orders"): (4000, 66.5, 62),
    AGGREGATED: (8000, 66.5, 62),
}
SHAPES: dict[str, bytes] = {
    "as Locust writes it": REPORT.encode(),
    "with a byte order mark": REPORT.encode("utf-8-sig"),
    "UTF-16 with a mark": REPORT.encode("utf-16"),
    "UTF-16 without a mark": REPORT.encode("utf-16-le"),
    "UTF-16, the other way round": REPORT.encode("utf-16-be"),
    "semicolons": REPORT.replace(",", ";").encode(),
    "semicolons and decimal commas": REPORT.replace(",", ";").replace(".", ",").encode(),
    "semicolons, decimal commas and points for thousands": (
        REPORT.replace(",", ";").replace(".", ",").replace("8000", "8.000").replace("4000", "4.000").encode()
    ),
    "semicolons and commas for thousands": REPORT.replace(",", ";").replace("8000", "8,000").encode(),
    "tabs and decimal commas": REPORT.replace(",", "\t").replace(".", ",").encode(),
    "tabs": REPORT.replace(",", "\t").encode(),
    "a spreadsheet's Unicode text": REPORT.replace(",", "\t").replace("\n", "\r\n").encode("utf-16"),
    "separators of thousands": REPORT.replace("8000", '"8,000"').encode(),
    "scientific": REPORT.replace("8000", "8.00E+03").encode(),
    "trailing commas": REPORT.replace("\n", ",,,\n").encode() + b",,,",
    "rows that are blank": REPORT.encode() + b"\n,,,,,,,,,,,,,,\n\n",
    "an index of pandas": beside(("", "0", "1", "2"), REPORT.split("\n")),
    "floats of pandas": REPORT.replace("4000", "4000.0").replace("8000", "8000.0").encode(),
    "a type that is nan": REPORT.replace("\n,Agg", "\nnan,Agg").encode(),
    "percentiles as 95.00%": REPORT.replace("95%", "95.00%").encode(),
    "percentiles as fractions": REPORT.replace("50%,95%,99%,100%", "0.5,0.95,0.99,1").encode(),
    "an old Mac's line ends": REPORT.replace("\n", "\r").encode(),
    "Windows' doubled line ends": REPORT.replace("\n", "\r\r\n").encode(),
    "packed": gzip.compress(REPORT.encode()),
    "a column of one's own": beside(REPORT.split("\n"), ("build", "a", "a", "a")),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_report_says_the_same_in_every_shape(tmp_path: Path, shape: str) -> None:
    path = tmp_path / "run_stats.csv"
    path.write_bytes(SHAPES[shape])

    assert spoken(read_side(path)) == EXPECTED


@given(
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    delimiter=st.sampled_from(",;\t"),
    line_end=st.sampled_from(["\n", "\r\n", "\r\r\n", "\r"]),
    names=st.lists(
        st.text("/aä日 {}?=&", min_size=1, max_size=9).map(lambda name: f"/{name}."), min_size=1, unique=True
    ),
)
def test_names_and_figures_survive_every_encoding_and_delimiter(
    tmp_path_factory: pytest.TempPathFactory, encoding: str, delimiter: str, line_end: str, names: list[str]
) -> None:
    path = tmp_path_factory.mktemp("report") / "x_stats.csv"
    lines = [HEADER.replace(",", delimiter), *(delimiter.join(("GET", name, *FIGURES.split(","))) for name in names)]
    path.write_bytes(line_end.join(lines).encode(encoding))

    assert spoken(read_side(path)) == {("GET", name): (4000, 66.5, 62) for name in names}


@pytest.mark.parametrize(
    ("encoding", "name"), [("cp1252", "/größe ½"), ("gb18030", "/查看列表"), ("cp1251", "/заказы")]
)
def test_a_windows_code_page_is_told_from_the_names_and_said(tmp_path: Path, encoding: str, name: str) -> None:
    path = tmp_path / "x_stats.csv"
    path.write_bytes(REPORT.replace("/orders", name).encode(encoding))

    side = read_side(path)

    assert ("GET", name) in side.rows
    assert any(f"read as {encoding}" in note for note in side.notes)


def test_locust_before_0_14_kept_percentiles_in_a_file_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "x_requests.csv").write_text(
        f'{BEFORE_014}\n"GET","/orders",{OLD_FIGURES}\n"POST","/orders",{OLD_FIGURES}\n'
        f'"None","Total",{OLD_FIGURES.replace("4000", "8000")}'
    )
    (tmp_path / "x_distribution.csv").write_text(
        '"Name","# requests","50%","95%","99%","100%"\n"GET /orders",4000,31,62,120,410\n'
        '"POST /orders",4000,31,62,120,410\n"Total",8000,31,62,120,410'
    )

    for path in (tmp_path, tmp_path / "x", tmp_path / "x_requests.csv"):
        assert spoken(read_side(path)) == EXPECTED


@pytest.mark.parametrize(("distribution", "said"), [(None, "is not there"), (77, "is of another run")])
def test_a_distribution_that_is_missing_or_of_another_run_is_said(
    tmp_path: Path, distribution: int | None, said: str
) -> None:
    (tmp_path / "x_requests.csv").write_text(f"{BEFORE_014}\nGET,/orders,{OLD_FIGURES}\n")
    if distribution:
        text = f'"Name","# requests","50%","95%","100%"\n"GET /orders",{distribution},31,62,410\n'
        (tmp_path / "x_distribution.csv").write_text(text)

    side = read_side(tmp_path)

    assert percentile(95) not in side.rows["GET", "/orders"].values
    assert any(said in note for note in side.notes)


def test_locust_0_4_misspelled_its_rate(tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text(f"{BEFORE_014.replace('Requests/s', 'Reqests/s')}\nGET,/orders,{OLD_FIGURES}")

    assert read_side(tmp_path / "old.csv").rows["GET", "/orders"].values[KNOWN["throughput"]] == 66.5


def test_quotes_that_old_locust_did_not_escape_are_part_of_the_name(tmp_path: Path) -> None:
    names = ['/find?q="tea"', '{"scenario":"list","size":1}', 'say "hi" now']
    lines = [QUOTED, *(f'"GET","{name}",{FIGURES}' for name in names), f'"None","Aggregated",{FIGURES}']
    (tmp_path / "x_stats.csv").write_text("\n".join(lines))

    assert list(read_side(tmp_path).rows) == [*(("GET", name) for name in names), AGGREGATED]


def test_names_that_differ_in_blanks_or_lines_only_stay_apart(tmp_path: Path) -> None:
    names = ["/a", "/a ", '"query {\n  a\n}"', '"query {\n  b\n}"']
    (tmp_path / "x_stats.csv").write_text("\n".join([HEADER, *(f"POST,{name},{FIGURES}" for name in names)]))

    assert len(read_side(tmp_path).rows) == 4


def test_percentiles_that_the_rows_lack_are_left_out_and_said(tmp_path: Path) -> None:
    short = FIGURES.rpartition(",")[0].rpartition(",")[0]
    (tmp_path / "x_stats.csv").write_text(f"{HEADER}\nGET,/a,{short}\n,Aggregated,{short}")

    side = read_side(tmp_path)

    assert any("percentiles are left out" in note for note in side.notes)
    assert percentile(99) not in side.rows[AGGREGATED].values
    assert side.rows[AGGREGATED].values[KNOWN["throughput"]] == 66.5


def test_several_runs_in_one_file_are_refused_with_the_column_that_tells_them_apart(tmp_path: Path) -> None:
    rows = [f"{HEADER},users", *(f"{row},{users}" for users in (10, 100) for row in ROWS)]
    (tmp_path / "x_stats.csv").write_text("\n".join(rows))

    with pytest.raises(UsageError, match="holds several runs: its column 'users' has 10, 100"):
        read_side(tmp_path)


def test_percentiles_of_another_span_than_the_totals_raise_a_doubt(tmp_path: Path) -> None:
    (tmp_path / "x_stats.csv").write_text(REPORT.replace(",410,256", ",5000,256"))

    assert any("another span" in note for note in read_side(tmp_path).notes)


def test_a_maximum_that_was_rounded_raises_no_such_doubt(tmp_path: Path) -> None:
    (tmp_path / "x_stats.csv").write_text(REPORT.replace("6,410,256", "0.2,1.4,256").replace("120,410", "1,1"))

    assert not any("another span" in note for note in read_side(tmp_path).notes)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("run.json", '{"tool": "another", "profile": "k6"}'),
        ("run.json", "[1]"),
        ("run.json", "{damaged"),
        ("trials.csv", "trial,value\n1,2\n"),
        ("notes.csv", "a\n1\n"),
    ],
)
def test_another_tools_files_beside_a_report_are_not_in_the_way(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / "x_stats.csv").write_text(REPORT)
    (tmp_path / name).write_text(content)

    assert spoken(read_side(tmp_path)) == EXPECTED


@pytest.mark.parametrize("name", ["report.csv", "stats.csv", "requests_1700000000.12.csv"])
def test_the_only_report_of_a_folder_is_found_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(REPORT)
    (tmp_path / "failures_1700000001.5.csv").write_text("Method,Name,Error,Occurrences\n")

    assert spoken(read_side(tmp_path)) == EXPECTED


def test_a_folder_with_the_history_alone_is_told_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "x_stats_history.csv").write_text("Timestamp,User Count,Type,Name\n1,2,,Aggregated\n")

    with pytest.raises(UsageError) as raised:
        read_side(tmp_path)

    assert "*_stats.csv is missing beside x_stats_history.csv" in raised.value.hint


WHOLE = (REPORT.replace("66.5", "66").replace("33.25", "33").replace("31.5", "31").replace("0.0", "0")).replace(
    ",", ";"
)


@pytest.mark.parametrize(
    ("text", "requests", "said"),
    [
        (WHOLE.replace("4000", "4.000"), 4000, "4.000 was read as 4000"),
        (WHOLE.replace("4000", "4.000").replace(";", "\t"), 4, "4.000 was read as 4:"),
        (WHOLE.replace("4000", "4.000").replace(";66;", ";66.5;"), 4, ""),
        (WHOLE.replace("4000", "4.000").replace(";0;", ";0.000;"), 4, ""),
        (WHOLE.replace("4000", "4.000").replace("8000", "8000.000"), 4, ""),
        (WHOLE.replace("4000", "4.000").replace("410;256", "410;1.234.567"), 4000, ""),
        (WHOLE.replace("4000", "4.000").replace(";66;", ";66,5;"), 4000, ""),
    ],
    ids=["semicolons", "tabs", "a decimal", "zeros", "no thousands", "millions", "a decimal comma"],
)
def test_a_point_that_may_be_one_of_thousands_is_decided_by_the_rest_or_said(
    tmp_path: Path, text: str, requests: float, said: str
) -> None:
    path = tmp_path / "x_stats.csv"
    path.write_text(text)

    side = read_side(path)

    assert side.rows["GET", "/orders"].values[KNOWN["requests"]] == requests
    notes = [note for note in side.notes if "was read as" in note]
    assert len(notes) == bool(said)
    assert all(note.startswith(said) for note in notes)


@pytest.mark.parametrize("second", [REPORT, REPORT.replace(",100%", "").replace(",410\n", "\n")])
def test_two_reports_in_one_file_are_refused_with_the_line_where_the_second_begins(tmp_path: Path, second: str) -> None:
    path = tmp_path / "x_stats.csv"
    path.write_text(f"{REPORT}\n{second}\n")

    with pytest.raises(UsageError, match="two reports: line 5 is a header again"):
        read_side(path)
