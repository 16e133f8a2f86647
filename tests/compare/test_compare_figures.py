"""The figures of a run's folder are those of its report."""

from pathlib import Path

import pytest
from compare_inputs import make_open_trial, make_trial, overloaded, write_open_run, write_run, write_verdict_run

from harness.compare import Comparison, compare, render
from harness.compare.comparison import Figure
from harness.compare.metrics import KNOWN
from harness.errors import UsageError
from harness.store.read_run import read_run

FAILING: dict[str, object] = {"window_ok": 490, "window_failed": 10, "latency_p99_ms": None}
SLOW: dict[str, object] = {"latency_p99_ms": 5000.0}


def figure_of(comparison: Comparison, label: str, metric: str) -> Figure:
    (row,) = (row for row in comparison.all_rows if row.label == label)
    return row.figures[KNOWN[metric]]


def pair_of(tmp_path: Path, a: dict[str, object], b: dict[str, object]) -> Comparison:
    """Compare two runs of three blocks at 16 users, whose trials have these changes."""
    before, after = (
        write_run(tmp_path / name, [make_trial("quart", 16, block, **changes) for block in (1, 2, 3)])
        for name, changes in (("a", a), ("b", b))
    )
    return compare(before, after)


def test_percentiles_and_maximum_are_those_of_the_report(tmp_path: Path) -> None:
    folder = write_verdict_run(tmp_path)
    comparison = compare(folder, folder)

    for point in read_run(folder).summaries:
        label = f"{point.lane}@{point.point.label}"
        assert point.percentiles["p95"] is not None
        assert figure_of(comparison, label, "p95").a == point.percentiles["p95"].ms
        assert (figure_of(comparison, label, "p95").mark_a == "thin") == point.percentiles["p95"].thin
        assert figure_of(comparison, label, "max").b == point.latency_max_ms
        assert figure_of(comparison, label, "throughput").a == point.throughput_rps


def test_a_table_alone_has_the_figures_of_its_run(tmp_path: Path) -> None:
    trials = [make_trial("quart", 16, block, latency_p95_ms=200.0 + block**3) for block in (1, 2, 3)]
    folder = write_run(tmp_path, trials)

    found = figure_of(compare(folder, folder / "trials.csv"), "quart@16", "p95")

    assert found.a == found.b == pytest.approx((201 * 208 * 227) ** (1 / 3))


def test_a_percentile_with_fewer_than_ten_requests_beyond_it_is_left_out_of_a_folder(tmp_path: Path) -> None:
    shown = figure_of(pair_of(tmp_path, {"window_ok": 333}, {"window_ok": 334}), "quart@16", "p99")

    assert (shown.a, shown.mark_a, shown.mark_b) == (None, "too few", "thin")
    assert shown.b == pytest.approx(230, rel=1e-3)


@pytest.mark.parametrize(("failing", "direction"), [("a", "better"), ("b", "worse"), ("both", "n.a.")])
def test_a_percentile_that_failures_reach_is_a_bound_and_ranks_slowest(
    tmp_path: Path, failing: str, direction: str
) -> None:
    a, b = (FAILING if failing in (side, "both") else SLOW for side in "ab")
    comparison = pair_of(tmp_path, a, b)
    shown = figure_of(comparison, "quart@16", "p99")

    assert (shown.mark_a == "at least", shown.mark_b == "at least") == (failing != "b", failing != "a")
    assert (shown.ratio, shown.direction) == (None, direction)
    assert render(comparison).count("≥") == (3 if failing == "both" else 2)


def test_one_overloaded_block_leaves_the_point_without_latencies_and_says_so(tmp_path: Path) -> None:
    trials = [make_open_trial("quart", 400, block) for block in (1, 2)]
    folder = write_run(tmp_path, [*trials, make_open_trial("quart", 400, 3, **overloaded())])

    for side in (folder, folder / "trials.csv"):
        comparison = compare(side, side)
        for metric in ("mean", "p50", "p95", "p99", "max"):
            shown = figure_of(comparison, "quart@400/s", metric)
            assert (shown.a, shown.mark_a) == (None, "not sustained")
        assert figure_of(comparison, "quart@400/s", "throughput").a == 200
        assert "A and B: not sustained, so without latencies: quart@400/s (1 of 3 blocks)." in comparison.notes


def test_open_load_gets_exploratory_verdicts(tmp_path: Path) -> None:
    comparison = compare(write_open_run(tmp_path / "a"), write_open_run(tmp_path / "b"))

    assert {(one.label, one.metric, one.primary) for one in comparison.verdicts} == {
        ("quart@100/s", "throughput", False),
        ("quart@100/s", "p95", False),
        ("quart@400/s", "throughput", False),
        ("quart@400/s", "p95", False),
    }


def test_a_censored_request_counts_as_a_failure(tmp_path: Path) -> None:
    comparison = pair_of(tmp_path, {"window_ok": 400, "window_failed": 60, "window_censored": 40}, {})

    assert figure_of(comparison, "quart@16", "failures").a == 300
    assert figure_of(comparison, "quart@16", "failure_share").a == 20


@pytest.mark.parametrize("metric", ["p99", "p95"])
def test_a_latency_that_is_beyond_every_bound_misses_a_threshold(tmp_path: Path, metric: str) -> None:
    run = write_open_run(tmp_path, quart=0.5)
    label = {"p99": "quart@100/s", "p95": "quart@400/s"}[metric]

    (outcome,) = compare(run, run, [f"{label}: {metric} < 3600s"]).missed

    assert (outcome.mark, outcome.met) == ({"p99": "at least", "p95": "not sustained"}[metric], False)


@pytest.mark.parametrize("text", ["quart@400/s: p95 ratio < 1000", "quart@400/s: mean ratio < 1000"])
def test_a_load_that_only_b_does_not_sustain_misses_every_ratio(tmp_path: Path, text: str) -> None:
    a, b = write_open_run(tmp_path / "a"), write_open_run(tmp_path / "b", quart=0.5)

    (outcome,) = compare(a, b, [text]).missed

    assert (outcome.value, outcome.why) == (None, "B did not sustain that load")
    with pytest.raises(UsageError, match="A did not sustain that load"):
        compare(b, a, [text])


def test_a_ratio_of_two_bounds_cannot_be_checked(tmp_path: Path) -> None:
    run = write_open_run(tmp_path)

    with pytest.raises(UsageError, match="cannot be checked at quart@100/s: failed requests reach it in A"):
        compare(run, run, ["quart@100/s: p99 ratio < 1.2"])


def test_a_row_with_too_few_requests_is_passed_over_where_another_one_is_checked(tmp_path: Path) -> None:
    few = [make_trial("quart", 1, block, window_ok=30) for block in (1, 2, 3)]
    run = write_run(tmp_path, [*few, *(make_trial("quart", 16, block) for block in (1, 2, 3))])

    comparison = compare(run, run, ["quart: p95 < 500ms"])

    assert {outcome.label: outcome.met for outcome in comparison.outcomes} == {"quart@1": None, "quart@16": True}
    assert "not checked quart: p95 < 500ms at quart@1 (fewer than 10 requests lie beyond it in B)" in render(
        comparison, width=120
    )
    with pytest.raises(UsageError, match="cannot be checked at quart@1: fewer than 10 requests"):
        compare(run, run, ["quart@1: p95 < 500ms"])
