"""A run read back: its verdicts with their doubts, and percentiles that failed and censored requests reach."""

from pathlib import Path

import pytest
from bounds import BOUNDS, config_of
from compare_inputs import make_trial, write_run, write_verdict_run

from harness.facts.point import users
from harness.store.read_run import read_run

PAIR = {"lane": "quart", "baseline": "flask", "point": users(300)}
DECLARED = {
    "primaries": [{**PAIR, "metric": "throughput"}, {**PAIR, "metric": "p95"}],
    "controls": [{"lane": "quart-again", "baseline": "quart", "metric": "throughput", "point": users(300)}],
}


def test_a_run_that_was_interrupted_has_no_verdict(tmp_path: Path) -> None:
    whole = read_run(write_verdict_run(tmp_path / "whole"))
    stopped = read_run(write_verdict_run(tmp_path / "stopped", status="interrupted"))

    assert {verdict.word for verdict in whole.verdicts} == {"better"}
    assert {(verdict.word, verdict.doubts) for verdict in stopped.verdicts} == {("inconclusive", ("incomplete",))}


def test_a_lane_that_differs_from_itself_withholds_that_metric_alone(tmp_path: Path) -> None:
    trials = [
        make_trial(lane, 300, block, throughput_rps=rps + block, latency_p95_ms=p95 + block)
        for lane, rps, p95 in (("flask", 900.0, 400.0), ("quart", 1300.0, 300.0), ("quart-again", 1500.0, 300.0))
        for block in range(1, 11)
    ]

    run = read_run(write_run(tmp_path, trials, **DECLARED))

    assert [(verdict.word, verdict.doubts) for verdict in run.verdicts] == [
        ("inconclusive", ("withheld",)),
        ("better", ()),
    ]


def test_an_older_run_that_says_its_verdict_point_as_users_is_read(tmp_path: Path) -> None:
    folder = write_verdict_run(tmp_path)
    file, point = folder / "run.json", '"point":{"load":"closed","level":300}'
    text = file.read_text().replace("," + point, "").replace('"verdict_' + point[1:], '"verdict_users":300')
    assert text.count("300}") == 0
    file.write_text(text)

    run = read_run(folder)

    assert {verdict.point for verdict in run.verdicts} == {run.info.verdict_point} == {users(300)}


@pytest.mark.parametrize(("bound", "doubts"), [(0.01, ("failures",)), (0.05, ())])
def test_requests_without_an_answer_cast_doubt_beyond_the_bound_that_the_run_declared(
    tmp_path: Path, bound: float, doubts: tuple[str, ...]
) -> None:
    trials = [
        make_trial(lane, 300, block, throughput_rps=rps, window_ok=480, window_censored=20 if lane == "quart" else 0)
        for lane, rps in (("flask", 900.0), ("quart", 1300.0))
        for block in range(1, 11)
    ]
    config = config_of(validity={**BOUNDS, "failed_share": bound})

    run = read_run(write_run(tmp_path, trials, **{**DECLARED, "controls": [], "config": config}))

    assert (run.verdicts[0].doubts, run.verdicts[0].failed_share) == (doubts, 0.04)


@pytest.mark.parametrize("lost", ["window_failed", "window_censored"])
def test_a_percentile_that_lost_requests_reach_is_at_least_what_they_took(tmp_path: Path, lost: str) -> None:
    trials = [
        make_trial("quart", 300, block, slowest_lost_ms=1000.0 * block, latency_p99_ms=None, **{lost: 30})
        for block in (1, 2, 3)
    ]

    (summary,) = read_run(write_run(tmp_path, trials)).summaries

    p95, p99 = summary.percentiles["p95"], summary.percentiles["p99"]
    assert p95 is not None
    assert p99 is not None
    assert (p95.at_least, p99.at_least) == (True, True)
    assert (p95.ms, p99.ms) == (3000.0, 3000.0)
