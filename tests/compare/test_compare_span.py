"""A span of Locust's history: what it gives exactly, and what is left out."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from locust_reports import report

from harness.compare import Comparison, How, compare
from harness.errors import UsageError

TOTALS = "Total Request Count,Total Failure Count,Total Average Response Time"
COLUMNS = f"Timestamp,User Count,Type,Name,Requests/s,50%,{TOTALS}\n"
RAMP_S = 5  # in which users rise from 0 to 50, and every request takes 900 ms instead of 100 ms


def history(seconds: Sequence[int], rps: int = 40) -> str:
    """Return a history with `rps` requests a second, every tenth failed; GET /b starts after ten seconds."""
    lines = [COLUMNS]
    for second in seconds:
        requests, of_b = rps * second, rps // 2 * max(0, second - 10)
        slow = rps * min(second, RAMP_S)
        mean = (900 * slow + 100 * (requests - slow)) / requests if requests else 0.0
        at = f"{1_700_000_000 + second},{min(50, 10 * second)}"
        lines += [f"{at},GET,/b,0,7,{of_b},0,100.0\n"] if of_b else []
        lines += [f"{at},,Aggregated,0,7,{requests},{requests // 10},{mean}\n"]
    return "".join(lines)


def span(folder: Path, window: str, text: str) -> Comparison:
    path = report(folder / "x_stats.csv", 200)
    (folder / "x_stats_history.csv").write_text(text)
    return compare(str(path), str(path), how=How(window=window))


def figures(comparison: Comparison, label: str) -> dict[str, float | None]:
    (row,) = (row for row in comparison.rows if row.label == label)
    return {metric.name: figure.b for metric, figure in row.figures.items()}


def test_the_difference_of_two_totals_is_exact_and_percentiles_are_left_out(tmp_path: Path) -> None:
    comparison = span(tmp_path, "10:30", history(range(41)))

    assert figures(comparison, "Aggregated") == {
        "users": 50,
        "requests": 800,
        "failures": 80,
        "failure_share": pytest.approx(10),
        "throughput": pytest.approx(40),
        "mean": pytest.approx(100),
    }
    assert any("no span, so there are none" in note for note in comparison.notes)


def test_a_row_that_starts_within_the_span_counts_from_its_start(tmp_path: Path) -> None:
    found = figures(span(tmp_path, "0:20", history(range(41))), "GET /b")

    assert found["requests"] == 200
    assert found["throughput"] == pytest.approx(10)


@pytest.mark.parametrize(
    ("seconds", "window", "said"),
    [
        (range(41), "0:20", "users went from 0 to 50"),
        ([*range(10), *range(30, 41)], "5:35", "no line for 21 s"),
    ],
)
def test_what_blurs_a_span_is_said(seconds: Sequence[int], window: str, said: str, tmp_path: Path) -> None:
    assert any(said in note for note in span(tmp_path, window, history(seconds)).notes)


@pytest.mark.parametrize(
    ("window", "text", "said"),
    [
        ("30:10", history(range(41)), "no span of time"),
        ("60", history(range(41)), "no span of time"),
        ("10:90", history(range(41)), "ends after 40 s"),
        ("0:20", history([*range(10), *range(5, 30)]), "start anew"),
        ("0:20", "Timestamp,Name\n1,Aggregated\n", "lacks columns: .*Total Request Count"),
        ("0:20", COLUMNS, "no row"),
        ("0:20", COLUMNS + "1,1,GET,/a,0,7,1,0,1\n", "no line Aggregated"),
    ],
)
def test_what_is_no_span_is_an_error(window: str, text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=said):
        span(tmp_path, window, text)


def test_a_report_without_a_history_has_no_span(tmp_path: Path) -> None:
    path = str(report(tmp_path / "x_stats.csv", 200))

    with pytest.raises(UsageError, match=r"no \.\.\._stats_history\.csv beside"):
        compare(path, path, how=How(window="0:20"))
