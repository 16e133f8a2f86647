"""Several reports a side, groups of rows, and the rows that are meant."""

import json
from pathlib import Path

import numpy as np
import pytest
from locust_reports import HEAD, line, report
from running import in_process

from harness.compare import How, compare, render
from harness.compare.groups import Ids, parse_group
from harness.compare.sides import label
from harness.errors import UsageError


def repeated(folder: Path, p95: float, *, number: int = 8, seed: int = 1, rps: float = 100.0) -> Path:
    luck = np.random.default_rng(seed)
    for run in range(number):
        report(
            folder / f"run{run}_stats.csv", p95 * np.exp(luck.normal(0, 0.02)), rps=rps * np.exp(luck.normal(0, 0.01))
        )
    return folder


def test_repeated_reports_get_the_verdict_that_trials_get(tmp_path: Path) -> None:
    before, after = repeated(tmp_path / "before", 200), repeated(tmp_path / "after", 260, seed=2)

    comparison = compare(str(before), str(after))

    words = {(one.label, one.metric): (one.word, one.primary) for one in comparison.verdicts}
    assert words["Aggregated", "p95"] == ("worse", True)
    assert words["Aggregated", "throughput"] == ("equivalent", True)
    assert words["GET /a", "p95"][1] is False
    assert comparison.worse


def test_a_pattern_names_the_same_reports_as_their_folder(tmp_path: Path) -> None:
    before, after = repeated(tmp_path / "before", 200), repeated(tmp_path / "after", 210, seed=2)

    by_pattern = compare(f"{before}/*_stats.csv", f"{after}/*")

    assert [one.word for one in by_pattern.verdicts] == [one.word for one in compare(str(before), str(after)).verdicts]
    assert "8 Locust reports" in by_pattern.a.about


def test_one_report_a_side_has_no_verdict(tmp_path: Path) -> None:
    comparison = compare(str(report(tmp_path / "a_stats.csv", 200)), str(repeated(tmp_path / "after", 210)))

    assert comparison.verdicts == ()
    assert any("One trial a side" in note for note in comparison.notes)


def test_reports_of_different_loads_are_not_repetitions(tmp_path: Path) -> None:
    side = repeated(tmp_path / "before", 200, number=2)
    for run, users in ((0, 100), (1, 300)):
        (side / f"run{run}_stats_history.csv").write_text(f"Timestamp,User Count,Type,Name\n1,{users},,Aggregated\n")

    with pytest.raises(UsageError, match=r"different numbers of users .*: 100.*: 300"):
        compare(str(side), str(report(tmp_path / "b_stats.csv", 200)))


def test_two_sides_of_different_loads_are_compared_and_that_is_said(tmp_path: Path) -> None:
    paths = [report(tmp_path / f"{users}_stats.csv", 200) for users in (100, 300)]
    for path, users in zip(paths, (100, 300), strict=True):
        history = path.with_name(f"{users}_stats_history.csv")
        history.write_text(f"Timestamp,User Count,Type,Name\n1,{users},,Aggregated\n")

    notes = compare(paths[0], paths[1]).notes

    assert any("A had 100 users at most, B 300" in note for note in notes)


def test_another_tools_table_beside_repeated_reports_is_not_in_the_way(tmp_path: Path) -> None:
    side = repeated(tmp_path / "it's [before]", 200, number=2)
    (side / "trials.csv").write_text("trial,accuracy\n1,0.9\n")

    assert "2 Locust reports" in compare(side, report(tmp_path / "b_stats.csv", 200)).a.about


def test_a_damaged_report_is_named_and_left_out_only_when_asked(tmp_path: Path) -> None:
    before, after = repeated(tmp_path / "before", 200), repeated(tmp_path / "after", 210, seed=2)
    (before / "run3_stats.csv").write_text(HEAD + "GET,/a,many\n" + line("", "Aggregated", 1))

    with pytest.raises(UsageError, match=r"run3_stats\.csv") as raised:
        compare(str(before), str(after))
    comparison = compare(str(before), str(after), how=How(skip_damaged=True))

    assert "--skip-damaged" in raised.value.hint
    assert "7 Locust reports" in comparison.a.about
    assert any("left out" in note and "run3" in note for note in comparison.notes)


@pytest.mark.parametrize(("text", "said"), [("{}/none*", "nothing matches"), ("{}/empty", "no Locust report")])
def test_what_matches_nothing_is_an_error(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    with pytest.raises(UsageError, match=said):
        compare(text.format(tmp_path), str(report(tmp_path / "b_stats.csv", 200)))


IDS = "".join(line("GET", f"/orders/{number}", 100 + number, requests=100, rps=2) for number in range(30))


def test_a_group_adds_counts_and_rates_weighs_the_mean_and_has_no_percentiles(tmp_path: Path) -> None:
    a = report(tmp_path / "a_stats.csv", 200, more=IDS + line("POST", "/orders/7", 50))
    b = report(tmp_path / "b_stats.csv", 200, more=IDS)

    comparison = compare(str(a), str(b), how=How(groups=[r"/orders/\d+ => /orders/{id}"]))

    rows = {row.label: row for row in comparison.rows}
    figures = {metric.name: figure.a for metric, figure in rows["GET /orders/{id}"].figures.items()}
    assert figures["requests"] == 3000
    assert figures["throughput"] == pytest.approx(60)
    assert figures["mean"] == pytest.approx(np.mean([(100 + number) / 2 for number in range(30)]), abs=0.01)
    assert figures["max"] == pytest.approx(258)
    assert "p95" not in figures
    assert [row.label for row in comparison.only_a] == ["POST /orders/{id}"]
    assert any("cannot be averaged" in note for note in comparison.notes)


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("/orders/17", "/orders/{id}"),
        ("/orders/17/items/3?x=1", "/orders/{id}/items/{id}?x=1"),
        ("/u/123e4567-e89b-12d3-a456-426614174000", "/u/{id}"),
        ("/v2/orders", None),
        ("/api/sun/97201x", None),
    ],
)
def test_ids_are_found_in_paths(name: str, called: str | None) -> None:
    assert Ids().renamed(name) == called


def test_the_groups_that_ids_make_are_shown_as_they_can_be_given(tmp_path: Path) -> None:
    uuids = "".join(line("GET", f"/u/123e4567-e89b-12d3-a456-42661417400{number}", 50) for number in range(9))
    a = report(tmp_path / "a_stats.csv", 200, more=IDS + uuids)
    b = report(tmp_path / "b_stats.csv", 200, more=line("GET", "/orders/{id}", 50) + uuids)

    found = compare(str(a), str(b), how=How(group_ids=True))
    given = compare(str(a), str(b), how=How(groups=[group for _, group, _, _ in found.groups]))

    assert [(label(key), rows_a, rows_b) for key, _, rows_a, rows_b in found.groups] == [
        ("GET /orders/{id}", 30, 1),
        ("GET /u/{id}", 9, 9),
    ]
    assert render(given, "json") == render(found, "json")
    assert r"/orders/\d+ => /orders/{id}" in render(found)


@pytest.mark.parametrize("text", ["/a", "=> /b", "/a =>", "( => /b", r"/a => \1"])
def test_a_wrong_group_is_an_error(text: str) -> None:
    with pytest.raises(UsageError, match="is no group"):
        parse_group(text)


def test_a_group_that_matches_nothing_is_an_error(tmp_path: Path) -> None:
    path = str(report(tmp_path / "a_stats.csv", 200))

    with pytest.raises(UsageError, match="no row has a name"):
        compare(path, path, how=How(groups=["/nobody => /x"]))


def test_of_a_long_report_the_worst_rows_are_shown_and_json_has_all(tmp_path: Path) -> None:
    many = "".join(line("GET", f"/p/{number:03}x", 100.0) for number in range(300))
    slow = many.replace(line("GET", "/p/123x", 100.0), line("GET", "/p/123x", 900.0))
    a, b = report(tmp_path / "a_stats.csv", 200, more=many), report(tmp_path / "b_stats.csv", 200, more=slow)

    shown = in_process("compare", a, b, "--json-file", tmp_path / "all.json")

    assert shown.returncode == 0, shown.stderr
    overview = shown.stdout.partition("Overview: B/A, worst first")[2].splitlines()
    first = [row for row in overview if row.strip().startswith(("GET", "Aggregated"))]
    assert first[0].strip().startswith("Aggregated")
    assert "/p/123x" in first[1]
    assert "282 more rows are not shown" in " ".join(shown.stdout.split())
    assert len(shown.stdout.splitlines()) < 400
    assert len(json.loads((tmp_path / "all.json").read_text())["rows"]) == 302


def test_rows_can_be_chosen_by_name_and_by_requests(tmp_path: Path) -> None:
    a = report(tmp_path / "a_stats.csv", 200, more=IDS)

    by_name = compare(str(a), str(a), how=How(rows="GET /orders/1*"))
    by_number = compare(str(a), str(a), how=How(least=1000))

    assert len(by_name.rows) == 11
    assert [row.label for row in by_number.rows] == ["GET /a", "Aggregated"]
    with pytest.raises(UsageError, match="no row that both sides have fits"):
        compare(str(a), str(a), how=How(rows="PUT *"))


def test_a_gate_over_every_row_is_checked_where_both_sides_have_it(tmp_path: Path) -> None:
    a = report(tmp_path / "a_stats.csv", 200, more=line("GET", "/gone", 10))
    b = report(tmp_path / "b_stats.csv", 230, more=line("GET", "/new", 10))

    outcomes = compare(str(a), str(b), ["p95 ratio <= 1.2"]).outcomes

    assert {one.label: one.met for one in outcomes} == {
        "GET /a": True,
        "Aggregated": True,
        "GET /gone": None,
        "GET /new": None,
    }


@pytest.mark.parametrize(("gate", "met"), [("p95 ratio <= 1.2", False), ("p95 ratio <= 1.2 or +20ms", True)])
def test_a_ratio_of_small_figures_can_be_given_room_in_ms(gate: str, met: bool, tmp_path: Path) -> None:
    a, b = report(tmp_path / "a_stats.csv", 10), report(tmp_path / "b_stats.csv", 20)

    outcomes = compare(str(a), str(b), [gate]).outcomes

    assert {one.met for one in outcomes} == {met}


def test_a_gate_can_name_rows_by_a_pattern(tmp_path: Path) -> None:
    a = report(tmp_path / "a_stats.csv", 200, more=IDS)

    outcomes = compare(str(a), str(a), ["GET /orders/*: p95 < 120ms"]).outcomes

    assert len(outcomes) == 30
    assert sum(one.met is False for one in outcomes) == 10


@pytest.mark.parametrize("gate", ["p95 <= 20ms or +20ms", "throughput ratio >= 0.9 or +5ms", "p95 ratio >= 1 or +5ms"])
def test_room_in_ms_goes_with_a_latencys_ratio_alone(gate: str, tmp_path: Path) -> None:
    path = str(report(tmp_path / "a_stats.csv", 10))

    with pytest.raises(UsageError, match="goes with a latency's ratio"):
        compare(path, path, [gate])
