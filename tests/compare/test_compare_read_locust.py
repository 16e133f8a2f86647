from pathlib import Path

import pytest
from compare_inputs import LOCUST_1, LOCUST_2

from harness.compare.metrics import KNOWN, percentile
from harness.compare.read import read_side
from harness.compare.sides import AGGREGATED, Row
from harness.errors import UsageError

SUN = ("GET", "/api/sun/97201/us")
HEADER = (
    "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,"
    "Max Response Time,Average Content Size,Requests/s,Failures/s,50%,95%,99%,100%"
)
ROW = "GET,/x,10,1,4,4.5,1,9.25,80,2.5,0.25,4,8,9,9"
TOTAL = ",Aggregated,10,1,4,4.5,1,9.25,80,2.5,0.25,4,8,9,9"
NOTHING = ",Aggregated,0,0,0,0.0,0,0,0,0.0,0.0,N/A,N/A,N/A,N/A"
OLD = (
    '"Type","Name","# requests","# failures","Median response time","Average response time","Min response time",'
    '"Max response time","Average Content Size","Requests/s","Requests Failed/s","50%","99%","99.999","100%"'
)


def write(tmp_path: Path, *lines: str, name: str = "run_stats.csv") -> Path:
    path = tmp_path / name
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def figures(row: Row) -> dict[str, float]:
    return {metric.name: value for metric, value in row.values.items()}


def error_of(path: Path) -> UsageError:
    with pytest.raises(UsageError) as raised:
        read_side(path)
    assert raised.value.hint
    return raised.value


def test_a_report_of_locust_2_is_read() -> None:
    side = read_side(LOCUST_2)

    assert list(side.rows) == [("GET", "/api/city/10115/de"), SUN, ("GET", "/api/<place>|new"), AGGREGATED]
    assert side.rows[SUN].marks == {percentile(99.9): "few", percentile(99.99): "few"}
    assert side.rows[SUN].values[KNOWN["throughput"]] == 39.8702239
    assert side.rows[SUN].values[KNOWN["max"]] == 333.1990001
    assert side.rows[SUN].values[percentile(99.9)] == 310


def test_a_report_of_locust_1_has_the_same_rows_and_more_percentiles() -> None:
    side = read_side(LOCUST_1)

    assert {SUN, AGGREGATED} <= side.rows.keys()
    assert side.rows[SUN].values[KNOWN["failures"]] == 4
    assert side.rows[SUN].values[KNOWN["failure_share"]] == pytest.approx(100 * 4 / 1631)
    assert side.rows[SUN].values[percentile(99.999)] == 640


def test_the_columns_of_the_last_0_x_are_known(tmp_path: Path) -> None:
    row = '"GET","/x",10,1,4,5,1,9,80,2.50,0.25,4,9,9,9'
    total = '"None","Total",10,1,4,5,1,9,80,2.50,0.25,4,9,9,9'

    side = read_side(write(tmp_path, OLD, row, total))

    assert figures(side.rows[AGGREGATED]) == {
        "requests": 10,
        "failures": 1,
        "failure_share": 10,
        "throughput": 2.5,
        "mean": 5,
        "p50": 4,
        "p99": 9,
        "p99.999": 9,
        "max": 9,
    }


def test_the_median_column_stands_in_for_a_missing_p50(tmp_path: Path) -> None:
    header, row = HEADER.replace("50%,", ""), ROW.replace("0.25,4,", "0.25,")

    assert read_side(write(tmp_path, header, row)).rows["GET", "/x"].values[percentile(50)] == 4


def test_what_is_not_available_is_absent_and_not_zero(tmp_path: Path) -> None:
    side = read_side(write(tmp_path, HEADER, NOTHING))

    assert figures(side.rows[AGGREGATED]) == {"requests": 0, "failures": 0, "throughput": 0}
    assert side.notes == ("not one request was made",)


def test_an_empty_cell_is_absent(tmp_path: Path) -> None:
    row = ROW.replace(",9.25,", ",,")

    assert KNOWN["max"] not in read_side(write(tmp_path, HEADER, row)).rows["GET", "/x"].values


@pytest.mark.parametrize("given", ["run", "run_stats.csv", ""])
def test_file_prefix_and_folder_name_the_same_report(tmp_path: Path, given: str) -> None:
    write(tmp_path, HEADER, ROW, TOTAL)
    write(tmp_path, "Count,Message,Traceback,Nodes", name="run_exceptions.csv")

    assert list(read_side(tmp_path / given).rows) == [("GET", "/x"), AGGREGATED]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
def test_byte_order_mark_and_line_ends_do_not_matter(tmp_path: Path, mark: str, end: str) -> None:
    path = tmp_path / "run_stats.csv"
    path.write_bytes((mark + end.join([HEADER, ROW, TOTAL, ""])).encode())

    assert figures(read_side(path).rows[AGGREGATED])["p99"] == 9


def test_quoted_and_empty_names_are_kept(tmp_path: Path) -> None:
    quoted = ROW.replace("/x", '"/x?a=1,2&b=""c"""')
    unnamed = ROW.replace("GET,/x", ",")

    assert list(read_side(write(tmp_path, HEADER, quoted, unnamed)).rows) == [("GET", '/x?a=1,2&b="c"'), ("", "")]


def test_a_request_that_is_called_aggregated_is_not_the_total(tmp_path: Path) -> None:
    named = ROW.replace("/x", "Aggregated")

    assert list(read_side(write(tmp_path, HEADER, named, TOTAL)).rows) == [("GET", "Aggregated"), AGGREGATED]


def test_a_report_without_its_last_row_raises_a_doubt(tmp_path: Path) -> None:
    side = read_side(write(tmp_path, HEADER, ROW))

    assert any("was cut off or edited" in note for note in side.notes)


def test_rounded_percentiles_and_counted_failures_raise_doubts(tmp_path: Path) -> None:
    rounded, failures = read_side(write(tmp_path, HEADER, ROW, TOTAL)).notes

    assert "rounded" in rounded
    assert "failed requests count" in failures


def test_exact_percentiles_raise_no_doubt(tmp_path: Path) -> None:
    exact = TOTAL.replace(",4,8,9,9", ",4.25,8.5,9.125,9.25").replace(",10,1,", ",10,0,")

    assert read_side(write(tmp_path, HEADER, exact)).notes == ()


@pytest.mark.parametrize(
    ("header", "ending"),
    [
        ("Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,Total Request Count", "stats_history"),
        ("Method,Name,Error,Occurrences", "failures"),
        ("Method,Name,Error,Occurrences,First Seen,Last Seen", "failures"),
        ("Count,Message,Traceback,Nodes", "exceptions"),
    ],
)
def test_another_report_of_locust_is_named_with_the_right_file(tmp_path: Path, header: str, ending: str) -> None:
    right = write(tmp_path, HEADER, TOTAL)
    wrong = write(tmp_path, header, name=f"run_{ending}.csv")

    error = error_of(wrong)

    assert f"is Locust's ..._{ending}.csv" in str(error)
    assert error.hint == f"give {right}"


def test_another_report_under_another_name_is_recognised_by_its_columns(tmp_path: Path) -> None:
    error = error_of(write(tmp_path, "Method,Name,Error,Occurrences", name="mine.csv"))

    assert error.hint == "give the ..._stats.csv of the same run"


def test_the_csv_of_another_tool_is_told_which_columns_it_lacks(tmp_path: Path) -> None:
    error = error_of(write(tmp_path, "timeStamp,elapsed,label,responseCode", "1,2,a,200", name="jmeter.csv"))

    assert "lacks columns: Type, Name, Request Count" in str(error)


def test_one_missing_column_is_named(tmp_path: Path) -> None:
    error = error_of(write(tmp_path, HEADER.replace("Request Count", "Requests"), ROW))

    assert str(error).endswith("lacks columns: Request Count")


@pytest.mark.parametrize("cell", ["ten", "1,5", "inf", "-1", "1 000"])
def test_a_cell_that_is_no_figure_is_named_with_line_and_column(tmp_path: Path, cell: str) -> None:
    error = error_of(write(tmp_path, HEADER, ROW, TOTAL.replace(",4.5,", f',"{cell}",')))

    assert f"line 3, column 'Average Response Time': {cell!r} is not" in str(error)


def test_a_count_that_is_not_available_is_an_error(tmp_path: Path) -> None:
    error = error_of(write(tmp_path, HEADER, TOTAL.replace(",10,1,", ",10,N/A,")))

    assert "line 2, column 'Failure Count': 'N/A' is not a number" in str(error)


def test_a_row_that_is_there_twice_is_an_error(tmp_path: Path) -> None:
    assert "line 4: a second row for GET /x" in str(error_of(write(tmp_path, HEADER, ROW, TOTAL, ROW)))


def test_a_last_row_that_was_cut_off_is_left_out_and_said(tmp_path: Path) -> None:
    side = read_side(write(tmp_path, HEADER, ROW, TOTAL[:20]))

    assert len(side.rows) == 1
    assert "line 3, the last one, is cut off and left out" in side.notes


def test_another_row_that_was_cut_off_is_an_error(tmp_path: Path) -> None:
    assert "line 2: 6 cells under 15 columns" in str(error_of(write(tmp_path, HEADER, TOTAL[:20], ROW)))


def test_the_percentiles_of_a_locustfile_are_taken_as_they_are(tmp_path: Path) -> None:
    side = read_side(write(tmp_path, HEADER.replace("95%", "99.95%").replace("50%", "12.5%"), TOTAL))

    percentiles = [metric for metric in side.rows[AGGREGATED].values if metric.percent]
    assert percentiles == [percentile(50), percentile(12.5), percentile(99.95), percentile(99)]


def test_locusts_metrics_have_their_units(tmp_path: Path) -> None:
    side = read_side(write(tmp_path, HEADER, TOTAL))

    units = {metric.name: metric.unit for metric in side.rows[AGGREGATED].values}
    assert units["throughput"] == "req/s"
    assert units["p99"] == units["mean"] == units["max"] == "ms"
