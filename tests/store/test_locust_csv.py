"""Locust's own reports: its columns, exact values, counts of the window."""

import csv
import io
import subprocess
import sys

import numpy as np
import pytest
from trials import ROUTE, WINDOW, closed_load, evidence, jittered, requests

from harness.judge.rows import Requests
from harness.judge.window import count, parts
from harness.store.files import csv_text
from harness.store.locust_csv import HISTORY, STATS, reports, window_of

LOCUSTS_COLUMNS = """
import locust.stats, locust.env, json
known = locust.env.Environment(), locust.stats.PERCENTILES_TO_REPORT
csv = locust.stats.StatsCSV(*known)
history = locust.stats.StatsCSVFileWriter(*known, "/dev/null", False)
print(json.dumps([csv.requests_csv_columns, history.stats_history_csv_columns]))
"""


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def of(*seen: Requests, users: int = 4) -> dict[str, str]:
    """Return the reports of blocks that follow one another, ten seconds apart."""
    windows = [window_of(evidence(one), 1_000_000.0 + 10 * place) for place, one in enumerate(seen)]
    return reports(windows, users)


def test_the_columns_are_those_of_the_installed_locust() -> None:
    said = subprocess.run([sys.executable, "-c", LOCUSTS_COLUMNS], capture_output=True, text=True, check=True).stdout

    assert eval(said) == [list(STATS), list(HISTORY)]  # noqa: S307 - our own program's lists


def test_counts_and_percentiles_are_those_of_the_window_exactly() -> None:
    latencies = jittered(500, 0.2)
    seen = requests([str(n) for n in range(500)], list(np.linspace(9, 13, 500)), latencies, ["ok", "failed"] * 250)
    inside = parts(seen, WINDOW, "closed")["window"]

    texts = of(seen)

    row = {stats["Name"]: stats for stats in read(texts["stats"])}
    counted = count(seen, inside)
    for name in (ROUTE.path, "Aggregated"):
        assert int(row[name]["Request Count"]) == counted.ok + counted.failed
        assert int(row[name]["Failure Count"]) == counted.failed
        assert float(row[name]["99%"]) == pytest.approx(
            1000 * float(np.percentile(seen.latency_s[inside], 99, method="inverted_cdf"))
        )
    assert sum(int(failure["Occurrences"]) for failure in read(texts["failures"])) == counted.failed
    assert int(read(texts["stats_history"])[-1]["Total Request Count"]) == counted.ok + counted.failed
    assert texts.keys() == {"stats", "stats_history", "failures"}


def test_the_history_has_a_row_for_each_second_of_the_window() -> None:
    history = read(of(closed_load(4, 0.2))["stats_history"])

    assert [int(row["Timestamp"]) for row in history] == [1_000_001, 1_000_002, 1_000_003]
    assert {row["User Count"] for row in history} == {"4"}


def test_blocks_are_merged_into_one_report_with_all_their_answers_and_seconds() -> None:
    blocks = [closed_load(4, 0.2), closed_load(4, 0.4)]
    inside = [one.latency_s[parts(one, WINDOW, "closed")["window"]] for one in blocks]

    texts = of(*blocks)

    (total,) = [row for row in read(texts["stats"]) if row["Name"] == "Aggregated"]
    history = read(texts["stats_history"])
    assert int(total["Request Count"]) == sum(map(len, inside))
    assert float(total["Requests/s"]) == pytest.approx(sum(map(len, inside)) / 6)
    assert float(total["Median Response Time"]) == pytest.approx(1000 * float(np.median(np.concatenate(inside))))
    assert [int(row["Timestamp"]) - 1_000_000 for row in history] == [1, 2, 3, 11, 12, 13]
    assert sum(float(row["Requests/s"]) for row in history) == pytest.approx(sum(map(len, inside)))
    assert [int(row["Total Request Count"]) for row in history][2::3] == [len(inside[0]), sum(map(len, inside))]


def test_a_report_of_failures_is_written_where_there_are_any_and_of_exceptions_never() -> None:
    assert of(closed_load(4, 0.2)).keys() == {"stats", "stats_history"}


def test_a_window_without_requests_reads_as_locust_writes_it() -> None:
    (row,) = read(of(requests([], [], []))["stats"])

    assert (row["Name"], row["Request Count"], row["99%"]) == ("Aggregated", "0", "N/A")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x"])
def test_a_cell_that_a_spreadsheet_would_run_is_neutralised(text: str) -> None:
    assert csv_text(["a"], [[text]]).splitlines()[1] == "'" + text


def test_negative_numbers_stay_numbers() -> None:
    assert csv_text(["a"], [[-1.5]]) == "a\n-1.5\n"
