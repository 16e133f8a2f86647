"""Real servers, a real stub: what the three requests meet, and what a run keeps of its requests."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import harness, in_process, only_run
from tried import in_three_tries

from harness.errors import MeasurementError
from harness.facts.point import Point, users
from harness.facts.routes import Route
from harness.judge.anatomy import anatomies, contradiction_s, phases, processing_s
from harness.studies.laboratory import Experiment, Laboratory, laboratory, stub_lane
from harness.timeline.three import EVENT_LOOP, three_together
from harness.timeline.together import Asked, send_together
from harness.timeline.tracks import groups

DELAY_S = 0.15
AGREE_S = 0.002
CITY = Route(path="/api/city/97201/us", upstream=(("location",), ("sun", "weather")), expect="sunrise")


@in_three_tries
def test_with_one_slot_the_short_request_waits_for_both_long_ones_and_on_the_event_loop_it_is_first() -> None:
    said: list[str] = []

    slot, loop = groups(three_together(DELAY_S, said.append)).values()

    assert len(said) == 2
    for tracks in (slot, loop):
        assert [[call for phase in phases(track.anatomy) for call in phase.calls] for track in tracks] == [
            ["location", "sun"],
            ["location", "sun"],
            ["weather"],
        ]
        assert max(track.offset_s for track in tracks) < 0.05
        assert all(contradiction_s(track.anatomy) < AGREE_S for track in tracks)
    assert [track.name for track in sorted(slot, key=lambda track: track.end_s)] == ["1 long", "2 long", "3 short"]
    assert min(loop, key=lambda track: track.end_s).name == "3 short"
    assert slot[2].anatomy.latency_s > 5 * DELAY_S
    assert loop[2].anatomy.latency_s < slot[2].anatomy.latency_s / 2
    short = [processing_s(tracks[2].anatomy) or 0 for tracks in (slot, loop)]
    assert short == pytest.approx([DELAY_S, DELAY_S], abs=DELAY_S)


def test_the_command_writes_picture_and_trace_and_prints_both_servers(tmp_path: Path) -> None:
    ended = harness("timeline", "--delay", "0.1", "--out", tmp_path / "new")

    assert ended.returncode == 0, ended.stderr
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"timeline.svg", "timeline.png", "trace.json"}
    assert "one slot: Flask" in ended.stdout
    assert re.search(r"^3 short +░*[█▉▒▓=]+ \d+ ms$", ended.stdout, re.MULTILINE)
    assert "ui.perfetto.dev" in ended.stderr
    assert json.loads((tmp_path / "new" / "trace.json").read_text())["traceEvents"]


def test_the_command_shows_the_single_requests_of_a_run_or_says_that_there_are_none(
    open_run: Path, tmp_path: Path
) -> None:
    run = shutil.copytree(only_run(open_run / "results"), tmp_path / "run")

    ended = harness("timeline", "--run", run)

    assert ended.returncode == 0, ended.stderr
    assert {path.name for path in (run / "timelines").iterdir()} == {
        *(f"requests-{lane}.{kind}" for lane in ("threads", "quart", "quart-again") for kind in ("svg", "png")),
        "trace.json",
    }
    assert ended.stdout.count("median") == ended.stdout.count("p99") >= 4  # two lanes at two loads, and the control
    assert "40 arrivals/s" in ended.stdout

    counts = run / "counts.jsonl"
    rows = [json.loads(line) for line in counts.read_text().splitlines()]
    counts.write_text("".join(f"{json.dumps(row | {'anatomies': []})}\n" for row in rows))
    without = in_process("timeline", "--run", run)
    assert without.returncode == 2
    assert "holds no single request of a valid trial\nhint: measure again" in without.stderr


@pytest.fixture(scope="module")
def bench() -> Iterator[Laboratory]:
    with laboratory() as bench:
        yield bench


@pytest.mark.parametrize("point", [users(8), Point("open", 40)])
@in_three_tries
def test_client_app_and_stub_agree_within_two_milliseconds(point: Point, bench: Laboratory) -> None:
    lane = EVENT_LOOP.lane
    with bench.serve(lane) as server:
        _, evidence = bench.measure(server, lane, Experiment(point, 1.0, 0.5, clients=30, routes=[CITY]))

    found = anatomies(evidence, evidence.requests.are("ok"))

    assert [one.percent for one in found] == [50, 99]
    for anatomy in found:
        assert contradiction_s(anatomy) < AGREE_S
        assert [set(phase.calls) for phase in phases(anatomy) if phase.calls] == [{"location"}, {"sun", "weather"}]
        assert abs(sum(phase.duration_s for phase in phases(anatomy)) - anatomy.latency_s) < AGREE_S


def test_a_bad_answer_and_a_missing_one_are_errors_that_name_the_server(bench: Laboratory) -> None:
    with bench.serve(stub_lane("fixed:60")) as server:
        with pytest.raises(MeasurementError, match="lane study answers /nonsense with status 404"):
            send_together(server, [Asked("1", "/nonsense")], 5.0)
        with pytest.raises(MeasurementError, match="lane study left 2 of 2 requests without an answer"):
            send_together(server, [Asked(name, "/location/us/97201") for name in "12"], 0.2)
        server.child.stop()
        with pytest.raises(MeasurementError, match="lane study broke off: ConnectionRefused"):
            send_together(server, [Asked("1", "/health")], 5.0)


def test_a_folder_that_is_no_run_is_said(tmp_path: Path) -> None:
    ended = in_process("timeline", "--run", tmp_path)

    assert ended.returncode == 2
    assert "is not a run" in ended.stderr
