"""The files for tools that track benchmarks over commits."""

import json
from pathlib import Path
from typing import Any

from compare_inputs import make_open_trial, make_trial, overloaded, write_run

from harness.facts.run import Run
from harness.facts.trial import Trial
from harness.report.tracking import tracking
from harness.store.read_run import read_run

BIGGER, SMALLER = "tracking/bigger-is-better.json", "tracking/smaller-is-better.json"


def run_of(folder: Path, trials: list[Trial]) -> Run:
    return read_run(write_run(folder, trials))


def entries(run: Run, name: str) -> dict[str, dict[str, Any]]:
    """Return the entries of one file by their names, each of which is there once."""
    document = json.loads(tracking(run)[name])
    named = {entry["name"]: entry for entry in document}
    assert len(named) == len(document)
    return named


def three_blocks(folder: Path) -> Run:
    return run_of(
        folder,
        [
            make_trial("quart", 300, block, throughput_rps=700.123456 + 10 * block, cpu_ms_per_request=0.5 + block)
            for block in (1, 2, 3)
        ],
    )


def test_each_figure_of_a_lane_at_a_point_is_in_the_file_of_its_direction(tmp_path: Path) -> None:
    run = three_blocks(tmp_path)

    assert list(entries(run, BIGGER)) == ["quart@300 throughput"]
    assert list(entries(run, SMALLER)) == [f"quart@300 {name}" for name in ("p50", "p95", "p99", "CPU", "PSS")]
    assert set(tracking(run)) == {BIGGER, SMALLER}


def test_the_value_is_the_reports_and_the_range_is_its_interval(tmp_path: Path) -> None:
    run = three_blocks(tmp_path)
    point = run.summaries[0]
    p99 = point.percentiles["p99"]

    assert entries(run, BIGGER)["quart@300 throughput"] == {
        "name": "quart@300 throughput",
        "unit": "req/s",
        "value": 720.077,
        "range": "695.659 - 745.352",
        "extra": "run, 3 blocks",
    }
    assert entries(run, SMALLER)["quart@300 CPU"]["range"] == f"{point.cpu_low_ms:.3f} - {point.cpu_high_ms:.3f}"
    assert "range" not in entries(run, SMALLER)["quart@300 PSS"]
    shown = entries(run, SMALLER)["quart@300 p99"]
    assert p99 is not None
    assert shown["value"] == round(p99.ms, 3)
    assert shown["range"] == f"{p99.low_ms:.6g} - {p99.high_ms:.6g}"
    assert shown["extra"] == "run, 3 blocks\nthin: fewer than 100 requests beyond it"


def test_one_block_has_no_range(tmp_path: Path) -> None:
    run = run_of(tmp_path, [make_trial("quart", 300)])

    assert "range" not in entries(run, BIGGER)["quart@300 throughput"]


def test_what_has_no_figure_is_absent(tmp_path: Path) -> None:
    run = run_of(
        tmp_path,
        [
            make_trial("quart", 1, window_ok=100),
            make_trial("quart", 16, window_ok=900, window_failed=100, latency_p95_ms=None, latency_p99_ms=None),
            make_trial("quart", 300, status="invalid", reasons="late"),
            make_open_trial("quart", 400, 1, **overloaded(), pss_mib=None),
        ],
    )

    percentiles = [name for name in entries(run, SMALLER) if name.split()[1].startswith("p")]
    assert percentiles == ["quart@1 p50", "quart@16 p50"]
    assert "quart@400/s PSS" not in entries(run, SMALLER)
    assert list(entries(run, BIGGER)) == [f"quart@{point} throughput" for point in ("1", "16", "400/s")]


def test_a_run_without_a_figure_is_an_empty_list(tmp_path: Path) -> None:
    run = run_of(tmp_path, [make_trial("quart", 300, status="invalid", reasons="late")])

    assert [json.loads(text) for text in tracking(run).values()] == [[], []]


def test_values_are_numbers_and_all_else_is_text(tmp_path: Path) -> None:
    run = three_blocks(tmp_path)

    for entry in [*entries(run, BIGGER).values(), *entries(run, SMALLER).values()]:
        assert isinstance(entry.pop("value"), int | float)
        assert all(isinstance(value, str) for value in entry.values())
