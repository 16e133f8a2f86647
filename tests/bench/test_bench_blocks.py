"""Blocks: the lanes of one meet the same delays and arrivals, another block others."""

from pathlib import Path

import pytest
from running import only_run

from harness.judge.rows import Evidence
from harness.store.packed import unpack
from harness.store.run_folder import RunFolder

LANES = ("threads", "quart")
Seen = dict[tuple[str, int, str], Evidence]  # by lane, block of its load, load


@pytest.fixture(scope="module")
def seen(open_run: Path) -> Seen:
    """What was seen in two blocks of two lanes, in closed load and at the lower rate."""
    run = RunFolder(only_run(open_run / "results"))
    trials = run.read_trials()
    kept = zip(trials, run.read_rows(trials), strict=True)
    return {
        (trial.lane, (trial.block - 1) % 2, trial.load): unpack(rows)
        for trial, rows in kept
        if trial.rate_rps in (None, 40)
    }


def arrivals(seen: Evidence) -> list[float]:
    """Return when the first arrivals were due, in seconds from the first of them on."""
    return [float(start_s - seen.requests.start_s[0]) for start_s in seen.requests.start_s[:40]]


def delays(seen: Evidence) -> dict[tuple[str, str], float]:
    """Return the delay that each call was to have, in seconds, by request id and endpoint."""
    calls = zip(seen.calls.id, seen.calls.endpoint, seen.calls.injected_s, strict=True)
    return {(name, endpoint): delay for name, endpoint, delay in calls if name}


def test_the_lanes_of_a_block_meet_one_schedule_and_another_block_another(seen: Seen) -> None:
    due = {(lane, block): arrivals(seen[lane, block, "open"]) for lane in LANES for block in (0, 1)}

    assert due["threads", 0] == pytest.approx(due["quart", 0], abs=1e-4)
    assert due["threads", 1] == pytest.approx(due["quart", 1], abs=1e-4)
    assert due["quart", 0] != pytest.approx(due["quart", 1], abs=1e-3)


@pytest.mark.parametrize("load", ["closed", "open"])
def test_the_lanes_of_a_block_meet_the_same_delays_and_another_block_others(seen: Seen, load: str) -> None:
    met = {(lane, block): delays(seen[lane, block, load]) for lane in LANES for block in (0, 1)}

    def same(a: tuple[str, int], b: tuple[str, int]) -> set[bool]:
        return {met[a][call] == met[b][call] for call in met[a].keys() & met[b].keys()}

    assert same(("threads", 0), ("quart", 0)) == same(("threads", 1), ("quart", 1)) == {True}
    assert same(("quart", 0), ("quart", 1)) == {False}
