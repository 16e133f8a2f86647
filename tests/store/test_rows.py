"""rows.npz: every request and every upstream call, in whole numbers, whole or not at all."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polling import poll
from trials import ROUTE, calls_for, closed_load, evidence, open_load, requests

from harness.errors import UsageError
from harness.judge.reconcile import disagreements
from harness.judge.rows import Calls, Evidence
from harness.judge.server_timing import spans
from harness.plan.timing import timing
from harness.store.packed import Packed, pack, unpack
from harness.store.rows import add_rows, read_rows

TIMING = timing(0.2, 0.2, 3.0)
STEP_S = 1e-4


def packed(seen: Evidence) -> Packed:
    return pack(seen, TIMING, 1_800_000_000.0)


def same(one: Packed, other: Packed) -> bool:
    arrays = ("requests", "moments", "injected_us")
    return one.meta == other.meta and all(np.array_equal(getattr(one, name), getattr(other, name)) for name in arrays)


spans_of_time = st.tuples(st.floats(5, 15), st.floats(1e-6, 5), st.sampled_from(["ok", "failed", "censored"]))


@given(st.lists(spans_of_time, max_size=20), st.sampled_from(["closed", "open"]))
def test_what_is_unpacked_was_packed_to_ten_microseconds(rows: list[tuple[float, float, str]], load: str) -> None:
    seen = requests([f"{n}-0" for n in range(len(rows))], *([row[k] for row in rows] for k in (0, 1, 2)))  # type: ignore[arg-type]
    before = evidence(seen, load="closed" if load == "closed" else "open")

    after = unpack(packed(before))

    by_start = np.argsort(seen.start_s, kind="stable")
    assert after.requests.id == [seen.id[place] for place in by_start]
    assert after.requests.outcome.tolist() == seen.outcome[by_start].tolist()
    assert after.requests.start_s == pytest.approx(seen.start_s[by_start], abs=1e-5)
    assert after.requests.latency_s == pytest.approx(seen.latency_s[by_start], abs=1e-5)
    assert (after.window, after.load, after.sent, after.watched) == (
        before.window,
        before.load,
        before.sent,
        before.watched,
    )
    assert sorted(after.calls.id) == sorted(before.calls.id)


@given(st.lists(spans_of_time, max_size=20))
def test_unpacked_evidence_packs_to_the_same_numbers(rows: list[tuple[float, float, str]]) -> None:
    first = packed(
        evidence(requests([f"{n}-0" for n in range(len(rows))], *([row[k] for row in rows] for k in (0, 1, 2))))  # type: ignore[arg-type]
    )

    assert same(packed(unpack(first)), first)


def test_the_apps_own_words_and_the_stubs_calls_are_kept_to_a_tenth_of_a_millisecond() -> None:
    seen = requests(["0-0"], [11.0], [0.25])
    header = "location;start=11001.004;dur=101.236, sun;start=11102.5;dur=102, handler;start=11000.5;dur=204.1"
    calls = Calls(["0-0"] * 3, ["location", "sun", "sun"], [11.002, 11.103, 11.2], [0.1] * 3, [0.1003, 0.10012, None])

    after = unpack(packed(evidence(replace(seen, server_timing=[header]), calls=calls)))

    (words,) = after.requests.server_timing
    for told, meant in zip(spans(words), spans(header), strict=True):
        assert told[0] == meant[0]
        assert told[1:] == pytest.approx(meant[1:], abs=STEP_S)
    assert after.calls.endpoint == ["location", "sun", "sun"]
    assert after.calls.start_s == pytest.approx(calls.start_s, abs=STEP_S)
    assert after.calls.injected_s == calls.injected_s
    assert after.calls.delivered_s[:2] == pytest.approx([0.1003, 0.10012], abs=STEP_S)
    assert after.calls.delivered_s[2] is None


def test_calls_of_no_request_are_kept_too() -> None:
    seen = requests(["0-0"], [11.0], [0.25])
    calls = Calls(["ghost", ""], ["sun", "sun"], [10.5, 12.0], [0.1, 0.2], [0.1, None])

    after = unpack(packed(evidence(seen, calls=calls)))

    assert (after.calls.id, after.calls.injected_s) == (["ghost", ""], [0.1, 0.2])
    assert "ghost: calls of no request that was sent" in disagreements(after.requests, after.calls, [ROUTE])


def test_an_app_that_says_nothing_and_calls_nobody_is_kept_too() -> None:
    silent = replace(closed_load(4, 0.205), server_timing=[""] * len(closed_load(4, 0.205).id))

    after = unpack(packed(evidence(silent, calls=Calls([], [], [], [], []))))

    assert (sorted(after.requests.id), after.calls.id) == (sorted(silent.id), [])
    assert set(after.requests.server_timing) == {""}


def test_trials_are_read_one_by_one_from_one_file(tmp_path: Path) -> None:
    trials = {"a": packed(evidence(closed_load(4, 0.205))), "b": packed(evidence(open_load(20, 0.2), load="open"))}
    for name, rows in trials.items():
        add_rows(tmp_path / "rows.npz", name, rows)

    found = read_rows(tmp_path / "rows.npz", ["b", "a"])

    assert all(same(one, other) for one, other in zip(found, [trials["b"], trials["a"]], strict=True))


def test_a_trial_that_is_measured_again_replaces_what_an_interrupted_run_left(tmp_path: Path) -> None:
    left, new = packed(evidence(closed_load(4, 0.205))), packed(evidence(closed_load(4, 0.3)))
    for name, rows in (("a", left), ("b", left), ("a", new)):
        add_rows(tmp_path / "rows.npz", name, rows)

    a, b = read_rows(tmp_path / "rows.npz", ["a", "b"])

    assert same(a, new)
    assert same(b, left)


@pytest.mark.parametrize("length", [0, 100, 1000])
def test_a_file_that_was_cut_off_is_named(tmp_path: Path, length: int) -> None:
    path = tmp_path / "rows.npz"
    add_rows(path, "a", packed(evidence(closed_load(4, 0.205))))
    path.write_bytes(path.read_bytes()[:length])

    with pytest.raises(UsageError, match=r"rows\.npz is damaged"):
        list(read_rows(path, ["a"]))


def test_a_long_trial_takes_few_bytes_a_request(tmp_path: Path) -> None:
    seen = closed_load(100, 0.205)
    add_rows(tmp_path / "rows.npz", "a", packed(evidence(seen, calls=calls_for(seen))))

    assert (tmp_path / "rows.npz").stat().st_size / len(seen.id) < 20


STORES_FOR_EVER = """
import sys
from itertools import count
from pathlib import Path
from trials import closed_load, evidence
from harness.plan.timing import timing
from harness.store.packed import pack
from harness.store.rows import add_rows
rows = pack(evidence(closed_load(40, 0.205)), timing(0.2, 0.2, 3.0), 0.0)
for number in count():
    add_rows(Path(sys.argv[1]), f"t{number}", rows)
    print(number, flush=True)
"""


@pytest.mark.parametrize("after", [1, 3, 7])
def test_a_kill_at_any_moment_spoils_no_finished_trial(tmp_path: Path, after: int) -> None:
    path = tmp_path / "rows.npz"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path.cwd()), "tests/support"])}
    with subprocess.Popen(
        [sys.executable, "-c", STORES_FOR_EVER, str(path)], stdout=subprocess.PIPE, text=True, env=environment
    ) as storing:
        assert storing.stdout is not None
        said = poll(lambda: int(storing.stdout.readline() or -1) >= after, 60, "some trials are stored")  # type: ignore[union-attr]
        storing.send_signal(signal.SIGKILL)

    assert said
    assert len(list(read_rows(path, [f"t{number}" for number in range(after + 1)]))) == after + 1
