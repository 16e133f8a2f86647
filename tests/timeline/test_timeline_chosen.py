from compare_inputs import make_info, make_open_trial, make_trial
from single_requests import request
from trials import closed_load, evidence, judged

from harness.facts.run import Run
from harness.facts.trial import Trial
from harness.judge.counts import Observed
from harness.timeline.chosen import chosen
from harness.timeline.drawings import timeline_drawings

_, OBSERVED = judged(evidence(closed_load(4, 0.2)))


def counts(latencies_s: dict[Trial, float]) -> dict[str, Observed]:
    """Return raw counts whose median request takes so long, and whose p99 request twice that."""
    return {
        trial.trial: OBSERVED.model_copy(
            update={
                "anatomies": tuple(
                    request(share * seconds, percent=percent, request_id=trial.trial)
                    for percent, share in ((50, 1), (99, 2))
                )
            }
        )
        for trial, seconds in latencies_s.items()
    }


def run_of(*trials: Trial) -> Run:
    return Run(info=make_info(trials), trials=trials, seconds={}, summaries=(), verdicts=())


def test_each_lane_shows_its_median_and_p99_request_at_its_lowest_and_highest_load_of_both_kinds() -> None:
    trials = [make_trial("quart", users) for users in (4, 300, 1)]
    trials += [make_open_trial("quart", rate) for rate in (400, 100, 200)]

    (tracks,) = chosen(run_of(*trials), counts(dict.fromkeys(trials, 0.2))).values()

    assert [(track.group, track.name) for track in tracks] == [
        (group, name)
        for group in ("1 user", "300 users", "100 arrivals/s", "400 arrivals/s")
        for name in ("median", "p99")
    ]


def test_a_single_point_is_shown_once() -> None:
    trial = make_trial("quart", 4)

    assert [len(tracks) for tracks in chosen(run_of(trial), counts({trial: 0.2})).values()] == [2]


def test_the_block_is_the_one_whose_request_is_the_median_one() -> None:
    blocks = [make_trial("quart", 4, block) for block in (1, 2, 3, 4)]
    latencies = dict(zip(blocks, (0.4, 0.1, 0.3, 0.2), strict=True))

    (tracks,) = chosen(run_of(*blocks), counts(latencies)).values()

    assert [track.anatomy.latency_s for track in tracks] == [0.2, 0.4]
    assert {track.anatomy.request_id for track in tracks} == {blocks[3].trial}


def test_invalid_trials_and_servers_that_did_not_keep_up_show_nothing() -> None:
    trials = [
        make_trial("quart", 300, status="invalid", reasons="speed"),
        make_open_trial("quart", 900, sustained=False),
        make_trial("flask", 1),
    ]

    assert list(chosen(run_of(*trials), counts(dict.fromkeys(trials, 0.2)))) == ["flask"]


def test_every_lane_has_a_drawing_whose_table_adds_up_to_the_response_time() -> None:
    trials = [make_trial(lane, 4) for lane in ("quart", "../flask")]

    quart, other = timeline_drawings(run_of(*trials), counts(dict.fromkeys(trials, 0.2)))

    assert (quart.name, other.name) == ("requests-quart", "requests----flask")
    assert [column.heading for column in quart.table.columns] == [
        *("load", "request", "id", "in the server, which does not say ms", "response ms")
    ]
    assert [row.cells[-2:] for row in quart.table.rows] == [("200", "200"), ("400", "400")]
