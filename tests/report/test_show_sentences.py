import pytest
from show_runs import CONTROLS, RESOLUTIONS, all_invalid_run, empty_run, full_run, make_run, single_trial_run

from harness.facts.point import users
from harness.facts.run import Run
from harness.report import words


def texts(run: Run) -> list[str]:
    return [sentence.text for sentence in words.headline(run)]


def test_the_headline_is_the_verdicts_what_to_do_with_them_and_what_was_left_out() -> None:
    run = make_run()

    assert texts(run) == [
        "At 300 users quart served 1.88 times the requests per second of flask-threads-300 "
        "(95 % CI 1.87 to 1.90, 10 paired blocks): better.",
        "At 300 users the p95 latency of quart was 0.41 times that of flask-threads-300 "
        "(95 % CI 0.41 to 0.42, 10 paired blocks): better.",
        "What that means for a service whose requests wait 200 ms for upstreams: by the model one core keeps p95 "
        "within 300 ms up to so many requests/s: flask-sync-4 11.5, flask-threads-64 301, flask-threads-300 788, "
        "quart 1,880. Below the figure of what you run, no change is needed to keep it. For your own rate, upstream "
        "time and slots ask make advise.",
        "2 of 84 trials are invalid and left out.",
    ]


@pytest.mark.parametrize(
    ("doubt", "why"),
    [
        ("incomplete", "as the run is not complete"),
        ("withheld", "since a lane differed from itself in this metric (A/A)"),
        ("lacking", "as 3 valid trials lack the figure"),
        ("failures", "as 4.2 % of a lane's requests failed or got no answer"),
        ("few blocks", "as a verdict takes at least 8 paired blocks"),
    ],
)
def test_a_verdict_says_what_is_in_doubt(doubt: str, why: str) -> None:
    found = {"word": "inconclusive", "doubts": (doubt,), "lacking": 3, "failed_share": 0.042}
    verdict = make_run().verdicts[0].model_copy(update=found)

    assert f"10 paired blocks): inconclusive, {why}" in words.verdict_sentence(verdict)


def test_an_inconclusive_verdict_says_what_would_settle_it() -> None:
    verdict = make_run().verdicts[0].model_copy(update={"word": "inconclusive", "blocks_to_settle": 40})

    assert words.verdict_sentence(verdict).endswith(": inconclusive, 40 blocks would settle it with 80 % chance.")


def test_a_run_without_a_valid_trial_says_so_first() -> None:
    assert texts(all_invalid_run())[0] == (
        "No trial is valid (21 trials were finished), so this run has no result. The reasons are listed below."
    )


def test_a_run_without_a_trial_says_so() -> None:
    assert texts(empty_run())[:2] == [
        "The run was interrupted: 0 trials were finished of 84 planned.",
        "No trial was finished, so this run has no result.",
    ]


def test_an_interrupted_run_says_how_much_of_it_there_is() -> None:
    assert texts(single_trial_run())[0] == "The run was interrupted: 1 trial was finished of 10 planned."


def test_a_run_that_was_killed_does_not_claim_to_be_complete() -> None:
    run = make_run()
    killed = run.model_copy(update={"info": run.info.model_copy(update={"status": "running"})})

    assert texts(killed)[0].startswith("The run has not ended, or was killed")


def test_a_run_without_a_primary_says_that_it_is_exploratory() -> None:
    assert "so this run has no verdict" in texts(single_trial_run())[1]


def test_the_title_names_the_pair_that_was_judged() -> None:
    assert words.title(make_run()) == "quart against flask-threads-300"
    assert words.title(single_trial_run()) == "Lanes side by side"


def test_the_first_screen_says_what_this_machine_can_see() -> None:
    assert (
        "Minimum detectable effect in throughput: 2.1 % (80 % power, 10 pairs; 95 % CI 1.5 to 3.7 %). Equality "
        "within 5 % can be shown (chance 99 %). "
        "Minimum detectable effect in p95 latency: 4.8 % (80 % power, 10 pairs; 95 % CI 3.4 to 8.3 %). "
        "Equality within 5 % cannot be shown (chance 41 %)."
    ) in texts(full_run())


@pytest.mark.parametrize(
    ("chance", "said"), [(0.00002, "below 1 %"), (0.585, "58 %"), (0.99, "99 %"), (0.99999, "above 99 %")]
)
def test_a_chance_is_said_in_whole_percent_and_never_as_none_or_sure(chance: float, said: str) -> None:
    seen = RESOLUTIONS[0].model_copy(update={"equality": chance})
    run = make_run().model_copy(update={"resolutions": (seen,)})

    assert texts(run)[3].endswith(f"(chance {said}).")


def test_an_effect_beyond_all_measure_is_not_written_out() -> None:
    seen = RESOLUTIONS[0].model_copy(update={"high": 1e300})
    run = make_run().model_copy(update={"resolutions": (seen,)})

    assert "95 % CI 1.5 to more than 1,000 %)." in texts(run)[3]


def test_a_lane_that_equals_itself_is_said_in_one_note() -> None:
    found = [sentence for sentence in words.headline(full_run()) if sentence.text.startswith("A/A")]

    assert [sentence.tone for sentence in found] == ["note"]
    assert "quart against itself: throughput ratio 1.003 (0.988 to 1.018): no difference found;" in found[0].text


def test_a_lane_that_differs_from_itself_is_a_warning() -> None:
    control = CONTROLS[0].model_copy(update={"p": 0.004, "ratio": 1.041, "low": 1.02, "high": 1.06})
    found = words.headline(make_run().model_copy(update={"controls": (control, CONTROLS[1])}))

    assert [(sentence.tone, sentence.text.partition(":")[0]) for sentence in found if "A/A" in sentence.text] == [
        ("warning", "A/A"),
        ("note", "A/A"),
    ]
    assert "quart differs from itself in throughput: ratio 1.041 (1.020 to 1.060)" in found[3].text


def test_a_lane_with_too_few_pairs_is_not_said_to_equal_itself() -> None:
    control = CONTROLS[0].model_copy(update=dict.fromkeys(("ratio", "low", "high", "p")))

    assert "throughput: too few valid pairs" in texts(make_run().model_copy(update={"controls": (control,)}))[3]


def test_the_charts_over_time_are_those_of_the_verdict_point() -> None:
    assert words.verdict_point(make_run()) == users(300)
    assert words.verdict_point(all_invalid_run()) is None
